import { closeSync, mkdirSync, openSync } from 'node:fs'
// By one name: bundles often begin with an import of `dirname`.
import * as paths from 'node:path'
import type { SqliteDatabase } from './client.ts'
import { isBusy, isReadonly, messageOf, readonlyError } from './errors.ts'

/** A database that the store opened itself. */
export interface OpenedDatabase extends SqliteDatabase {
  close(): unknown
}

export type DatabaseClass = new (path: string) => OpenedDatabase

/** Whether a commit waits until the disk has it (`full`), or until the operating system has (`normal`). */
export type Synchronous = 'full' | 'normal'

/** How long to wait for other processes that open the same file, in milliseconds. */
const OPEN_TIMEOUT = 10_000
const PAUSE = 5

/**
 * The driver for a path: node:sqlite if Node has it, otherwise better-sqlite3. Throws an Error that says what to install if there is neither.
 */
export function driverFor(
  builtin: (name: string) => object | undefined = process.getBuiltinModule,
  load: (name: string) => unknown = loadDriver,
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

/** A bundle of CommonJS has a `require`, and nothing else to begin from. An ES module has none, and makes one: not by an import (see lib/data/schema.ts). */
function loadDriver(name: string): unknown {
  try {
    return require('better-sqlite3')
  } catch {
    return process.getBuiltinModule('node:module').createRequire(import.meta.url)(name)
  }
}

/** Opens the file at a path, or creates one that only this user can read. */
export function openAt(path: string, synchronous: Synchronous): OpenedDatabase {
  // SQLite takes an absolute path neither for a URI nor for a special name.
  const file = paths.resolve(path)
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

/** Sets up a database that the store opened. */
export function configure(database: SqliteDatabase, file: string, synchronous: Synchronous): void {
  database.exec(`PRAGMA busy_timeout = ${OPEN_TIMEOUT}`)
  const mode = journalMode(database, file, Date.now() + OPEN_TIMEOUT)
  if (mode !== 'wal') throw new Error(noWal(file, `the journal mode stays ${mode}`))
  database.exec(`PRAGMA synchronous = ${synchronous}`)
}

/** Asks for a write-ahead log and returns the mode that is set then. It retries by itself: SQLite does not wait when two processes ask at once. */
function journalMode(database: SqliteDatabase, file: string, until: number): unknown {
  try {
    const mode = Object(database.prepare('PRAGMA journal_mode = WAL').get())['journal_mode']
    // On some file systems only the first write fails.
    database.exec('BEGIN IMMEDIATE; COMMIT')
    return mode
  } catch (error) {
    if (isReadonly(error)) throw readonlyError(error)
    if (!isBusy(error) || Date.now() >= until) throw new Error(noWal(file, messageOf(error)), { cause: error })
  }
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE)
  return journalMode(database, file, until)
}

function noWal(file: string, why: unknown): string {
  return `SqliteStore: ${file} cannot be used with a write-ahead log, which needs a disk of this machine, not a network file system: ${why}`
}

/** Creates the file. It does not open an existing one, because closing that would release the locks that this process has on it. */
function makeFile(file: string): void {
  mkdirSync(paths.dirname(file), { recursive: true, mode: 0o700 })
  try {
    closeSync(openSync(file, 'wx', 0o600))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}
