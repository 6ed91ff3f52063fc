import type { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import type { RedisClient } from '../../stores/redis/client.ts'
import { RedisStore, type RedisStoreOptions } from '../../stores/redis.ts'
import { LIMIT } from '../support/limit.ts'
import { keysOf } from '../support/records.ts'
import { BOTH, HOUR, meddle, record, redisClient, redisStore } from '../support/redis.ts'
import { startRedis, useRedis } from '../support/servers/redis.ts'

t.setTimeout(LIMIT)

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
