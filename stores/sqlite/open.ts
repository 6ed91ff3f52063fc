import { closeSync, mkdirSync, openSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, resolve } from 'node:path'
import type { SqliteDatabase } from './client.ts'
import { isBusy, messageOf } from './errors.ts'

/** A database that the store opened itself. */
export interface OpenedDatabase extends SqliteDatabase {
  close(): unknown
}

export type DatabaseClass = new (path: string) => OpenedDatabase

/** Whether a commit waits until the disk has it (`full`), or until the operating system has (`normal`). */
export type Synchronous = 'full' | 'normal'

/** How long the opening waits for others that open the same file, in milliseconds. */
const OPEN_TIMEOUT = 10_000
const PAUSE = 5

/**
 * The driver for a path: node:sqlite where Node has it, else better-sqlite3 where it is installed. Throws an error that says what to install
 * where there is neither.
 */
export function driverFor(
  builtin: (name: string) => object | undefined = process.getBuiltinModule,
  load: (name: string) => unknown = createRequire(import.meta.url),
): DatabaseClass {
  const sqlite = builtin('node:sqlite') as { readonly DatabaseSync: DatabaseClass } | undefined
  if (sqlite !== undefined) return sqlite.DatabaseSync
  try {
    return load('better-sqlite3') as DatabaseClass
  } catch (cause) {
    const how = 'npm install better-sqlite3@12 (Node 20) or better-sqlite3, or run Node 22.13 or later'
    throw new Error(`SqliteStore: this Node has no node:sqlite, and better-sqlite3 cannot be loaded: ${how}`, { cause })
  }
}

/** Opens the file at a path, and makes it where there is none. What is made can be read by this user alone. */
export function openAt(path: string, synchronous: Synchronous): OpenedDatabase {
  // An absolute path is no URI and no name that means something to SQLite.
  const file = resolve(path)
  const Driver = driverFor()
  makeFile(file)
  const database = new Driver(file)
  try {
    configure(database, file, synchronous)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** Sets what a database of the store's own is to be like. */
export function configure(database: SqliteDatabase, file: string, synchronous: Synchronous): void {
  database.exec(`PRAGMA busy_timeout = ${OPEN_TIMEOUT}`)
  const mode = journalMode(database, file, Date.now() + OPEN_TIMEOUT)
  if (mode !== 'wal') throw new Error(noWal(file, `the journal mode stays ${mode}`))
  database.exec(`PRAGMA synchronous = ${synchronous}`)
}

/** Asks for a write-ahead log and says what there is then. SQLite does not wait when two do so at once: one of them could wait for ever. */
function journalMode(database: SqliteDatabase, file: string, until: number): unknown {
  try {
    const mode = Object(database.prepare('PRAGMA journal_mode = WAL').get())['journal_mode']
    // Some file systems refuse only its use.
    database.exec('BEGIN IMMEDIATE; COMMIT')
    return mode
  } catch (error) {
    if (!isBusy(error) || Date.now() >= until) throw new Error(noWal(file, messageOf(error)), { cause: error })
  }
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE)
  return journalMode(database, file, until)
}

function noWal(file: string, why: unknown): string {
  return `SqliteStore: ${file} cannot be used with a write-ahead log, which needs a disk of this machine, not a network file system: ${why}`
}

/** Without opening a file that is there: to close it would free the locks that this process has on it. */
function makeFile(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  try {
    closeSync(openSync(file, 'wx', 0o600))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}
