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

/** What is known of a server before the first command. */
interface Inspection {
  /** Whether it may evict keys. */
  readonly evicts: boolean
  /** What its clock said, in epoch milliseconds; NaN if it does not say. */
  readonly time: number
}

/** Inspects the server. Rejects when the store cannot work with it or cannot reach it. */
export async function inspect(client: RedisClient, names: Names): Promise<Inspection> {
  // One node answers for a whole Cluster.
  const { redis_mode: mode, maxmemory: limit = '0', maxmemory_policy: policy, server_time_usec: microseconds } = await infoOf(client)
  if (mode === 'cluster' && client.isCluster !== true && !names.isTagged) throw new Error(CLUSTER)
  return { evicts: limit !== '0' && policy !== 'noeviction', time: Math.floor(Number(microseconds) / 1000) }
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
