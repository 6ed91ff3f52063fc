import type { Test } from 'tap'
import type { SessionStore, StoreEntry, StoreRecord } from '../../types/store.ts'

export const HOUR = 3_600_000
/** The suite's short life, long enough for a server that is busy with thirty cases at once. */
export const SHORT_LIFE = 2500

/** A store with a table, as both SQL stores are. */
export interface TableStore extends SessionStore {
  migrate(): Promise<void>
}

/** The options that both SQL stores have. */
export interface TableOptions {
  readonly table?: string
  readonly owner?: boolean
  readonly prepare?: boolean
}

/** A pool that a test opened. */
export interface SqlTestPool {
  store(options: TableOptions): TableStore
  /** Takes a connection away; gives what gives it back. */
  take(): Promise<() => void>
  /** How many connections it has opened. */
  opened(): number
  /** How many statements the server keeps prepared for one of its connections. */
  prepared(): Promise<number>
  /** The statements sent by it since this was last called. */
  sent(): readonly string[]
}

/** A server that stands, and how its dialect and its driver differ. `%` in a statement stands for the table. */
export interface SqlTestDatabase {
  readonly name: string
  /** Opens a pool of so many connections, closed with the test. */
  pool(t: Test, size: number): SqlTestPool
  /** Opens a pool of a user who may do nothing but read and write these tables. */
  limitedPool(t: Test, tables: readonly string[]): Promise<SqlTestPool>
  /** Sends a statement and gives the rows. */
  query(sql: string, values?: readonly unknown[]): Promise<readonly (readonly unknown[])[]>
  quoted(table: string): string
  /** Locks rows of a table; gives what lets them go, after a statement when one is given. */
  lock(table: string, where: string): Promise<(last?: string) => Promise<void>>
  /** Resolves when a statement on the table waits for a lock. */
  untilWaiting(table: string): Promise<void>
  /** The table as SCS's README has it made. */
  readonly scsTable: readonly string[]
  /** What SCS sends when it commits a session (token, data, expiry), and when it looks for one (token). */
  readonly scsCommit: string
  readonly scsFind: string
  /** An expiry as SCS's driver sends it. */
  scsExpiry(moment: number): unknown
  /** The moment so many seconds from now by the server's clock. */
  readonly inSeconds: (seconds: number) => string
  /** A module that migrates a table. */
  readonly migrating: (table: string) => string
}

let tables = 0

/** A name that no other test of the same server uses. */
export function tableName(): string {
  tables++
  return `t${process.pid}_${tables}`
}

/** Makes the table that SCS makes; gives its name. */
export async function makeScsTable(database: SqlTestDatabase): Promise<string> {
  const table = tableName()
  for (const statement of database.scsTable) await database.query(statement.replaceAll('%', table))
  return table
}

export function dropTable(database: SqlTestDatabase, table: string): Promise<unknown> {
  return database.query(`DROP TABLE ${database.quoted(table)}`)
}

/** Fills a table with so many rows of the same expiry, so many seconds from now. */
export function fill(database: SqlTestDatabase, table: string, rows: number, seconds: number): Promise<unknown> {
  const values = Array.from({ length: rows }, (_, index) => `('row${index}', 'x', ${database.inSeconds(seconds)})`)
  return database.query(`INSERT INTO ${database.quoted(table)} (token, data, expiry) VALUES ${values.join(', ')}`)
}

export function bytes(text: string): Buffer {
  return Buffer.from(text)
}

export function record(text: string, expiresAt = Date.now() + HOUR, owner?: string): StoreRecord {
  return owner === undefined ? { data: bytes(text), expiresAt } : { data: bytes(text), expiresAt, owner }
}

export async function textOf(store: SessionStore, key: string): Promise<string | undefined> {
  const found = await store.find(key, { expiry: true })
  return found && String(Buffer.from(found.data))
}

export async function entriesOf(listing: AsyncIterable<StoreEntry>): Promise<StoreEntry[]> {
  const entries: StoreEntry[] = []
  for await (const entry of listing) entries.push(entry)
  return entries
}
