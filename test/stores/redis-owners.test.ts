import t from 'tap'
import { RedisStore } from '../../stores/redis.ts'
import { makeApp } from '../support/app.ts'
import { LIMIT } from '../support/limit.ts'
import { indexName, record, redisClient } from '../support/redis.ts'
import { startRedis } from '../support/servers/redis.ts'

t.setTimeout(LIMIT)

t.test('an index that was evicted is there again once a session of it was read', async (t) => {
  const redis = redisClient(t, await startRedis(t))
  const store = new RedisStore(redis)
  const index = indexName('scs:session:', 'ada')
  for (const want of [{ expiry: true }, { expiry: false }]) {
    await store.create('key', record('old', 'ada'))
    await redis.del(index)
    await store.find('key', { ...want, owner: true })
    t.equal(await redis.exists(index), 1)
    t.equal(await store.deleteOwnedBy('ada'), 1)
  }
  const { app } = await makeApp({ store, owner: 'user' }, (site) => {
    site.get('/', (request) => ({ user: request.session.get('user') }))
  })
  const { cookie } = await app.sessions.create({ user: 'ada' })
  await redis.del(index)
  await app.inject({ url: '/', cookies: cookie })
  t.equal(await app.sessions.destroyOwnedBy('ada'), 1)
})

t.test('no owner stands in the name of a key', async (t) => {
  const redis = redisClient(t, await startRedis(t))
  await new RedisStore(redis).create('key', record('old', 'ada@example.com'))
  for (const name of await redis.keys('*')) t.notMatch(name, /ada/)
})

t.test('on a server that is full a read whose touch is due is answered, with an owner too', async (t) => {
  const server = await startRedis(t, ['--maxmemory', '5mb', '--maxmemory-policy', 'noeviction'])
  const redis = redisClient(t, server)
  const { app } = await makeApp({ store: new RedisStore(redis), owner: 'user', idleTimeout: '20m', touchInterval: 1 }, (site) => {
    site.get('/me', (request) => ({ user: request.session.get('user') }))
    site.post('/out', (request) => request.session.destroy())
  })
  const { cookie } = await app.sessions.create({ user: 'ada' })
  await t.rejects(async () => {
    for (let i = 0; ; i++) await redis.set(`fill:${i}`, 'x'.repeat(2000))
  }, /OOM/)
  await new Promise((resolve) => setTimeout(resolve, 5))
  const reply = await app.inject({ url: '/me', cookies: cookie })
  t.equal(reply.statusCode, 200, reply.body)
  t.equal((await app.inject({ method: 'POST', url: '/out', cookies: cookie })).statusCode, 200)
})

t.test('the sessions of an owner who has many are ended in pieces, and each of them is', async (t) => {
  const redis = redisClient(t, await startRedis(t))
  const store = new RedisStore(redis)
  for (let i = 0; i < 2500; i += 500)
    await Promise.all(Array.from({ length: 500 }, (_, j) => store.create(`k${i + j}`, record('data', 'ada'))))
  await store.create('other', record('data', 'bob'))
  await redis.config('RESETSTAT')
  t.equal(await store.deleteOwnedBy('ada', 'k7'), 2499)
  t.equal(await store.count(), 2)
  const stats = await redis.info('commandstats')
  t.equal(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1], '4')
  t.equal(await store.deleteOwnedBy('ada'), 1)
})
