import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer } from '../../types/store.ts'
import type { Connection } from './connection.ts'
import { backoff, isBusy, LOCK_TIMEOUT, LockedError } from './errors.ts'

/**
 * What `read` returns, at once: with a write-ahead log, readers wait for nobody. Only while another process repairs the file after a crash, or has it
 * exclusively, does it return a promise, which rejects with a LockedError at `until`. Default: 5 seconds from now.
 */
export function readFrom<T>(connection: Connection, read: () => T, until: number | undefined): Answer<T> {
  try {
    return connection.withoutWaiting(read)
  } catch (error) {
    if (!isBusy(error)) throw error
    return readLater(connection, read, until ?? Date.now() + LOCK_TIMEOUT, error)
  }
}

async function readLater<T>(connection: Connection, read: () => T, until: number, first: unknown): Promise<T> {
  let busy = first
  for (let tries = 1; Date.now() < until; tries++) {
    await sleep(backoff(tries))
    try {
      return connection.withoutWaiting(read)
    } catch (error) {
      if (!isBusy(error)) throw error
      busy = error
    }
  }
  throw new LockedError(busy)
}
