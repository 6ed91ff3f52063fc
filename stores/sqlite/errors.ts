import type { FinalError } from '../../types/store.ts'

/** How long a lock is waited for where the caller set no moment, in milliseconds. */
export const LOCK_TIMEOUT = 5000
const MAX_PAUSE = 16

/** How long to wait before a lock is tried again, in milliseconds: at random, for two that met once are not to meet again. */
export function backoff(tries: number): number {
  return Math.random() * Math.min(MAX_PAUSE, 2 ** tries)
}

/** What is thrown when the database stayed locked, or this process busy, for as long as anybody waited. Nothing was written, and so nobody has to look. */
export class LockedError extends Error implements FinalError {
  override readonly name = 'LockedError'
  readonly final = true

  constructor(cause: unknown) {
    super('SqliteStore: nothing was done, for the database was not free before the time was up', { cause })
  }
}

/** Result codes of SQLite: https://www.sqlite.org/rescode.html */
const CODES = { SQLITE_BUSY: 5, SQLITE_READONLY: 8 }

/** Whether somebody else has the lock, or the application is in a transaction of its own on this very connection. */
export function isBusy(error: unknown): boolean {
  return isCode(error, 'SQLITE_BUSY') || messageOf(error) === 'cannot start a transaction within a transaction'
}

export function isReadonly(error: unknown): boolean {
  return isCode(error, 'SQLITE_READONLY')
}

export function messageOf(error: unknown): unknown {
  return (Object(error) as { message?: unknown }).message
}

/** better-sqlite3 gives an error the name of its extended code, node:sqlite the number: its last byte is the code. */
function isCode(error: unknown, name: keyof typeof CODES): boolean {
  const { code, errcode } = Object(error) as { code?: unknown; errcode?: unknown }
  return String(code).startsWith(name) || (typeof errcode === 'number' && (errcode & 0xff) === CODES[name])
}
