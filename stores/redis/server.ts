import type { StoreLogger } from '../../types/store.ts'
import type { RedisClient } from './client.ts'
import type { Names } from './names.ts'
import { says } from './runner.ts'

const CLUSTER =
  'RedisStore: this server is a node of a Cluster, and the client is not: give the store a Cluster of ioredis, or a prefix with a hash tag such as {app}:'
const SILENCE =
  'the Redis client has no socketTimeout: should its connection go silent, every request fails until the operating system gives it up, which takes minutes'
const EVICTION =
  'Redis may evict what it knows of owners, and then destroyOwnedBy() misses sessions that nobody reads: set maxmemory-policy to noeviction'

/** What is looked at once of the client and the server, so that what cannot work is refused, and what may go wrong is said, before it does. */
export class ServerCheck {
  readonly #client: RedisClient
  readonly #names: Names
  #looking: Promise<void> | undefined
  #evicts = false
  /** Whether all is known. */
  isDone = false
  log: StoreLogger | undefined

  constructor(client: RedisClient, names: Names) {
    this.#client = client
    this.#names = names
  }

  /** Says what is known of the client alone. */
  attach(log: StoreLogger): void {
    this.log = log
    const { socketTimeout, redisOptions } = this.#client.options
    if ((socketTimeout ?? redisOptions?.socketTimeout) === undefined) log.warn({ store: 'RedisStore' }, SILENCE)
  }

  /** Asks the server. Rejects when the store cannot work with it, and when it cannot be reached: then the next call asks again. */
  look(): Promise<void> {
    if (this.isDone) return Promise.resolve()
    this.#looking ??= this.#ask().finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  /** To be called when owners are kept. */
  warnOfEviction(): void {
    if (!this.#evicts) return
    this.#evicts = false
    this.log?.warn({ store: 'RedisStore' }, EVICTION)
  }

  async #ask(): Promise<void> {
    // Of a Cluster one node speaks for all.
    const { redis_mode: mode, maxmemory: limit = '0', maxmemory_policy: policy } = await infoOf(this.#client)
    if (mode === 'cluster' && this.#client.isCluster !== true && !this.#names.isTagged) throw new Error(CLUSTER)
    this.#evicts = limit !== '0' && policy !== 'noeviction'
    this.isDone = true
  }
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
