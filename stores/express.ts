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
 * Sessions in any store that was made for express-session, for example for MongoDB or DynamoDB. Where there is a store of this
 * package for the database, use that one, for an express store cannot promise as much:
 *
 * - It cannot compare and swap: of two requests that change one session at once, the last one wins, and the other's changes are lost.
 * - It reads before it writes, not in one step. Within one ExpressStore the verbs on a key run one after the other. With two processes, one may
 *   write back a session that the other has just ended, so that a logout is undone; the window is as short as a write.
 * - It knows no owners: the option `owner` is refused.
 * - A store with neither `ids` nor `all` cannot list. One with `all` alone returns all its sessions at once.
 *
 * The manager warns of this once, when it starts. An express application can share the table, but it cannot use the sessions in it. The express store
 * removes expired sessions as it always does, and is closed by whoever made it. session-file-store needs the option `retries: 0`: with its default of
 * five it takes a quarter of a second to find that a session does not exist.
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
    // Without a listener an 'error' event would end the process.
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
   * Does not compare. Writes the renewal record, deletes the old key and then writes the new one: if a step fails, the user may have to log in again, but
   * the two keys never work at the same time.
   */
  rename(oldKey: string, newKey: string, _previous: Uint8Array, record: StoreRecord, trace?: StoreEntry, until?: number): Promise<boolean> {
    return this.#queue.run([oldKey, newKey], until, async () => {
      const [found, target] = await Promise.all([this.#client.get(oldKey, until), this.#client.get(newKey, until)])
      if (target !== undefined) return holds(target, record)
      if (found === undefined) return false
      if (trace) await this.#client.put(trace, until)
      const destroyed = await this.#client.destroy(oldKey, until)
      if (destroyed) await this.#client.put({ key: newKey, record }, until)
      // Another process ended the session meanwhile, so nothing may follow from it.
      else if (trace) await this.#client.destroy(trace.key, until)
      return destroyed
    })
  }

  /** Does not compare. Writes the session again, because an express store's `touch` changes an expiry that cannot be read. */
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

  /** Reads all sessions: the `length` of an express store also counts renewal records and expired sessions. */
  async count(): Promise<number> {
    let count = 0
    for await (const _ of this.all()) count++
    return count
  }

  /** Does nothing: the express store removes expired sessions itself. */
  deleteExpired(): number {
    return 0
  }

  /** Does nothing: the express store is closed by whoever made it. */
  close(): void {}
}

function checkStore(store: ExpressSessionStore): void {
  const methods = [store?.get, store?.set, store?.destroy]
  if (methods.some((method) => typeof method !== 'function')) {
    throw new TypeError('ExpressStore: the store must be an express-session store, with the methods get, set and destroy')
  }
}

function refuseOwners(): never {
  throw new Error('ExpressStore: an express-session store does not know the owner of a session')
}

function holds(found: StoreRecord, record: StoreRecord): boolean {
  return found.expiresAt === record.expiresAt && Buffer.compare(found.data, record.data) === 0
}
