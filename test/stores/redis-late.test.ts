import t from 'tap'
import { RedisStore } from '../../stores/redis.ts'
import { LIMIT } from '../support/limit.ts'
import { BOTH, record, redisClient, redisStore } from '../support/redis.ts'
import { startRedis } from '../support/servers/redis.ts'

t.setTimeout(LIMIT)

const old = Buffer.from('old')

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

t.test('so it is with the first script of a process whose clock is ahead', async (t) => {
  const server = await startRedis(t)
  const prefix = 'ahead:'
  const other = new RedisStore(redisClient(t, server), { prefix })
  await other.create('before', record('old', 'ada'))
  // The server has the script from here on.
  await other.rename('before', 'key', old, record('old', 'ada'))
  const real = Date.now
  t.teardown(() => {
    Date.now = real
  })
  Date.now = () => real() + 60_000
  const store = new RedisStore(redisClient(t, server), { prefix })
  t.ok(await store.find('key', { expiry: false, owner: false }))
  server.signal('SIGSTOP')
  const late = store.rename('key', 'new', old, record('new', 'ada'), undefined, Date.now() + 300)
  const ended = Promise.allSettled([late])
  await new Promise((resolve) => setTimeout(resolve, 600))
  server.signal('SIGCONT')
  for (const { status } of await ended) t.equal(status, 'rejected')
  t.equal(String((await store.find('key', BOTH))?.data), 'old')
})
