import type { ExpressStore } from '../../stores/express.ts'
import type { StoreEntry, StoreRecord } from '../../types/store.ts'

export const HOUR = 3_600_000
export const DAY = 24 * HOUR
export const BOTH = { expiry: true }

export const bytes = (text: string) => new TextEncoder().encode(text)
export const record = (text: string, expiresAt = Date.now() + HOUR): StoreRecord => ({ data: bytes(text), expiresAt })
export const trace = (key = ';trace'): StoreEntry => ({ key, record: record('trace') })

/** The id that an express store gets for a key. */
export const idOf = (key: string) => Buffer.from(key).toString('hex')

/** A method that must not be called. */
export function noMemory(): never {
  throw new Error('out of memory')
}

export async function textOf(store: ExpressStore, key: string): Promise<string | undefined> {
  const found = await store.find(key, BOTH)
  return found && Buffer.from(found.data).toString()
}

export async function keysOf(store: ExpressStore): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of store.all()) keys.push(key)
  return keys.sort()
}
