import type { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import type { RedisClient } from '../../stores/redis/client.ts'
import { RedisStore, type RedisStoreOptions } from '../../stores/redis.ts'
import { LIMIT } from '../support/limit.ts'
import { keysOf } from '../support/records.ts'
import { indexName, meddle, record, redisClient, redisStore } from '../support/redis.ts'
import { startRedis, useRedis } from '../support/servers/redis.ts'

t.setTimeout(LIMIT)

const HOUR = 3_600_000
const DAY = 24 * HOUR
const BOTH = { expiry: true }
const old = Buffer.from('old')

async function connect(t: Test): Promise<Redis> {
  return redisClient(t, await useRedis(t))
}

t.test('the payload is the bare value under SCS’s key, with an absolute expiry in milliseconds', async (t) => {
  const redis = redisClient(t, await startRedis(t))
  const store = new RedisStore(redis)
  const kept = record('payload', 'ada')
  await store.create('key', kept)
  t.equal(await redis.get('scs:session:key'), 'payload')
  t.equal(await redis.pexpiretime('scs:session:key'), kept.expiresAt)
  // As SCS's stores for redigo and go-redis write it.
  await redis.multi().set('scs:session:theirs', 'go').pexpireat('scs:session:theirs', kept.expiresAt).exec()
  t.strictSame(await store.find('theirs', BOTH), { data: Buffer.from('go'), expiresAt: kept.expiresAt })
  t.equal(await store.update('theirs', Buffer.from('go'), record('ours')), true)
  t.equal(await redis.get('scs:session:theirs'), 'ours')
  // What is beside it has another prefix: SCS's listings see sessions alone.
  t.strictSame((await redis.keys('scs:session:*')).sort(), ['scs:session:key', 'scs:session:theirs'])
})

t.test('a verb is one round trip', async (t) => {
  const redis = await connect(t)
  const { client, commands } = meddle(redis)
  const store = redisStore(client)
  const took = async (verb: () => PromiseLike<unknown>) => {
    commands.length = 0
    await verb()
    return commands.length
  }
  const trace = { key: ';trace', record: record('trace') }
  const warm = redisStore(redis)
  await warm.create('a', record('old', 'ada'))
  await warm.touch('a', old, Date.now() + 2 * HOUR)
  await warm.rename('a', 'b', old, record('new', 'bob'), trace)
  await warm.update('b', Buffer.from('new'), record('newer'))
  await warm.find('b', BOTH)
  await warm.deleteOwnedBy('ada')
  await warm.delete('b')
  const counts = {
    create: await took(() => store.create('key', record('old', 'ada'))),
    find: await took(() => store.find('key', BOTH)),
    'find without expiry': await took(() => store.find('key', { expiry: false })),
    'find the bytes alone': await took(() => store.find('key', { expiry: false, owner: false })),
    touch: await took(() => store.touch('key', old, Date.now() + 2 * HOUR)),
    update: await took(() => store.update('key', old, record('new', 'bob'))),
    rename: await took(() => store.rename('key', 'next', Buffer.from('new'), record('newer', 'ada'), trace)),
    deleteOwnedBy: await took(() => store.deleteOwnedBy('bob')),
    delete: await took(() => store.delete('next')),
  }
  for (const [verb, count] of Object.entries(counts)) t.equal(count, 1, verb)
})

t.test('a server that does not know the scripts learns them', async (t) => {
  const redis = redisClient(t, await startRedis(t))
  const store = redisStore(redis)
  await store.create('key', record('old'))
  await redis.script('FLUSH')
  t.equal(await store.update('key', old, record('new')), true)
})

t.test('what a script throws is thrown', async (t) => {
  const redis = await connect(t)
  const store = new RedisStore(redis, { prefix: 'wrong:' })
  await redis.lpush('wrong:key', 'a list')
  t.teardown(() => redis.del('wrong:key'))
  await t.rejects(async () => store.update('key', old, record('new')), { message: /WRONGTYPE/ })
})

t.test('listings scan in steps, and KEYS is never sent', async (t) => {
  const redis = redisClient(t, await startRedis(t))
  const store = new RedisStore(redis)
  for (let i = 0; i < 1200; i++) await store.create(`key${i}`, record('data', i < 300 ? 'ada' : undefined))
  t.equal((await keysOf(store.all())).length, 1200)
  t.equal((await keysOf(store.ownedBy('ada'))).length, 300)
  t.equal(await store.count(), 1200)
  t.equal(await store.deleteOwnedBy('ada'), 300)
  const stats = await redis.info('commandstats')
  t.notMatch(stats, /cmdstat_keys/)
  t.match(stats, /cmdstat_scan/)
  t.equal(store.deleteExpired(), 0)
})

const prefixes = [
  'a:',
  'A:',
  'a:b:',
  'a*:',
  'a?:',
  'a[b]:',
  'a\\:',
  '^a:',
  'a\'b":',
  'a b:',
  'a\r\nb:',
  'a\0b:',
  '\u{1f36a}:',
  'a{b}:',
  '{a}:',
  'ab',
]

t.test('a prefix is taken literally, and two prefixes see nothing of each other', async (t) => {
  const redis = redisClient(t, await startRedis(t))
  const stores = prefixes.map((prefix) => new RedisStore(redis, { prefix }))
  for (const [i, store] of stores.entries())
    t.equal(await store.create('key', record(`data ${i}`, 'ada')), true, JSON.stringify(prefixes[i]))
  for (const [i, store] of stores.entries()) {
    const name = JSON.stringify(prefixes[i])
    t.equal(String((await store.find('key', BOTH))?.data), `data ${i}`, name)
    t.strictSame(await keysOf(store.all()), ['key'], name)
    t.strictSame(await keysOf(store.ownedBy('ada')), ['key'], name)
    t.equal(await store.count(), 1, name)
  }
  t.equal(await stores[0]?.deleteOwnedBy('ada'), 1)
  for (const store of stores.slice(1)) t.equal(await store.count(), 1)
})

t.test('what is no key of a session is refused, and what another program keeps under the prefix is left alone', async (t) => {
  const redis = await connect(t)
  const store = redisStore(redis)
  for (const key of ['', 'a b', 'a\0', 'a\r\n', 'ä', '\u{1f36a}', 'k'.repeat(44)]) {
    await t.rejects(async () => store.find(key, BOTH), RangeError, JSON.stringify(key))
    await t.rejects(async () => store.create(key, record('data')), RangeError)
    await t.rejects(async () => store.update(key, old, record('data')), RangeError)
    await t.rejects(async () => store.touch(key, old, Date.now() + HOUR), RangeError)
    await t.rejects(async () => store.rename('key', key, old, record('data')), RangeError)
    await t.rejects(async () => store.rename(key, 'key', old, record('data')), RangeError)
    await t.rejects(async () => store.delete(key), RangeError)
  }
  await t.rejects(async () => store.create('key', record('data', '\ud800')), RangeError)
  await t.rejects(async () => store.deleteOwnedBy('\ud800'), RangeError)
  t.equal(await store.count(), 0)
})

t.test('a wrong argument throws a TypeError that names it', async (t) => {
  const redis = await connect(t)
  const wrong: readonly (readonly [unknown, RedisStoreOptions, RegExp])[] = [
    [undefined, {}, /client/],
    [{}, {}, /client/],
    [redis, { prefix: '' }, /prefix/],
    [redis, { prefix: 7 as never }, /prefix/],
    [redis, { prefix: '\ud800' }, /prefix/],
    [redis, { prefix: 'owners:' }, /prefix/],
    [redis, { prefix: 'a{b:' }, /hash tag/],
    [redis, { prefix: 'a{}:' }, /hash tag/],
    [redis, { wait: { replicas: 0, timeout: 100 } }, /wait\.replicas/],
    [redis, { wait: { replicas: 1, timeout: 0.5 } }, /wait\.timeout/],
  ]
  for (const [client, options, message] of wrong) {
    t.throws(() => new RedisStore(client as RedisClient, options), { name: 'TypeError', message })
  }
})

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

t.test('what was not sent in time is not sent, and what was sent in time and arrives late is not done', async (t) => {
  const server = await startRedis(t)
  const redis = redisClient(t, server)
  const store = redisStore(redis)
  await store.create('key', record('old', 'ada'))
  await t.rejects(async () => store.delete('key', undefined, Date.now()), /ran out/)
  // The server stands still, as one that swaps or is cut off does, and goes on when nobody waits any more.
  server.signal('SIGSTOP')
  const until = Date.now() + 300
  const late = [
    store.rename('key', 'new', old, record('new', 'ada'), { key: ';trace', record: record('trace') }, until),
    store.update('key', old, record('newer'), until),
    store.delete('key', undefined, until),
    store.deleteOwnedBy('ada', undefined, until),
    store.create('other', record('data'), until),
  ]
  const ended = Promise.allSettled(late)
  await new Promise((resolve) => setTimeout(resolve, 600))
  server.signal('SIGCONT')
  for (const { status } of await ended) t.equal(status, 'rejected')
  t.equal(String((await store.find('key', BOTH))?.data), 'old')
  for (const key of ['new', ';trace', 'other']) t.equal(await store.find(key, BOTH), undefined, key)
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

t.test('a driver that gives all commands one error: it is final for an end alone', async (t) => {
  const error = new Error('Connection is closed.')
  const pipeline = () => ({ exec: () => Promise.reject(error) })
  const command = () => Promise.reject(error)
  const client = { options: {}, info: async () => '', evalshaBuffer: command, evalBuffer: command, getBuffer: command, pipeline }
  const store = new RedisStore(client as never, { wait: { replicas: 1, timeout: 10 } })
  const [ended, updated] = await Promise.all([
    store.delete('a').catch((error: unknown) => error),
    store.update('b', old, record('new')).catch((error: unknown) => error),
  ])
  t.match(ended, { final: true, message: error.message, cause: error })
  t.equal(updated, error)
  t.notOk(Object.hasOwn(error, 'final'))
})
