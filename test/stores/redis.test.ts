import { randomUUID } from 'node:crypto'
import type { RedisOptions } from 'ioredis'
import t from 'tap'
import type { ConformanceSubject } from '../../stores/conformance/index.ts'
import { type RedisClient, RedisStore } from '../../stores/redis.ts'
import { LIMIT } from '../support/limit.ts'
import { clusterClient, redisClient } from '../support/redis.ts'
import { startRedisCluster, useRedis } from '../support/servers/redis.ts'
import { conforms } from '../support/store-suite.ts'

t.setTimeout(LIMIT)

/** Stores with keys of their own, each on two connections. */
function subjects(client: RedisClient, other: RedisClient): () => ConformanceSubject {
  return () => {
    const prefix = `${randomUUID()}:`
    return { store: new RedisStore(client, { prefix }), second: () => new RedisStore(other, { prefix }) }
  }
}

t.test('on one server', { jobs: 3 }, async (t) => {
  const url = await useRedis(t)
  const clients: Record<string, Omit<RedisOptions, 'replyMapping'>> = {
    'a client as it comes': {},
    'a client that speaks RESP2, has a keyPrefix and pipelines by itself': { protocol: 2, keyPrefix: 'app:', enableAutoPipelining: true },
    'a client that speaks RESP3 and pipelines by itself': { protocol: 3, enableAutoPipelining: true },
  }
  for (const [name, options] of Object.entries(clients)) {
    void conforms(t, name, { createStore: subjects(redisClient(t, url, options), redisClient(t, url, options)) })
  }
})

t.test('on a Cluster', { jobs: 2 }, async (t) => {
  const nodes = await startRedisCluster(t)
  const clients = {
    'a client as it comes': {},
    'a client with a keyPrefix that pipelines by itself': { enableAutoPipelining: true, keyPrefix: 'app:' },
  }
  for (const [name, options] of Object.entries(clients)) {
    void conforms(t, name, { createStore: subjects(clusterClient(t, nodes, options), clusterClient(t, nodes, options)) })
  }
})
