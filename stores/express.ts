import type { FindWant, FoundRecord, SessionStore, StoreContext, StoreEntry, StoreLack, StoreLogger, StoreRecord } from '../types/store.ts'
import { ExpressClient, type ExpressSessionStore } from './express/client.ts'
import { KeyedQueue } from './express/keyed-queue.ts'
import { isRenewalRecord } from './shared/renewal-record.ts'

export type { ExpressCallback } from './express/call.ts'
export type { ExpressSessionStore } from './express/client.ts'

/** The options of an {@link ExpressStore}. */
export interface ExpressStoreOptions {
  /** The time in epoch milliseconds. Default: `Date.now`. */
  readonly clock?: () => number
}

/**
 * Sessions in any store that was made for express-session: what is there for MongoDB, DynamoDB and the rest. Where there is a store of this
 * package for the database, use that one, for an express store cannot promise as much:
 *
 * - It cannot compare and swap: of two requests that change one session at once, the last one wins, and the other's changes are lost.
 * - Whether a session lives is asked before it is written, not in the same step. Within one ExpressStore the verbs on a key take turns. Of two
 *   processes, one may write back what the other ended in between, so that a log-out is undone: the window is as short as a write.
 * - It knows no owners: the option `owner` is refused.
 * - A store with neither `ids` nor `all` cannot list. One with `all` alone gives all its sessions at once.
 *
 * The manager says so once, at its start. What is written is an express session, but not one that an express application can use: the two can
 * share a table, not a session. The express store prunes expired sessions as it always does. Whoever made it closes it. Give session-file-store
 * the option `retries: 0`: with its five it takes a quarter of a second to say that a session is not there.
 *
 * ```ts
 * const PgStore = connectPgSimple(expressSession)
 * const store = new ExpressStore(new PgStore({ pool }))
 * ```
 */
export class ExpressStore implements SessionStore {
  /** `compare` and `owner`, and `list` when the express store has neither `ids` nor `all`. */
  readonly lacks: readonly StoreLack[]
  readonly #client: ExpressClient
  readonly #queue = new KeyedQueue()
  #log: StoreLogger | undefined

  /** Throws a TypeError when `store` is not an express-session store. */
  constructor(store: ExpressSessionStore, options: ExpressStoreOptions = {}) {
    const { clock = () => Date.now() } = options
    checkStore(store)
    this.#client = new ExpressClient(store, clock)
    this.lacks = this.#client.canList ? ['compare', 'owner'] : ['compare', 'owner', 'list']
    // An 'error' that nobody listens for would end the process.
    store.on?.('error', (err) => this.#log?.warn({ err }, 'the express-session store reports an error'))
  }

  attach({ log }: StoreContext): void {
    this.#log = log
  }

  async find(key: string, _want: FindWant, until?: number): Promise<FoundRecord | undefined> {
    return this.#client.get(key, until)
  }

  create(key: string, record: StoreRecord, until?: number): Promise<boolean> {
    return this.#queue.run([key], until, async () => {
      const found = await this.#client.get(key, until)
      if (found !== undefined) return holds(found, record)
      await this.#client.put({ key, record }, until)
      return true
    })
  }

  /** Does not compare. */
  update(key: string, _previous: Uint8Array, record: StoreRecord, until?: number): Promise<boolean> {
    return this.#queue.run([key], until, async () => {
      if ((await this.#client.get(key, until)) === undefined) return false
      await this.#client.put({ key, record }, until)
      return true
    })
  }

  /**
   * Does not compare. First the trace, then the old key's end, then the new key: when it fails half-way, a user may have to log in again, but
   * no old key works beside a new one.
   */
  rename(oldKey: string, newKey: string, _previous: Uint8Array, record: StoreRecord, trace?: StoreEntry, until?: number): Promise<boolean> {
    return this.#queue.run([oldKey, newKey], until, async () => {
      const [found, target] = await Promise.all([this.#client.get(oldKey, until), this.#client.get(newKey, until)])
      if (target !== undefined) return holds(target, record)
      if (found === undefined) return false
      if (trace) await this.#client.put(trace, until)
      const isMine = await this.#client.destroy(oldKey, until)
      if (isMine) await this.#client.put({ key: newKey, record }, until)
      // Another process ended the session meanwhile: nothing may start from it.
      else if (trace) await this.#client.destroy(trace.key, until)
      return isMine
    })
  }

  /** Does not compare. It writes the session again: the `touch` of an express store moves an expiry that cannot be read back. */
  touch(key: string, _previous: Uint8Array, expiresAt: number, until?: number): Promise<boolean> {
    return this.#queue.run([key], until, async () => {
      const found = await this.#client.get(key, until)
      if (found === undefined) return false
      if (expiresAt > found.expiresAt) await this.#client.put({ key, record: { data: found.data, expiresAt } }, until)
      return true
    })
  }

  /** Does not compare. */
  delete(key: string, _previous?: Uint8Array, until?: number): Promise<boolean> {
    return this.#queue.run([key], until, async () => {
      if ((await this.#client.get(key, until)) === undefined) return false
      return this.#client.destroy(key, until)
    })
  }

  /** Throws. */
  deleteOwnedBy(): never {
    return refuseOwners()
  }

  async *all(): AsyncGenerator<StoreEntry> {
    for await (const entry of this.#client.entries()) if (!isRenewalRecord(entry.key)) yield entry
  }

  /** Throws. */
  ownedBy(): never {
    return refuseOwners()
  }

  /** Reads them all: the `length` of an express store counts traces, and sessions that have expired. */
  async count(): Promise<number> {
    let count = 0
    for await (const _ of this.all()) count++
    return count
  }

  /** Nothing: the express store prunes by itself. */
  deleteExpired(): number {
    return 0
  }

  /** There is nothing to end: the express store is closed by whoever made it. */
  close(): void {}
}

function checkStore(store: ExpressSessionStore): void {
  const methods = [store?.get, store?.set, store?.destroy]
  if (methods.some((method) => typeof method !== 'function')) {
    throw new TypeError('ExpressStore: the store must be an express-session store, with the methods get, set and destroy')
  }
}

function refuseOwners(): never {
  throw new Error('ExpressStore: an express-session store does not know whose a session is')
}

function holds(found: StoreRecord, record: StoreRecord): boolean {
  return found.expiresAt === record.expiresAt && Buffer.compare(found.data, record.data) === 0
}
