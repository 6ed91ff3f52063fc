import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { Redis } from 'ioredis'
import t from 'tap'
import { RedisStore } from '../../stores/redis.ts'
import { makeApp } from '../support/app.ts'
import { LIMIT } from '../support/limit.ts'
import { BOTH, HOUR, record, redisClient } from '../support/redis.ts'
import { call, startRedis, startRedisCluster, startReplicated, untilReplicated } from '../support/servers/redis.ts'

t.setTimeout(LIMIT)

const old = Buffer.from('old')

/** A log that keeps what it was told. */
function listen(): { log: { warn(fields: object, message: string): void }; said: string[] } {
  const said: string[] = []
  return { log: { warn: (_fields, message) => void said.push(message) }, said }
}

t.test('a client with stringNumbers does what any other does', async (t) => {
  const redis = redisClient(t, await startRedis(t), { stringNumbers: true })
  const store = new RedisStore(redis)
  const kept = record('old', 'ada')
  t.equal(await store.create('key', kept), true)
  t.strictSame(await store.find('key', BOTH), kept)
  t.equal(await store.touch('key', old, kept.expiresAt + HOUR), true)
  t.equal(await store.update('key', Buffer.from('other'), record('new')), false)
  t.equal(await store.rename('key', 'next', old, record('new', 'ada')), true)
  t.equal(await store.count(), 1)
  t.equal(await store.deleteOwnedBy('ada'), 1)
  t.equal(await store.find('next', BOTH), undefined)
})

t.test('a user who may use the prefix alone keeps sessions without owners, and is told what owners need', async (t) => {
  const server = await startRedis(t)
  await call(server.port, 'ACL', 'SETUSER', 'app', 'on', '>pw', '~scs:session:*', '+@all', '-@dangerous')
  const store = new RedisStore(redisClient(t, server, { username: 'app', password: 'pw' }))
  const { app } = await makeApp({ store, idleTimeout: '20m', touchInterval: 1 }, (site) => {
    site.post('/put', async (request) => request.session.put('n', 1))
    site.get('/get', (request) => ({ n: request.session.get('n') }))
    site.post('/renew', async (request) => request.session.renewToken())
    site.post('/out', (request) => request.session.destroy())
  })
  const { cookie } = await app.sessions.create({ user: 'ada' })
  const codes = []
  for (const url of ['/put', '/renew']) codes.push((await app.inject({ method: 'POST', url, cookies: cookie })).statusCode)
  t.strictSame(codes, [200, 200])
  const { cookie: second } = await app.sessions.create({ n: 2 })
  t.strictSame((await app.inject({ url: '/get', cookies: second })).json(), { n: 2 })
  t.equal((await app.inject({ method: 'POST', url: '/out', cookies: second })).statusCode, 200)
  t.equal(await app.sessions.count(), 1)
  await t.rejects(store.create('key', record('old', 'ada')), { message: /has no right to the keys/, cause: /NOPERM/ })
  await t.rejects(store.deleteOwnedBy('ada'), /NOPERM/)
  await call(server.port, 'ACL', 'SETUSER', 'app', '~*')
  t.equal(await store.create('key', record('old', 'ada')), true)
  t.equal((await store.find('key', BOTH))?.owner, 'ada', 'what is allowed later is used')
})

t.test('what the documentation lists is all that a user needs who keeps owners', async (t) => {
  const server = await startRedis(t)
  const allowed =
    '~scs:session:* ~{scs:session:* ~owners:* +evalsha +eval +get +set +del +exists +pexpireat +pexpiretime +time +scan +zadd +zrem +zrange'
  await call(server.port, 'ACL', 'SETUSER', 'app', 'on', '>pw', ...allowed.split(' '), '+zscore', '+zremrangebyscore', '+info')
  const store = new RedisStore(redisClient(t, server, { username: 'app', password: 'pw', enableReadyCheck: false }))
  t.equal(await store.create('key', record('old', 'ada')), true)
  t.equal(await store.touch('key', old, Date.now() + 48 * HOUR), true)
  t.equal(await store.update('key', old, record('new', 'bob')), true)
  t.equal(await store.rename('key', 'next', Buffer.from('new'), record('new', 'ada'), { key: ';trace', record: record('trace') }), true)
  t.equal((await store.find('next', BOTH))?.owner, 'ada')
  for await (const { key } of store.all()) t.equal(key, 'next')
  for await (const { key } of store.ownedBy('ada')) t.equal(key, 'next')
  t.equal(await store.deleteOwnedBy('ada'), 1)
  t.equal(await store.delete('next'), false)
})

t.test('a node of a Cluster is refused to a client that is none at the first use, unless all is in one slot', async (t) => {
  const [node] = await startRedisCluster(t, 1)
  if (node === undefined) throw new Error('there is a node')
  const redis = redisClient(t, node)
  const store = new RedisStore(redis)
  await t.rejects(store.find('key', BOTH), /the client is not a Cluster of ioredis/)
  await t.rejects(store.create('key', record('old')), /the client is not a Cluster of ioredis/)
  t.equal(await redis.dbsize(), 0)
  const tagged = new RedisStore(redis, { prefix: '{app}:' })
  t.equal(await tagged.create('key', record('old', 'ada')), true)
  t.equal(await tagged.rename('key', 'next', old, record('new', 'ada'), { key: ';trace', record: record('trace') }), true)
  t.equal(await tagged.deleteOwnedBy('ada'), 1)
})

t.test('a client that asks for a replica is refused', async (t) => {
  const replica = new Redis({ sentinels: [{ host: '127.0.0.1', port: 1 }], name: 'scs', role: 'slave', lazyConnect: true })
  t.throws(() => new RedisStore(replica), { name: 'TypeError', message: /role must be 'master'/ })
})

t.test('a server that cannot be asked at first is asked again', async (t) => {
  const redis = redisClient(t, await startRedis(t))
  let asked = 0
  const client = new Proxy(redis, {
    get(target, name) {
      if (name === 'info' && asked++ === 0) return () => Promise.reject(new Error('the connection is broken'))
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  const store = new RedisStore(client)
  await t.rejects(store.find('key', BOTH), /broken/)
  t.equal(await store.create('key', record('old')), true)
  t.equal(await store.count(), 1)
  t.equal(asked, 2)
})

t.test('a client without socketTimeout is warned of, once a manager', async (t) => {
  const server = await startRedis(t)
  for (const [options, count] of [
    [{}, 0],
    [{ socketTimeout: undefined }, 1],
  ] as const) {
    const { log, said } = listen()
    new RedisStore(redisClient(t, server, options as object)).attach({ log })
    t.equal(said.filter((message) => message.includes('socketTimeout')).length, count)
  }
})

t.test('eviction is warned of where owners are kept, once', async (t) => {
  for (const [policy, owner, count] of [
    ['noeviction', 'ada', 0],
    ['volatile-lru', undefined, 0],
    ['volatile-lru', 'ada', 1],
    ['allkeys-lru', 'ada', 1],
  ] as const) {
    const server = await startRedis(t, ['--maxmemory', '50mb', '--maxmemory-policy', policy])
    const { log, said } = listen()
    const store = new RedisStore(redisClient(t, server))
    store.attach({ log })
    await store.create('key', record('old', owner))
    await store.update('key', old, record('new', owner))
    t.equal(said.filter((message) => message.includes('maxmemory-policy')).length, count, `${policy}, ${owner}`)
  }
})

t.test('a client as documented leaves a master that was demoted behind its address: no logout fails, and none is undone', async (t) => {
  const { master, replica } = await startReplicated(t)
  let target = master.port
  const address = createServer((client) => {
    const server = connect(target, '127.0.0.1')
    for (const socket of [client, server]) socket.on('error', () => {}).on('close', () => [client, server].map((each) => each.destroy()))
    client.pipe(server).pipe(client)
  }).listen(0, '127.0.0.1')
  await once(address, 'listening')
  t.teardown(() => address.close())
  const reconnectOnError = (error: Error) => (error.message.startsWith('READONLY') ? 2 : false)
  const { port } = address.address() as AddressInfo
  const store = new RedisStore(redisClient(t, `redis://127.0.0.1:${port}`, { maxRetriesPerRequest: 1, reconnectOnError }))
  await store.create('key', record('old', 'ada'))
  await store.create('other', record('old', 'ada'))
  await untilReplicated({ master, replica })
  await call(replica.port, 'REPLICAOF', 'NO', 'ONE')
  await call(master.port, 'REPLICAOF', '127.0.0.1', replica.port)
  target = replica.port
  t.equal(await store.delete('key'), true)
  t.equal(await call(replica.port, 'EXISTS', 'scs:session:key'), 0)
  t.equal(await store.deleteOwnedBy('ada'), 1)
})
