import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { SqliteDatabase } from '../../stores/sqlite/client.ts'
import { SqliteStore, type SqliteStoreOptions } from '../../stores/sqlite.ts'
import type { StoreEntry, StoreRecord } from '../../types/store.ts'
import type { LocalStores } from './local-processes.ts'

/** What these helpers need of a test. tap's `t` has it. */
export interface Scope {
  teardown(work: () => unknown): unknown
}

/** A database that a test opened itself. */
export interface TestDatabase extends SqliteDatabase {
  close(): unknown
}

/** A driver: its name, and how it opens a database as its own documentation does. */
export interface Driver {
  readonly name: 'node:sqlite' | 'better-sqlite3'
  open(path: string, options?: { readonly?: boolean; timeout?: number }): TestDatabase
}

type Constructor = new (path: string, options?: object) => TestDatabase

const load = createRequire(import.meta.url)

const better: Driver = {
  name: 'better-sqlite3',
  open: (path, options = {}) => new (betterSqlite3())(path, options),
}

/** better-sqlite3, compiled into build/ when a test first asks for it. */
export function betterSqlite3(): Constructor {
  if (!installed) install()
  return load('better-sqlite3') as Constructor
}

let installed = false

/** Before anything is loaded: what is compiled for another Node could not be loaded a second time in this process. */
function install(): void {
  const script = fileURLToPath(new URL('../../../scripts/sqlite-driver.mjs', import.meta.url))
  const { NODE_OPTIONS: _, ...env } = process.env
  try {
    execFileSync(process.execPath, [script], { env, stdio: 'pipe', encoding: 'utf8' })
    installed = true
  } catch (error) {
    throw new Error((error as { stderr?: string }).stderr)
  }
}

const builtin = process.getBuiltinModule('node:sqlite') as { DatabaseSync: Constructor } | undefined

/** The drivers that this Node has. */
export const drivers: readonly Driver[] = builtin
  ? [{ name: 'node:sqlite', open: (path, { readonly = false } = {}) => new builtin.DatabaseSync(path, { readOnly: readonly }) }, better]
  : [better]

/** The driver that a store takes for a path. A process must not open a file with two. */
export const [own = better] = drivers

/** A place for a file, gone after the test. It does not exist yet. The driver that a store takes for it is there. */
export function placeFor(t: Scope, name = 'sessions.db'): string {
  if (own === better) betterSqlite3()
  const folder = mkdtempSync(join(tmpdir(), 'scs-sqlite-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, name)
}

/** A store on a path, closed after the test. */
export function sqliteStore(t: Scope, path = placeFor(t), options: SqliteStoreOptions = {}): SqliteStore {
  const store = new SqliteStore(path, options)
  t.teardown(() => store.close())
  return store
}

/** A database with a write-ahead log, closed after the test. */
export function databaseAt(t: Scope, path: string, driver = own): TestDatabase {
  const database = driver.open(path)
  t.teardown(() => database.close())
  database.exec('PRAGMA journal_mode = WAL')
  return database
}

/** The table as the README of SCS's sqlite3store has it made. */
export const SCS_TABLE = `CREATE TABLE sessions (
    token TEXT PRIMARY KEY,
    data BLOB NOT NULL,
    expiry REAL NOT NULL
  );
  CREATE INDEX sessions_expiry_idx ON sessions(expiry);`

/** The statements of SCS's sqlite3store, with the places that both drivers take. */
export const scs = {
  find: "SELECT data FROM sessions WHERE token = ? AND julianday('now') < expiry",
  commit: 'REPLACE INTO sessions (token, data, expiry) VALUES (?, ?, julianday(?))',
  delete: 'DELETE FROM sessions WHERE token = ?',
  all: "SELECT token, data FROM sessions WHERE julianday('now') < expiry",
  cleanup: "DELETE FROM sessions WHERE expiry < julianday('now')",
  /** `expiry.UTC().Format("2006-01-02T15:04:05.999")`: no zeros at the end. */
  time: (moment: number) => new Date(moment).toISOString().replace(/\.?0*Z$/, ''),
}

/** What SQLite itself finds wrong with a file. */
export function damageOf(database: SqliteDatabase): unknown[] {
  const rows = database.prepare('PRAGMA integrity_check').all() as { integrity_check: string }[]
  return rows.map((row) => row.integrity_check).filter((line) => line !== 'ok')
}

/** node:sqlite gives plain bytes: as a Buffer they can be compared with those of a record in the tests. */
function withBuffer(record: StoreRecord): StoreRecord {
  return { ...record, data: Buffer.from(record.data) }
}

export async function entriesOf(listing: AsyncIterable<StoreEntry>): Promise<StoreEntry[]> {
  const entries: StoreEntry[] = []
  for await (const { key, record } of listing) entries.push({ key, record: withBuffer(record) })
  return entries.sort((a, b) => (a.key < b.key ? -1 : 1))
}

/** The stores of this kind, for what several kinds share. */
export const sqliteStores: LocalStores = {
  kind: 'sqlite',
  path: placeFor,
  open: sqliteStore,
  damage: (t, path) => damageOf(databaseAt(t, path)),
}
