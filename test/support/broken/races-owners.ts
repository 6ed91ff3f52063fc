import type { StoreEntry, StoreRecord } from '../../../types/store.ts'
import { type BrokenStore, equal, ReferenceStore } from '../reference-store.ts'

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

/** Lists keys first, then loads what is there by then. */
class LoadingLater extends ReferenceStore {
  override async *ownedBy(owner: string): AsyncGenerator<StoreEntry> {
    const keys = this.entries().filter(({ record }) => record.owner === owner)
    for (const { key } of keys) {
      await turn()
      const record = this.living(key)
      if (record) yield { key, record: this.copy(record) }
    }
  }
}

/** Pages by the moment of expiry. */
class PagingByExpiry extends ReferenceStore {
  override all() {
    return this.paged(() => true)
  }
  override ownedBy(owner: string) {
    return this.paged(({ record }) => record.owner === owner)
  }
  async *paged(isWanted: (entry: StoreEntry) => boolean): AsyncGenerator<StoreEntry> {
    let last = ''
    const rank = ({ key, record }: StoreEntry) => `${String(record.expiresAt).padStart(16, '0')} ${key}`
    for (;;) {
      const rest = this.entries().filter((entry) => isWanted(entry) && rank(entry) > last)
      const page = rest.sort((one, other) => (rank(one) < rank(other) ? -1 : 1)).slice(0, 50)
      const end = page.at(-1)
      if (!end) return
      yield* page
      last = rank(end)
    }
  }
}

/** Stores that lose sight of an owner's sessions, or take others', when these are written meanwhile. */
export const brokenRacesOwners: readonly BrokenStore[] = [
  [
    'deleteOwnedBy deletes the keys that it listed',
    'deleteOwnedBy ends no session that an update hands to another owner meanwhile, and each that it does not',
    class extends ReferenceStore {
      override async deleteOwnedBy(owner: string, exceptKey?: string) {
        const listed = this.entries().filter(({ key, record }) => record.owner === owner && key !== exceptKey)
        await turn()
        return listed.filter(({ key }) => this.records.delete(key)).length
      }
    },
  ],
  [
    'deleteOwnedBy follows a renamed session, whosever it is',
    'deleteOwnedBy ends no session that a rename hands to another owner meanwhile, and each that it does not',
    class extends ReferenceStore {
      override async deleteOwnedBy(owner: string, exceptKey?: string) {
        const listed = this.entries().filter(({ key, record }) => record.owner === owner && key !== exceptKey)
        await turn()
        const now = this.entries().filter((entry) => listed.some(({ record }) => equal(record.data, entry.record.data)))
        return now.filter(({ key }) => this.records.delete(key)).length
      }
    },
  ],
  [
    'deleteOwnedBy drops the index when it is done',
    'a session that is handed to the owner while deleteOwnedBy runs is deleted or stays with its owner',
    class extends ReferenceStore {
      readonly #lost = new Set<string>()
      override async deleteOwnedBy(owner: string, exceptKey?: string) {
        const removed = await super.deleteOwnedBy(owner, exceptKey)
        await turn()
        for (const { key, record } of super.entries()) if (record.owner === owner) this.#lost.add(key)
        return removed
      }
      override entries() {
        return super.entries().filter(({ key }) => !this.#lost.has(key))
      }
    },
  ],
  [
    'deleteOwnedBy counts what it listed',
    'a session that several end at once is counted by one of them',
    class extends ReferenceStore {
      override async deleteOwnedBy(owner: string, exceptKey?: string) {
        const listed = this.entries().filter(({ key, record }) => record.owner === owner && key !== exceptKey)
        await turn()
        for (const { key } of listed) this.records.delete(key)
        return listed.length
      }
    },
  ],
  [
    'whoever tries is an owner',
    'of 20 owners who create, update or rename one session at once, the winner alone has it',
    class extends ReferenceStore {
      readonly #tried = new Set<string | undefined>()
      override create(key: string, record: StoreRecord) {
        this.#tried.add(record.owner)
        return super.create(key, record)
      }
      override async *ownedBy(owner: string) {
        if (this.#tried.has(owner)) for (const { key, record } of this.entries()) yield { key, record: { ...record, owner } }
      }
    },
  ],
  [
    'ownedBy lists keys, then loads them',
    'ownedBy misses none that is renamed after it has begun, to a key that comes before or behind',
    LoadingLater,
  ],
  ['ownedBy lists keys, then loads them', 'ownedBy misses none that is renamed as it begins, not even three times', LoadingLater],
  ['ownedBy pages by the moment of expiry', 'ownedBy misses none that is updated or touched after it has begun', PagingByExpiry],
  [
    'ownedBy counts its way through the batches',
    'ownedBy misses none that stays with its owner while others are handed over',
    class extends ReferenceStore {
      override async *ownedBy(owner: string) {
        const owned = () => this.entries().filter(({ record }) => record.owner === owner)
        for (let offset = 0; offset < owned().length; offset += 50) yield* owned().slice(offset, offset + 50)
      }
    },
  ],
  ['all pages by the moment of expiry', 'all misses none that is updated or touched after it has begun', PagingByExpiry],
]
