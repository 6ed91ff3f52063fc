import { randomUUID } from 'node:crypto'
import type { Cluster } from 'ioredis'
import type { Test } from 'tap'
import { RedisStore } from '../../stores/redis.ts'
import { clusterClient, HOUR, meddle, record } from './redis.ts'
import type { Server } from './servers/process.ts'

const old = Buffer.from('old')

export interface ClusterSite {
  readonly cluster: Cluster
  readonly prefix: string
  readonly store: RedisStore
}

/** A client of a Cluster, and names that no other test has. */
export function clusterSite(t: Test, nodes: readonly Server[]): ClusterSite {
  const cluster = clusterClient(t, nodes)
  const prefix = `${randomUUID()}:`
  return { cluster, prefix, store: new RedisStore(cluster, { prefix }) }
}

/** A rename from `old` to `new` that loses the connection at its n-th command. How many it sent, and whether it threw. */
export async function interrupted({ cluster, prefix }: ClusterSite, at: number, when: 'before' | 'after') {
  const meddled = meddle(cluster, at, when)
  const store = new RedisStore(meddled.client, { prefix })
  const next = record('new', 'ada', Date.now() + HOUR)
  const trace = { key: ';trace', record: record('trace') }
  const answer = await store.rename('old', 'new', old, next, trace).catch(() => undefined)
  await meddled.idle()
  return { answer, sent: meddled.sent(), next }
}

/** A client that knows how many scripts were with the driver at most. */
export function counting(cluster: Cluster): { client: Cluster; mostOpen: () => number } {
  let open = 0
  let most = 0
  const client = new Proxy(cluster, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      if (name !== 'evalshaBuffer') return value.bind(target)
      return (...args: unknown[]) => {
        most = Math.max(most, ++open)
        return value.apply(target, args).finally(() => open--)
      }
    },
  })
  return { client, mostOpen: () => most }
}

/** A client that does something before its n-th script. */
export function interrupting(cluster: Cluster, at: number, work: (args: unknown[]) => Promise<unknown>): Cluster {
  let seen = 0
  return new Proxy(cluster, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      return async (...args: unknown[]) => {
        if (name === 'evalshaBuffer' && ++seen === at) await work(args)
        return value.apply(target, args)
      }
    },
  })
}
