import { Redis } from 'ioredis'
import t from 'tap'
import { RedisStore } from '../../stores/redis.ts'
import { eventually } from '../support/faults/wait.ts'
import { LIMIT } from '../support/limit.ts'
import { record, redisClient } from '../support/redis.ts'
import { call, failOver, startReplicated, startSentinel } from '../support/servers/redis.ts'

t.setTimeout(LIMIT)

const BOTH = { expiry: true }
const WAIT = { replicas: 1, timeout: 60_000 }
const IMPATIENT = { replicas: 1, timeout: 200 }

t.test('with wait, the end of a session and its renewal are on the replica when they are answered', async (t) => {
  const { master, replica } = await startReplicated(t)
  const store = new RedisStore(redisClient(t, master), { wait: WAIT })
  const there = (key: string) => call(replica.port, 'EXISTS', `scs:session:${key}`)
  for (let i = 0; i < 50; i++) {
    await store.create('old', record('old', 'ada'))
    const trace = { key: ';trace', record: record('trace') }
    t.equal(await store.rename('old', 'new', Buffer.from('old'), record('new', 'ada'), trace), true)
    t.strictSame(await Promise.all(['old', 'new', ';trace'].map(there)), [0, 1, 1])
    t.equal(i % 2 ? Number(await store.delete('new')) : await store.deleteOwnedBy('ada'), 1)
    t.equal(await there('new'), 0)
  }
})

t.test('what no replica acknowledges: an end fails and may be tried again, a renewal stands and is warned of', async (t) => {
  const { master, replica } = await startReplicated(t)
  const store = new RedisStore(redisClient(t, master), { wait: IMPATIENT })
  const warnings: string[] = []
  store.attach({ log: { warn: (_fields, message) => void warnings.push(message) } })
  await store.create('key', record('data', 'ada'))
  await store.create('other', record('data', 'bob'))
  replica.signal('SIGSTOP')
  t.equal(await store.rename('key', 'next', Buffer.from('data'), record('new', 'ada')), true)
  t.match(warnings, [/too few replicas acknowledged a renewed session/])
  t.equal(await store.update('next', Buffer.from('new'), record('newer', 'ada')), true, 'a write is not waited for')
  await t.rejects(async () => store.delete('next'), { final: true, message: /0 of 1 replicas/ })
  await t.rejects(async () => store.deleteOwnedBy('bob'), { message: /replicas/ })
  t.equal(await store.find('next', BOTH), undefined)
  await t.rejects(async () => store.delete('next'), { message: /replicas/ }, 'as long as no replica has it')
  replica.signal('SIGCONT')
  // WAIT counts what this connection wrote, so the same call again says when the replica has caught up.
  t.equal(await eventually(async () => store.delete('next')), false)
  t.equal(await call(replica.port, 'EXISTS', 'scs:session:next'), 0)
})

t.test('a replica is no store: what it refuses is thrown', async (t) => {
  const { replica } = await startReplicated(t)
  const store = new RedisStore(redisClient(t, replica))
  await t.rejects(async () => store.create('key', record('data')), { message: /READONLY/ })
})

t.test('with Sentinel a failover leads to the new master, and sessions that were acknowledged are there', async (t) => {
  const setup = await startSentinel(t)
  const { sentinel, name } = setup
  const redis = new Redis({ sentinels: [{ host: '127.0.0.1', port: sentinel.port }], name, maxRetriesPerRequest: null })
  redis.on('error', () => {})
  t.teardown(() => redis.disconnect())
  const store = new RedisStore(redis, { wait: WAIT })
  await store.create('kept', record('old', 'ada'))
  await store.create('ended', record('data', 'ada'))
  await store.rename('kept', 'renewed', Buffer.from('old'), record('new', 'ada'))
  await store.delete('ended')
  await failOver(setup)
  t.equal(String((await store.find('renewed', BOTH))?.data), 'new')
  for (const key of ['kept', 'ended']) t.equal(await store.find(key, BOTH), undefined)
  t.equal(await new RedisStore(redis).deleteOwnedBy('ada'), 1)
})
