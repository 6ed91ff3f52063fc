import { Cluster, Redis } from 'ioredis'
import t from 'tap'
import { RedisStore } from '../../stores/redis.ts'
import { databaseOf } from '../support/faults/databases.ts'
import { type FaultProxy, startProxy } from '../support/faults/proxy.ts'
import { loseSilently, silentLoss } from '../support/faults/silence.ts'
import { LIMIT } from '../support/limit.ts'
import { redisClient } from '../support/redis.ts'
import type { Scope, Server } from '../support/servers/process.ts'
import { startRedisCluster, startSentinel } from '../support/servers/redis.ts'

t.setTimeout(LIMIT)

/** As the documentation has it. */
const SETTINGS = { socketTimeout: 3000, maxRetriesPerRequest: 1 }
const HOST = '127.0.0.1'

/** Proxies before some servers, and how a driver that learns of the servers comes to their proxies. */
async function startProxies(t: Scope, servers: readonly Server[]) {
  const proxies: FaultProxy[] = []
  const natMap: Record<string, { host: string; port: number }> = {}
  for (const { port } of servers) {
    const proxy = await startProxy(t, port)
    proxies.push(proxy)
    natMap[`${HOST}:${port}`] = { host: HOST, port: proxy.port }
  }
  return { proxies, natMap }
}

t.test('the connection goes silent in one direction or both, and none is reset', (t) =>
  silentLoss(t, databaseOf('Redis'), (t, port) => new RedisStore(redisClient(t, `redis://${HOST}:${port}`, SETTINGS))),
)

t.test('so do those of a client that asks Sentinel for the master', async (t) => {
  const { master, sentinel, name } = await startSentinel(t)
  const { proxies, natMap } = await startProxies(t, [master])
  const redis = new Redis({ sentinels: [{ host: HOST, port: sentinel.port }], name, natMap, ...SETTINGS })
  redis.on('error', () => {})
  t.teardown(() => redis.disconnect())
  await loseSilently(t, new RedisStore(redis), proxies)
})

t.test('so do those of a Cluster, to all its nodes', async (t) => {
  const { proxies, natMap } = await startProxies(t, await startRedisCluster(t))
  const cluster = new Cluster(
    proxies.map(({ port }) => ({ host: HOST, port })),
    { natMap, redisOptions: SETTINGS },
  )
  cluster.on('error', () => {})
  t.teardown(() => cluster.disconnect())
  await loseSilently(t, new RedisStore(cluster), proxies)
})
