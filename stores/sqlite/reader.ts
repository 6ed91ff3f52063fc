import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer } from '../../types/store.ts'
import type { Connection } from './connection.ts'
import { backoff, isBusy, LOCK_TIMEOUT, LockedError } from './errors.ts'

/**
 * What a look at the database returns, at once. With a write-ahead log readers wait for nobody, but for a process that repairs the file after a crash
 * or has it for itself: then a promise, which rejects with a LockedError when the time is up; default: 5 seconds from now.
 */
export function readFrom<T>(connection: Connection, look: () => T, until: number | undefined): Answer<T> {
  try {
    return connection.withoutWaiting(look)
  } catch (error) {
    if (!isBusy(error)) throw error
    return readLater(connection, look, until ?? Date.now() + LOCK_TIMEOUT, error)
  }
}

async function readLater<T>(connection: Connection, look: () => T, until: number, first: unknown): Promise<T> {
  let busy = first
  for (let tries = 1; Date.now() < until; tries++) {
    await sleep(backoff(tries))
    try {
      return connection.withoutWaiting(look)
    } catch (error) {
      if (!isBusy(error)) throw error
      busy = error
    }
  }
  throw new LockedError(busy)
}
