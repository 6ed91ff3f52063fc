import type { FindWant, FoundRecord, StoreRecord } from '../../../types/store.ts'
import { type BrokenStore, equal, ReferenceStore } from '../reference-store.ts'

/** Remembers what it found, and what it did not; what it writes itself it forgets. */
export class Caching extends ReferenceStore {
  readonly #cache = new Map<string, FoundRecord | undefined>()
  override async find(key: string, want: FindWant) {
    if (this.#cache.has(key)) return this.#cache.get(key)
    const found = await super.find(key, want)
    this.#cache.set(key, found)
    return found
  }
  override create(...args: Parameters<ReferenceStore['create']>) {
    this.#cache.clear()
    return super.create(...args)
  }
  override update(...args: Parameters<ReferenceStore['update']>) {
    this.#cache.clear()
    return super.update(...args)
  }
  override rename(...args: Parameters<ReferenceStore['rename']>) {
    this.#cache.clear()
    return super.rename(...args)
  }
  override touch(...args: Parameters<ReferenceStore['touch']>) {
    this.#cache.clear()
    return super.touch(...args)
  }
  override delete(...args: Parameters<ReferenceStore['delete']>) {
    this.#cache.clear()
    return super.delete(...args)
  }
  override deleteOwnedBy(...args: Parameters<ReferenceStore['deleteOwnedBy']>) {
    this.#cache.clear()
    return super.deleteOwnedBy(...args)
  }
}

/** Compares with the bytes that it read or wrote last. */
class Knowing extends ReferenceStore {
  readonly #known = new Map<string, Uint8Array>()
  override find(key: string, want: FindWant) {
    const record = this.living(key)
    if (record) this.#known.set(key, record.data)
    return super.find(key, want)
  }
  override loaded(key: string, previous: Uint8Array) {
    const record = this.living(key)
    return record && equal(this.#known.get(key) ?? record.data, previous) ? record : undefined
  }
}

/** Takes a record to expire when it did so as this instance saw it first. */
class FirstSeen extends ReferenceStore {
  readonly #moments = new Map<string, number>()
  override living(key: string) {
    const record = this.records.get(key)
    if (!record) return undefined
    const moment = this.#moments.get(key) ?? record.expiresAt
    this.#moments.set(key, moment)
    return moment > this.clock.now() ? record : undefined
  }
}

/** Lists and cleans up the keys that it wrote itself. */
class OwnKeys extends ReferenceStore {
  readonly #mine = new Set<string>()
  override keep(key: string, record: StoreRecord) {
    this.#mine.add(key)
    return super.keep(key, record)
  }
  override entries() {
    return super.entries().filter(({ key }) => this.#mine.has(key))
  }
  override deleteExpired(limit: number) {
    const expired = [...this.#mine].filter((key) => this.records.has(key) && !this.living(key)).slice(0, limit)
    return expired.filter((key) => this.records.delete(key)).length
  }
}

/** Stores that would be right if they were alone. */
export const brokenInstances: readonly BrokenStore[] = [
  ['what was looked for in vain is remembered', 'what one instance writes, another finds at once, though it has just looked', Caching],
  ['what was read is remembered', 'what one instance ends, another finds no more, though it has just read it', Caching],
  ['what was read is remembered', 'what one instance ends with deleteOwnedBy, another finds no more, though it has just read it', Caching],
  [
    'what is written is compared with what was read last',
    'what one instance writes is compared with what another wrote, not with what it knew itself',
    Knowing,
  ],
  [
    'the moment of expiry is remembered',
    'a record expires for every instance at the moment that was written last, by whichever',
    FirstSeen,
  ],
  ['an instance lists its own records', 'each instance lists and counts what another wrote, and nothing that another ended', OwnKeys],
  ['an instance knows the owners of its own records', 'each instance knows the owners of records that another wrote', OwnKeys],
  ['an instance cleans up its own records', 'one instance cleans up what another wrote, and nothing that another prolonged', OwnKeys],
  [
    'closing drops all records',
    'closing one instance leaves another at work',
    class extends ReferenceStore {
      override close() {
        this.records.clear()
      }
    },
  ],
  ['what was being read is remembered', 'what was being read when it was deleted is not found afterwards', Caching],
  ['what was being read is remembered', 'what was being read when its owner’s sessions were ended is not found afterwards', Caching],
  ['what was being read is remembered', 'what was being read when it was written is found as it was written', Caching],
  [
    'what was being looked for in vain is remembered',
    'what was being looked for when it was created or renamed is found afterwards, and not under its old key',
    Caching,
  ],
]
