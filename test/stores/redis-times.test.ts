import type { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { RedisStore } from '../../stores/redis.ts'
import { LIMIT } from '../support/limit.ts'
import { keysOf } from '../support/records.ts'
import { BOTH, DAY, HOUR, indexName, record, redisClient, redisStore } from '../support/redis.ts'
import { startRedis, useRedis } from '../support/servers/redis.ts'

t.setTimeout(LIMIT)

const old = Buffer.from('old')

async function connect(t: Test): Promise<Redis> {
  return redisClient(t, await useRedis(t))
}

t.test('the index of an owner outlives every touch, and what has expired leaves it', async (t) => {
  const redis = await connect(t)
  const store = new RedisStore(redis, { prefix: 'index:' })
  const index = indexName('index:', 'ada')
  t.teardown(() => redis.del(index))
  let expiresAt = Date.now() + HOUR
  await store.create('key', record('old', 'ada', expiresAt))
  for (let i = 0; i < 3; i++) {
    expiresAt += DAY
    t.equal(await store.touch('key', old, expiresAt), true)
    t.ok(Number(await redis.zscore(index, 'key')) > expiresAt)
    t.ok((await redis.pexpiretime(index)) > expiresAt)
  }
  await redis.zadd(index, Date.now() - 1, 'long-gone')
  t.strictSame(await keysOf(store.ownedBy('ada')), ['key'])
  t.strictSame(await redis.zrange(index, '0', '-1'), ['key'])
  // Somebody who keeps no owners changed nothing but the session.
  await redis.del('index:key')
  t.strictSame(await keysOf(store.ownedBy('ada')), [])
  t.equal(await store.deleteOwnedBy('ada'), 0)
  t.equal(await redis.exists(index), 0)
})

t.test('a payload that somebody left without an end is found as one, and the next touch gives it one', async (t) => {
  const redis = await connect(t)
  const store = new RedisStore(redis, { prefix: 'endless:' })
  await store.create('key', record('old', 'ada'))
  await redis.persist('endless:key')
  t.strictSame(await store.find('key', BOTH), { data: old, owner: 'ada' })
  for await (const { record } of store.all()) t.equal(record.expiresAt, Number.POSITIVE_INFINITY)
  t.equal(await store.touch('key', old, Date.now() - 1), true, 'a moment that has passed ends nothing')
  const expiresAt = Date.now() + HOUR
  t.equal(await store.touch('key', old, expiresAt), true)
  t.equal((await store.find('key', BOTH))?.expiresAt, expiresAt)
  await store.delete('key')
})

t.test('a clock that differs from the server’s by five minutes changes nothing', async (t) => {
  const redis = await connect(t)
  const real = Date.now
  t.teardown(() => {
    Date.now = real
  })
  for (const skew of [-300_000, 300_000]) {
    const store = redisStore(redis)
    Date.now = () => real() + skew
    const until = () => Date.now() + 120_000
    t.equal(await store.create('key', record('old', 'ada'), until()), true)
    t.equal(await store.update('key', old, record('new', 'ada'), until()), true)
    t.ok(await store.find('key', BOTH, until()))
    t.equal(await store.rename('key', 'next', Buffer.from('new'), record('newer'), undefined, until()), true)
    t.equal(await store.delete('next', undefined, until()), true)
    // The clock of the node is set right while it runs.
    Date.now = real
    t.equal(await store.create('key', record('old'), until()), true)
    Date.now = () => real() - skew
    t.equal(await store.delete('key', undefined, until()), true)
    Date.now = real
  }
})

t.test('a moment with parts of a millisecond is taken for the millisecond', async (t) => {
  const store = redisStore(await connect(t))
  const expiresAt = Date.now() + HOUR
  await store.create('key', record('old', 'ada', expiresAt + 0.7))
  t.equal(await store.touch('key', old, expiresAt + 1.5), true)
  t.equal(
    await store.rename('key', 'next', old, record('new', 'ada', expiresAt + 2.9), {
      key: ';trace',
      record: record('trace', 'no', expiresAt + 0.1),
    }),
    true,
  )
  t.strictSame(await store.find('next', BOTH), { data: Buffer.from('new'), expiresAt: expiresAt + 2, owner: 'ada' })
})

t.test('what is beside a payload that Go prolonged follows it with the next touch', async (t) => {
  const redis = await connect(t)
  const store = new RedisStore(redis, { prefix: 'prolonged:' })
  await store.create('key', record('old', 'ada'))
  const later = Date.now() + 3 * DAY
  await redis.multi().set('prolonged:key', 'old').pexpireat('prolonged:key', later).exec()
  t.equal(await store.touch('key', old, Date.now() + 2 * HOUR), true)
  t.equal(await redis.pexpiretime('{prolonged:key}:owner'), later)
  t.equal((await store.find('key', BOTH))?.expiresAt, later)
  t.equal(await store.deleteOwnedBy('ada'), 1)
})

t.test('a server without memory to spare refuses a session with an owner as it does any other', async (t) => {
  const redis = redisClient(t, await startRedis(t, ['--maxmemory', '3mb', '--maxmemory-policy', 'noeviction']))
  const store = new RedisStore(redis)
  const data = 'x'.repeat(20_000)
  let refused = 0
  for (let i = 0; i < 300 && refused === 0; i++) {
    await store.create(`key${i}`, record(data, 'ada')).catch((error: Error) => {
      t.match(error.message, /OOM/)
      refused++
    })
  }
  t.equal(refused, 1)
})

t.test('a command that was held up does not make the server wait longer with the next', async (t) => {
  const server = await startRedis(t)
  const store = redisStore(redisClient(t, server))
  await store.create('key', record('old'))
  /** Sends while the server stands still, and lets it go on after so many milliseconds. */
  const heldUp = async <T>(send: () => Promise<T>, milliseconds: number): Promise<T> => {
    server.signal('SIGSTOP')
    const answer = send()
    answer.catch(() => {})
    await new Promise((resolve) => setTimeout(resolve, milliseconds))
    server.signal('SIGCONT')
    return await answer
  }
  await heldUp(() => store.find('key', BOTH), 2000)
  await t.rejects(
    heldUp(() => store.create('late', record('data'), Date.now() + 200), 1000),
    { message: /ran out/ },
  )
  t.equal(await store.find('late', BOTH), undefined)
})

t.test('with wait, an end whose answer is lost is a failure that no look mends', async (t) => {
  const server = await startRedis(t)
  const redis = redisClient(t, server)
  const store = redisStore(redis, { wait: { replicas: 1, timeout: 100 } })
  await store.create('key', record('old'))
  server.signal('SIGSTOP')
  const ending = store.delete('key').catch((error: unknown) => error)
  redis.disconnect()
  t.match(await ending, { final: true })
  server.signal('SIGCONT')
})

t.test('an expiry that is no moment is refused before anything is sent', async (t) => {
  const redis = redisClient(t, await startRedis(t))
  const store = new RedisStore(redis)
  await store.create('old', record('old', 'ada'))
  for (const expiresAt of [Number.NaN, Number.POSITIVE_INFINITY, 1e19]) {
    const wrong = { ...record('new', 'ada'), expiresAt }
    for (const verb of [
      () => store.create('new', wrong),
      () => store.update('old', old, wrong),
      () => store.rename('old', 'new', old, wrong),
      () => store.rename('old', 'new', old, record('new', 'ada'), { key: ';trace', record: wrong }),
      () => store.touch('old', old, expiresAt),
    ])
      await t.rejects(verb, RangeError)
  }
  t.ok(await store.find('old', BOTH), 'a renewal that fails ends nothing')
  t.strictSame(await redis.zrange(indexName('scs:session:', 'ada'), '0', '-1'), ['old'])
  for (const expiresAt of [-HOUR, Number.NEGATIVE_INFINITY]) t.equal(await store.create('dead', { ...record('x'), expiresAt }), true)
  t.equal(await store.find('dead', BOTH), undefined)
})
