import type { StoreEntry, StoreRecord } from '../../../types/store.ts'
import { type BrokenStore, ReferenceStore } from '../reference-store.ts'

/** Lists a record until its first expiry, though it was prolonged. A renamed one keeps the expiry of the first. */
class FirstExpiry extends ReferenceStore {
  #due = 0
  override create(key: string, record: StoreRecord) {
    this.#due = record.expiresAt
    return super.create(key, record)
  }
  override entries() {
    return this.#due > this.clock.now() ? super.entries() : []
  }
}

/** Lists what was deleted. */
class Ghosts extends ReferenceStore {
  readonly #ghosts: StoreEntry[] = []
  override delete(key: string, previous?: Uint8Array) {
    const record = this.living(key)
    if (!super.delete(key, previous)) return false
    if (record) this.#ghosts.push({ key, record })
    return true
  }
  override entries() {
    return [...super.entries(), ...this.#ghosts]
  }
}

/** Stores whose `deleteOwnedBy` breaks a promise, or whose lists do not follow the records. */
export const brokenDeleteOwnedBy: readonly BrokenStore[] = [
  [
    'deleteOwnedBy misses whatever was renamed',
    'rename keeps a session with its owner, under the new key alone',
    class extends ReferenceStore {
      readonly #created = new Set<string>()
      override create(key: string, record: StoreRecord) {
        this.#created.add(key)
        return super.create(key, record)
      }
      override deleteOwnedBy(owner: string, exceptKey?: string) {
        const keys = this.entries().filter(
          (entry) => entry.record.owner === owner && entry.key !== exceptKey && this.#created.has(entry.key),
        )
        return keys.filter((entry) => this.records.delete(entry.key)).length
      }
    },
  ],
  [
    'deleteOwnedBy says nothing of its number',
    'deleteOwnedBy removes every record of an owner, and no other, and says how many',
    class extends ReferenceStore {
      override deleteOwnedBy(owner: string, exceptKey?: string) {
        super.deleteOwnedBy(owner, exceptKey)
        return 0
      }
    },
  ],
  [
    'deleteOwnedBy ignores exceptKey',
    'deleteOwnedBy spares the record under exceptKey and does not count it',
    class extends ReferenceStore {
      override deleteOwnedBy(owner: string) {
        return super.deleteOwnedBy(owner)
      }
    },
  ],
  [
    'deleteOwnedBy counts the key that it spares',
    'deleteOwnedBy with an exceptKey that is not the owner’s removes every record of the owner',
    class extends ReferenceStore {
      override deleteOwnedBy(owner: string, exceptKey?: string) {
        const removed = super.deleteOwnedBy(owner, exceptKey) as number
        return exceptKey ? removed - 1 : removed
      }
    },
  ],
  [
    'deleteOwnedBy of nothing throws',
    'deleteOwnedBy answers 0 when the owner has nothing, or nothing any more',
    class extends ReferenceStore {
      override deleteOwnedBy(owner: string, exceptKey?: string) {
        if (this.entries().length === 0) throw new Error('no such owner')
        return super.deleteOwnedBy(owner, exceptKey)
      }
    },
  ],
  [
    'deleteOwnedBy counts expired records',
    'deleteOwnedBy does not count expired records',
    class extends ReferenceStore {
      override deleteOwnedBy(owner: string, exceptKey?: string) {
        const keys = [...this.records].filter(([key, record]) => record.owner === owner && key !== exceptKey)
        return keys.filter(([key]) => this.records.delete(key)).length
      }
    },
  ],
  [
    'deleteOwnedBy removes one batch of 1000',
    'ownedBy and deleteOwnedBy miss none of 1100',
    class extends ReferenceStore {
      override deleteOwnedBy(owner: string, exceptKey?: string) {
        const keys = this.entries()
          .filter((entry) => entry.record.owner === owner && entry.key !== exceptKey)
          .slice(0, 1000)
        return keys.filter((entry) => this.records.delete(entry.key)).length
      }
    },
  ],
  ['the owner’s index ends with the first expiry', 'a record that was touched stays with its owner past its first expiry', FirstExpiry],
  ['the owner’s index ends with the first expiry', 'update keeps a record with its owner past its first expiry', FirstExpiry],
  ['the owner’s index ends with the first expiry', 'rename keeps a session with its owner past its first expiry', FirstExpiry],
  ['the list ends with the first expiry', 'a record that was touched is listed and counted past its first expiry', FirstExpiry],
  ['deleted records stay with their owner', 'a deleted record leaves its owner', Ghosts],
  ['deleted records stay listed', 'a deleted record leaves the listing and the count', Ghosts],
]
