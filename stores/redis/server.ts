import type { StoreLogger } from '../../types/store.ts'
import type { RedisClient } from './client.ts'
import type { Names } from './names.ts'

const CLUSTER =
  'RedisStore: this server is a node of a Cluster, and the client is not: give the store a Cluster of ioredis, or a prefix with a hash tag such as {app}:'
const SILENCE =
  'the Redis client has no socketTimeout: should its connection go silent, every request fails until the operating system gives it up, which takes minutes'

/** Says what is known of the client alone. */
export function warnOfSilence({ options }: RedisClient, log: StoreLogger): void {
  const { socketTimeout, redisOptions } = options
  if ((socketTimeout ?? redisOptions?.socketTimeout) === undefined) log.warn({ store: 'RedisStore' }, SILENCE)
}

/** Asks the server whether it may evict sessions. Rejects when the store cannot work with it, and when it cannot be reached. */
export async function mayEvict(client: RedisClient, names: Names): Promise<boolean> {
  // Of a Cluster one node speaks for all.
  const { redis_mode: mode, maxmemory: limit = '0', maxmemory_policy: policy } = await infoOf(client)
  if (mode === 'cluster' && client.isCluster !== true && !names.isTagged) throw new Error(CLUSTER)
  return limit !== '0' && policy !== 'noeviction'
}

/** What a server says of itself; nothing when its user may not ask. */
async function infoOf(client: RedisClient): Promise<Readonly<Record<string, string>>> {
  try {
    const text = (await client.info?.()) ?? ''
    return Object.fromEntries(text.split('\r\n').map((line) => line.split(':')))
  } catch (error) {
    if (says(error, 'NOPERM')) return {}
    throw error
  }
}

/** Whether an error is one of these of the server's. */
export function says(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && codes.some((code) => error.message.startsWith(code))
}
