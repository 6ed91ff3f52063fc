import assert from 'node:assert/strict'
import type { Answer, SessionStore, StoreEntry, StoreRecord } from '../../types/store.ts'

/** A string as bytes: a plain Uint8Array, not a Buffer. */
export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** A record with its data as a string or as bytes. */
export function record(data: string | Uint8Array, expiresAt: number, owner?: string): StoreRecord {
  return { data: typeof data === 'string' ? bytes(data) : data, expiresAt, ...(owner === undefined ? {} : { owner }) }
}

/** Adds the records with which a case begins. Throws if the store refuses one. */
export async function given(store: SessionStore, records: Readonly<Record<string, StoreRecord>>): Promise<void> {
  for (const [key, value] of Object.entries(records)) await answers(store.create(key, value), true, `create adds ${key} to an empty store`)
}

/** More records than a database returns or deletes at once where it has a limit, which is most often 1000. */
export const MANY = 1100

/** Adds a record under each of many keys. Throws if the store refuses one. */
export async function givenEach(store: SessionStore, keys: readonly string[], recordOf: (key: string) => StoreRecord): Promise<void> {
  for (let i = 0; i < keys.length; i += 250) await Promise.all(keys.slice(i, i + 250).map((key) => given(store, { [key]: recordOf(key) })))
}

/** The answer of a verb is exactly this one. */
export async function answers<T>(answer: Answer<T>, expected: T, promise: string): Promise<void> {
  assert.equal(await answer, expected, `broken: ${promise}`)
}

/** The bytes are the same, whatever class of array holds them. */
export function sameBytes(actual: Uint8Array, expected: Uint8Array, promise: string): void {
  assert.ok(actual instanceof Uint8Array, `broken: ${promise}: the store returned no Uint8Array`)
  assert.ok(Buffer.compare(actual, expected) === 0, `broken: ${promise}: ${show(actual)} where ${show(expected)} was expected`)
}

/** The key holds exactly this record. The owner is not compared for a store that lacks owners. */
export async function holds(store: SessionStore, key: string, expected: StoreRecord, promise: string): Promise<void> {
  const found = await store.find(key, { expiry: true })
  assert.ok(found, `broken: ${promise}: ${key} is not found`)
  sameBytes(found.data, expected.data, `${promise}: ${key}`)
  assert.equal(found.expiresAt, expected.expiresAt, `broken: ${promise}: ${key} has another expiresAt`)
  if (!store.lacks?.includes('owner')) assert.equal(found.owner, expected.owner, `broken: ${promise}: ${key} has another owner`)
}

/** The key holds no record, in whichever way it is asked for. */
export async function isGone(store: SessionStore, key: string, promise: string): Promise<void> {
  for (const expiry of [true, false]) {
    assert.equal(await store.find(key, { expiry }), undefined, `broken: ${promise}: ${key} is found with expiry ${expiry}`)
  }
}

/** The key holds exactly this record, or none if undefined is expected. */
export async function holdsOrNot(store: SessionStore, key: string, expected: StoreRecord | undefined, promise: string): Promise<void> {
  if (expected) await holds(store, key, expected, promise)
  else await isGone(store, key, promise)
}

/** Whether a store took a value. A store whose database cannot hold it may throw, but must not answer false. */
export async function takes(verb: () => Answer<boolean>): Promise<boolean> {
  let answer: boolean
  try {
    answer = await verb()
  } catch {
    return false
  }
  await answers(answer, true, 'a store throws for what it cannot hold')
  return true
}

/** All entries of a listing. */
export async function collect(listing: AsyncIterable<StoreEntry>): Promise<StoreEntry[]> {
  const entries: StoreEntry[] = []
  for await (const entry of listing) entries.push(entry)
  return entries
}

/** The listing of all records shows exactly these keys, in any order. */
export function lists(store: SessionStore, keys: readonly string[], promise: string): Promise<void> {
  return isWhole(store.all(), keys, promise)
}

/** A listing shows exactly these keys, in any order. */
export async function isWhole(listing: AsyncIterable<StoreEntry>, keys: readonly string[], promise: string): Promise<void> {
  assert.deepEqual(sortedKeys(await collect(listing)), [...keys].sort(), `broken: ${promise}`)
}

/** Every entry of the listing with the key of one of these records is that record, whole. */
export function shows(entries: readonly StoreEntry[], records: Readonly<Record<string, StoreRecord>>, listing: string): void {
  for (const [key, expected] of Object.entries(records)) {
    for (const { record: shown } of entries.filter((entry) => entry.key === key)) {
      sameBytes(shown.data, expected.data, `${listing} shows the bytes`)
      assert.equal(shown.expiresAt, expected.expiresAt, `broken: ${listing} shows the moment of expiry`)
    }
  }
}

/** `ownedBy` lists exactly these keys as the owner's, in any order. It may also list records of another owner, which are ignored. */
export async function owns(store: SessionStore, owner: string, keys: readonly string[], promise: string): Promise<void> {
  const entries = await collect(store.ownedBy(owner))
  const owned = entries.filter((entry) => entry.record.owner === owner)
  assert.deepEqual(sortedKeys(owned), [...keys].sort(), `broken: ${promise}`)
}

/** Calls a function several times concurrently and waits for all the answers. */
export function parallel<T>(times: number, run: (index: number) => Answer<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: times }, async (_, index) => run(index)))
}

/** The index of the only true. Throws if there is none, or several. */
export function onlyWinner(won: readonly boolean[], promise: string): number {
  assert.equal(won.filter((answer) => answer === true).length, 1, `broken: ${promise}`)
  return won.indexOf(true)
}

/** Different keys. */
export function keys(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`)
}

// A key that a listing shows twice counts once: the contract does not forbid it.
function sortedKeys(entries: readonly StoreEntry[]): string[] {
  return [...new Set(entries.map((entry) => entry.key))].sort()
}

function show(data: Uint8Array): string {
  const text = Buffer.from(data.subarray(0, 24)).toString('hex')
  return `${data.length} bytes (${text}${data.length > 24 ? '…' : ''})`
}
