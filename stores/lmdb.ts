import { setImmediate as turn } from 'node:timers/promises'
import type { Answer, FoundRecord, SessionStore, StoreEntry, StoreRecord } from '../types/store.ts'
import type { LmdbEnvironment } from './lmdb/client.ts'
import { checkedRow, toCreate, toDelete, toDeleteOwnedBy, toRename, toTouch, toUpdate, type Verb } from './lmdb/decisions.ts'
import { type Lease, leaseFor } from './lmdb/environment.ts'
import type { Row } from './lmdb/row.ts'
import { Tables } from './lmdb/tables.ts'
import { Writer } from './lmdb/writer.ts'
import { isRenewalRecord } from './shared/renewal-record.ts'
import { checkedKey, checkedOwner } from './shared/text.ts'
import { walkOwned } from './shared/walk-owned.ts'

export type { LmdbDatabase, LmdbEnvironment, LmdbRange } from './lmdb/client.ts'
/** For the command line, which only looks. @internal */
export { leaseFor } from './lmdb/environment.ts'

/** The options of an {@link LmdbStore}. */
export interface LmdbStoreOptions {
  /** The time in epoch milliseconds. Default: `Date.now`. The clocks of several processes on one environment must agree. */
  readonly clock?: () => number
  /**
   * Names the store within its environment: letters, digits, `-` and `_`, at most 64. Stores with different names never see each other.
   * Default: `'sessions'`.
   */
  readonly name?: string
}

const NAME = /^[\w-]{1,64}$/
const PAGE = 100

/**
 * Sessions on the disk of this machine, with LMDB. They survive a restart and a crash, and several processes can use them at once. Reads answer
 * at once. A write resolves when it is on the disk; all writes that come during a commit share the next one.
 *
 * Given a path, the store opens the environment there, and `close()` closes it. The path is a folder, or a file if its name has an extension; only this
 * user can read what the store creates. Several stores with the same path share the environment. An environment that is already open stays open.
 *
 * A closed store throws at every call, so each manager needs its own store. A process that opens an environment itself must give the store that environment
 * and not its path: to write in both would be a deadlock. A write runs in this thread while it holds LMDB's lock, so a process that blocks its event loop
 * delays the writes of the others. Network file systems do not work: LMDB locks and maps its file.
 */
export class LmdbStore implements SessionStore {
  readonly cleanupInterval = 60_000
  /** Blocks the event loop for about four milliseconds among a million sessions. */
  readonly cleanupBatch = 200
  readonly #lease: Lease
  readonly #isOpenedHere: boolean
  readonly #tables: Tables
  readonly #writer: Writer
  #closing: Promise<void> | undefined

  /**
   * Throws a TypeError when an argument is wrong or the file is another program's, and LMDB's error when the environment cannot be opened. An open
   * environment must have been opened with `overlappingSync: false`, so that whatever can be read is on the disk.
   */
  constructor(pathOrEnvironment: string | LmdbEnvironment, options: LmdbStoreOptions = {}) {
    const { clock = () => Date.now(), name = 'sessions' } = options
    if (typeof name !== 'string' || !NAME.test(name))
      throw new TypeError('LmdbStore: the option name must be 1 to 64 of A-Z, a-z, 0-9, - and _')
    this.#isOpenedHere = typeof pathOrEnvironment === 'string'
    this.#lease = leaseFor(pathOrEnvironment)
    this.#tables = this.#openTables(name, clock)
    this.#writer = new Writer(this.#lease.environment)
  }

  find(key: string): FoundRecord | undefined {
    return this.#latest().living(checkedKey(key))?.record
  }

  create(key: string, record: StoreRecord, until?: number): Answer<boolean> {
    return this.#decide(toCreate(checkedRow(key, record)), until)
  }

  update(key: string, previous: Uint8Array, record: StoreRecord, until?: number): Answer<boolean> {
    return this.#decide(toUpdate(previous, checkedRow(key, record)), until)
  }

  rename(oldKey: string, newKey: string, previous: Uint8Array, record: StoreRecord, trace?: StoreEntry, until?: number): Answer<boolean> {
    const left = trace && checkedRow(trace.key, trace.record)
    return this.#decide(toRename(checkedKey(oldKey), previous, checkedRow(newKey, record), left), until)
  }

  touch(key: string, previous: Uint8Array, expiresAt: number, until?: number): Answer<boolean> {
    return this.#decide(toTouch(checkedKey(key), previous, expiresAt), until)
  }

  delete(key: string, previous?: Uint8Array, until?: number): Answer<boolean> {
    return this.#decide(toDelete(checkedKey(key), previous), until)
  }

  deleteOwnedBy(owner: string, exceptKey?: string, until?: number): Answer<number> {
    return this.#decide(toDeleteOwnedBy(checkedOwner(owner), exceptKey), until)
  }

  /** Each page is read at one moment, and no transaction stays open in between: it would make the file grow while somebody lists slowly. */
  async *all(): AsyncGenerator<StoreEntry> {
    for (let after: string | undefined = ''; after !== undefined; await turn()) {
      const { rows, next }: { rows: Row[]; next: string | undefined } = this.#latest().page(after, PAGE)
      for (const row of rows) if (!isRenewalRecord(row.key) && this.#tables.lives(row)) yield toEntry(row)
      after = next
    }
  }

  async *ownedBy(owner: string): AsyncGenerator<StoreEntry> {
    checkedOwner(owner)
    yield* walkOwned(
      () => this.#latest().keysOf(owner),
      (keys) => this.#latest().owned(owner, keys).map(toEntry),
    )
  }

  count(): number {
    return this.#latest().count()
  }

  deleteExpired(limit: number): Answer<number> {
    const tables = this.#latest()
    // A process that was killed while reading still holds its old snapshot, and the file would grow until that is released.
    this.#lease.environment.readerCheck()
    if (!tables.hasExpired()) return 0
    return this.#writer.write(() => this.#tables.removeExpired(limit))
  }

  /** Waits for the writes that are under way. A store that was given a path throws at every call from then on. */
  close(): Promise<void> {
    this.#closing ??= this.#writer.settled().then(() => this.#lease.release())
    return this.#closing
  }

  /**
   * Decides on what can be read now, which is on the disk. If something must be written, decides again within the transaction of the write. So a verb that
   * writes nothing does not wait for the disk.
   */
  #decide<T>(verb: Verb<T>, until: number | undefined): Answer<T> {
    const { answer, change } = verb(this.#latest())
    if (change === undefined) return answer
    return this.#writer.write(() => {
      const decision = verb(this.#tables)
      decision.change?.()
      return decision.answer
    }, until)
  }

  #latest(): Tables {
    if (this.#isOpenedHere && this.#closing !== undefined) throw new Error('LmdbStore: the store is closed')
    this.#tables.refresh()
    return this.#tables
  }

  #openTables(name: string, clock: () => number): Tables {
    try {
      return new Tables(this.#lease.environment, name, clock)
    } catch (error) {
      void this.#lease.release()
      throw error
    }
  }
}

function toEntry({ key, record }: Row): StoreEntry {
  return { key, record }
}
