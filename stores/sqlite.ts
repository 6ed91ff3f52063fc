import { setImmediate as turn } from 'node:timers/promises'
import type { Answer, FindWant, FoundRecord, SessionStore, StoreContext, StoreEntry, StoreLack, StoreRecord } from '../types/store.ts'
import { checkedExpiry, checkedKey, checkedOwner, NO_OWNER_COLUMN } from './shared/text.ts'
import { walkOwned } from './shared/walk-owned.ts'
import type { SqliteDatabase } from './sqlite/client.ts'
import { type DatabaseHandle, openDatabase } from './sqlite/database.ts'
import { checkedTable, migrate } from './sqlite/migrate.ts'
import { readFrom } from './sqlite/reader.ts'
import { rowOf, Table } from './sqlite/table.ts'
import { Writer } from './sqlite/writer.ts'

export type { SqliteDatabase, SqliteStatement, SqliteValue } from './sqlite/client.ts'
/** For the command line, which only looks. @internal */
export { driverFor } from './sqlite/open.ts'

/** The options of a {@link SqliteStore}. */
export interface SqliteStoreOptions {
  /**
   * The table: a letter or `_`, then letters, digits, `_` or `$`, at most 48 characters. SQLite takes `Sessions` and `sessions` for the same.
   * Default: `'sessions'`, as in SCS.
   */
  readonly table?: string
  /** Whether the table has the column `owner`. Default: true. The store warns once where the column is missing. */
  readonly owner?: boolean
  /**
   * With a path only. `'full'`: an answered write is on the disk. `'normal'`: it survives the end of the process, but a power cut can undo the
   * latest ones, so that a user who has logged out is logged in again. Default: `'full'`.
   */
  readonly synchronous?: 'full' | 'normal'
  /** The time in epoch milliseconds. Default: `Date.now`. The clocks of several processes on one file must agree. */
  readonly clock?: () => number
}

const PAGE = 100

/**
 * Sessions in a SQLite file on this machine, in the table of SCS's sqlite3store with one more column, `owner`, which may be null. They survive a restart
 * and a crash. Several processes can use them at once, Go's SCS among them.
 *
 * Given a path, the store opens the file with node:sqlite (Node 22.13 or later) or better-sqlite3, turns the write-ahead log on and creates the table if
 * there is none; `close()` closes the file. Given an open database of one of the two drivers, the store does not change its settings and does not close
 * it, and `migrate()` creates the table.
 *
 * Both drivers work in this thread: a write blocks the event loop until it is on the disk. All writes of one turn of the event loop share a
 * transaction. While another process has the lock, nothing is blocked: the writes wait and are tried again until their time is up.
 */
export class SqliteStore implements SessionStore {
  /** Five minutes, as in SCS. */
  readonly cleanupInterval = 300_000
  /** Each batch blocks the event loop for some ten milliseconds. */
  readonly cleanupBatch = 100
  readonly #database: DatabaseHandle
  readonly #table: Table
  readonly #writer: Writer
  readonly #migrate: () => void
  #closing: Promise<void> | undefined

  /**
   * Throws a TypeError when an argument is wrong or the database is read-only or not in UTF-8, and an Error that says what to do when the table is
   * another program's, no driver can be loaded, or SQLite cannot work on the file system.
   */
  constructor(pathOrDatabase: string | SqliteDatabase, options: SqliteStoreOptions = {}) {
    const { table = 'sessions', owner = true, clock = () => Date.now(), synchronous } = options
    if (typeof owner !== 'boolean') throw new TypeError('SqliteStore: the option owner must be true or false')
    const name = checkedTable(table)
    this.#database = openDatabase(pathOrDatabase, { table: name, owner, synchronous })
    const { connection } = this.#database
    this.#table = new Table(connection, name, owner, clock)
    this.#writer = new Writer(connection)
    this.#migrate = () => migrate(connection, name, owner)
  }

  /** `['owner']` where the table has no owner column. */
  get lacks(): readonly StoreLack[] {
    return this.#table.keepsOwner() ? [] : ['owner']
  }

  attach({ log }: StoreContext): void {
    if (this.#table.isOwnerMissing()) log.warn({ store: 'SqliteStore' }, NO_OWNER_COLUMN)
  }

  /**
   * Creates the table if there is none, and whatever columns, indexes and trigger are missing; an SCS table keeps its rows. Several processes may
   * call it at once.
   */
  async migrate(): Promise<void> {
    await this.#write(this.#migrate, undefined)
  }

  find(key: string, _want: FindWant, until?: number): Answer<FoundRecord | undefined> {
    checkedKey(key)
    return this.#read(() => this.#table.find(key), until)
  }

  create(key: string, record: StoreRecord, until?: number): Promise<boolean> {
    const row = rowOf(key, record)
    return this.#write(() => this.#table.create(row), until)
  }

  update(key: string, previous: Uint8Array, record: StoreRecord, until?: number): Promise<boolean> {
    const row = rowOf(key, record)
    const loaded = Buffer.from(previous)
    return this.#write(() => this.#table.update(loaded, row), until)
  }

  rename(oldKey: string, newKey: string, previous: Uint8Array, record: StoreRecord, trace?: StoreEntry, until?: number): Promise<boolean> {
    const row = rowOf(newKey, record)
    const left = trace && rowOf(trace.key, trace.record)
    const [old, loaded] = [checkedKey(oldKey), Buffer.from(previous)]
    return this.#write(() => this.#table.rename(old, loaded, row, left), until)
  }

  touch(key: string, previous: Uint8Array, expiresAt: number, until?: number): Promise<boolean> {
    const [checked, loaded, expiry] = [checkedKey(key), Buffer.from(previous), checkedExpiry(expiresAt)]
    return this.#write(() => this.#table.touch(checked, loaded, expiry), until)
  }

  delete(key: string, previous?: Uint8Array, until?: number): Promise<boolean> {
    const [checked, loaded] = [checkedKey(key), previous && Buffer.from(previous)]
    return this.#write(() => this.#table.delete(checked, loaded), until)
  }

  deleteOwnedBy(owner: string, exceptKey?: string, until?: number): Promise<number> {
    // No key is empty.
    const except = exceptKey === undefined ? '' : checkedKey(exceptKey)
    const checked = checkedOwner(owner)
    return this.#write(() => this.#table.deleteOwnedBy(checked, except), until)
  }

  /** Each page is read at one moment, and no transaction stays open in between. */
  async *all(): AsyncGenerator<StoreEntry> {
    for (let after: string | undefined = ''; after !== undefined; await turn()) {
      const from: string = after
      const { entries, next } = await this.#read(() => this.#table.page(from, PAGE))
      yield* entries
      after = next
    }
  }

  ownedBy(owner: string): AsyncGenerator<StoreEntry> {
    checkedOwner(owner)
    return walkOwned(
      () => this.#read(() => this.#table.ownedKeys(owner)),
      (keys) => this.#read(() => this.#table.owned(owner, keys)),
    )
  }

  count(): Answer<number> {
    return this.#read(() => this.#table.count())
  }

  /** Throws a RangeError when `limit` is not a positive whole number. */
  deleteExpired(limit: number): Promise<number> {
    if (!Number.isSafeInteger(limit) || limit < 1) throw new RangeError('SqliteStore: the limit must be a positive whole number')
    return this.#write(() => this.#table.deleteExpired(limit), undefined)
  }

  /** Waits for the writes that are under way. A store that was given a path throws at every call from then on. */
  close(): Promise<void> {
    this.#closing ??= this.#writer.settled().then(() => this.#database.close())
    return this.#closing
  }

  #write<T>(change: () => T, until: number | undefined): Promise<T> {
    this.#checkOpen()
    return this.#writer.write(change, until)
  }

  #read<T>(read: () => T, until?: number): Answer<T> {
    this.#checkOpen()
    return readFrom(this.#database.connection, read, until)
  }

  #checkOpen(): void {
    if (this.#database.isOpenedHere && this.#closing !== undefined) throw new Error('SqliteStore: the store is closed')
  }
}
