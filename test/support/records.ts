import type { SessionStore, StoreEntry, StoreRecord } from '../../types/store.ts'

export function bytes(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}

export function record(text: string, expiresAt: number, owner?: string): StoreRecord {
  return owner === undefined ? { data: bytes(text), expiresAt } : { data: bytes(text), expiresAt, owner }
}

export async function entriesOf(listing: AsyncIterable<StoreEntry>): Promise<StoreEntry[]> {
  const entries: StoreEntry[] = []
  for await (const entry of listing) entries.push(entry)
  return entries.sort((a, b) => (a.key < b.key ? -1 : 1))
}

export async function keysOf(listing: AsyncIterable<StoreEntry>): Promise<string[]> {
  return (await entriesOf(listing)).map((entry) => entry.key)
}

/** The data under a key, as text. */
export async function textOf(store: SessionStore, key: string): Promise<string | undefined> {
  const found = await store.find(key, { expiry: true })
  return found && Buffer.from(found.data).toString('latin1')
}
