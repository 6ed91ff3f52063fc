import type { RedisOptions } from 'ioredis'
import t from 'tap'
import { LIMIT } from '../support/limit.ts'
import { clusterClient, redisClient, redisStore } from '../support/redis.ts'
import { startRedisCluster, useRedis } from '../support/servers/redis.ts'
import { conforms } from '../support/store-suite.ts'

t.setTimeout(LIMIT)

t.test('on one server', { jobs: 3 }, async (t) => {
  const url = await useRedis(t)
  const clients: Record<string, Omit<RedisOptions, 'replyMapping'>> = {
    'a client as it comes': {},
    'a client that speaks RESP2, has a keyPrefix and pipelines by itself': { protocol: 2, keyPrefix: 'app:', enableAutoPipelining: true },
    'a client that speaks RESP3 and pipelines by itself': { protocol: 3, enableAutoPipelining: true },
  }
  for (const [name, options] of Object.entries(clients)) {
    const redis = redisClient(t, url, options)
    void conforms(t, name, { createStore: () => ({ store: redisStore(redis) }) })
  }
})

t.test('on a Cluster', { jobs: 2 }, async (t) => {
  const nodes = await startRedisCluster(t)
  const clients = {
    'a client as it comes': {},
    'a client with a keyPrefix that pipelines by itself': { enableAutoPipelining: true, keyPrefix: 'app:' },
  }
  for (const [name, options] of Object.entries(clients)) {
    const cluster = clusterClient(t, nodes, options)
    void conforms(t, name, { createStore: () => ({ store: redisStore(cluster) }) })
  }
})
