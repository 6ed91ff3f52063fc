import type { FinalError } from '../../types/store.ts'

/** How long a call without `until` waits for a lock, in milliseconds. */
export const LOCK_TIMEOUT = 5000
const MAX_PAUSE = 16

/** How long to wait before the next try, in milliseconds. It is random, so that two processes that met once do not meet again. */
export function backoff(tries: number): number {
  return Math.random() * Math.min(MAX_PAUSE, 2 ** tries)
}

/** Thrown when the time was up before the database was free. Nothing was written, so the manager need not look whether it was. */
export class LockedError extends Error implements FinalError {
  override readonly name = 'LockedError'
  readonly final = true

  constructor(cause: unknown) {
    super('SqliteStore: nothing was done, because the database was not free before the time was up', { cause })
  }
}

/** Result codes of SQLite: https://www.sqlite.org/rescode.html */
const CODES = { SQLITE_BUSY: 5, SQLITE_READONLY: 8 }

/** Whether another process has the lock, or the application is in a transaction of its own on the same connection. */
export function isBusy(error: unknown): boolean {
  return isCode(error, 'SQLITE_BUSY') || messageOf(error) === 'cannot start a transaction within a transaction'
}

export function isReadonly(error: unknown): boolean {
  return isCode(error, 'SQLITE_READONLY')
}

/** Thrown for a database that can only be read. */
export function readonlyError(cause: unknown): TypeError {
  return new TypeError('SqliteStore: the database is read-only, but sessions must be written', { cause })
}

export function messageOf(error: unknown): unknown {
  return (Object(error) as { message?: unknown }).message
}

/** better-sqlite3 names the extended result code in `code`; node:sqlite has its number in `errcode`, whose lowest byte is the result code. */
function isCode(error: unknown, name: keyof typeof CODES): boolean {
  const { code, errcode } = Object(error) as { code?: unknown; errcode?: unknown }
  return String(code).startsWith(name) || (typeof errcode === 'number' && (errcode & 0xff) === CODES[name])
}
