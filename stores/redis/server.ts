import type { StoreLogger } from '../../types/store.ts'
import type { RedisClient } from './client.ts'
import type { Names } from './names.ts'

const CLUSTER =
  'RedisStore: this server is a node of a Cluster, but the client is not a Cluster of ioredis: use one, or a prefix with a hash tag such as {app}:'
const SILENCE =
  'the Redis client has no socketTimeout: if its connection goes silent, every request fails until the operating system gives it up, which takes minutes'

/** Warns of a client whose connection may go silent unnoticed. */
export function warnOfSilence({ options }: RedisClient, log: StoreLogger): void {
  const { socketTimeout, redisOptions } = options
  if ((socketTimeout ?? redisOptions?.socketTimeout) === undefined) log.warn({ store: 'RedisStore' }, SILENCE)
}

/** Whether the server may evict keys. Rejects when the store cannot work with the server or cannot reach it. */
export async function mayEvict(client: RedisClient, names: Names): Promise<boolean> {
  // One node answers for a whole Cluster.
  const { redis_mode: mode, maxmemory: limit = '0', maxmemory_policy: policy } = await infoOf(client)
  if (mode === 'cluster' && client.isCluster !== true && !names.isTagged) throw new Error(CLUSTER)
  return limit !== '0' && policy !== 'noeviction'
}

/** The lines of INFO; none if the user has no right to it. */
async function infoOf(client: RedisClient): Promise<Readonly<Record<string, string>>> {
  try {
    const text = (await client.info?.()) ?? ''
    return Object.fromEntries(text.split('\r\n').map((line) => line.split(':')))
  } catch (error) {
    if (says(error, 'NOPERM')) return {}
    throw error
  }
}

/** Whether an error is one of these errors of the server. */
export function says(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && codes.some((code) => error.message.startsWith(code))
}
