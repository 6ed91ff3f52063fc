import type { StoreEntry, StoreRecord } from '../../../types/store.ts'
import { type BrokenStore, ReferenceStore } from '../reference-store.ts'

/** Stores that lose whose records they keep. */
export const brokenOwnedBy: readonly BrokenStore[] = [
  [
    'ownedBy shows expired records',
    'ownedBy leaves expired records out',
    class extends ReferenceStore {
      override async *ownedBy(owner: string) {
        for (const [key, record] of this.records)
          if (record.owner === owner && !key.startsWith(';')) yield { key, record: this.copy(record) }
      }
    },
  ],
  [
    'ownedBy gives one batch of 1000',
    'ownedBy and deleteOwnedBy miss none of 1100',
    class extends ReferenceStore {
      override async *ownedBy(owner: string) {
        yield* this.owned(owner).slice(0, 1000)
      }
      private owned(owner: string): StoreEntry[] {
        return this.entries().filter((entry) => entry.record.owner === owner)
      }
    },
  ],
  [
    'ownedBy counts its way through the batches',
    'ownedBy misses none when each record is deleted as it is shown',
    class extends ReferenceStore {
      override async *ownedBy(_owner: string) {
        for (let offset = 0; offset < this.entries().length; offset += 50) yield* this.entries().slice(offset, offset + 50)
      }
    },
  ],
  [
    'ownedBy gives other bytes',
    'ownedBy lists every living record of an owner, whole',
    class extends ReferenceStore {
      override async *ownedBy(owner: string) {
        for await (const { key, record } of super.ownedBy(owner)) yield { key, record: { ...record, data: new Uint8Array() } }
      }
    },
  ],
  [
    'ownedBy hands out live bytes',
    'what a reader of ownedBy does to the bytes it got changes nothing in the store',
    class extends ReferenceStore {
      override async *ownedBy(owner: string) {
        for (const { key, record } of this.entries()) if (record.owner === owner) yield { key, record: this.living(key) as StoreRecord }
      }
    },
  ],
  [
    'ownedBy keeps a cursor open when it is left early',
    'ownedBy may be left early, again and again',
    class extends ReferenceStore {
      #cursors = 0
      override async *ownedBy(owner: string) {
        if (++this.#cursors > 10) throw new Error('too many cursors')
        yield* super.ownedBy(owner)
        this.#cursors--
      }
    },
  ],
  [
    'update adds no owner',
    'update gives a record an owner',
    class extends ReferenceStore {
      override update(key: string, previous: Uint8Array, record: StoreRecord) {
        return super.update(key, previous, { ...record, owner: this.living(key)?.owner })
      }
    },
  ],
  [
    'update keeps the old owner where there is one',
    'update hands a record over to another owner',
    class extends ReferenceStore {
      override update(key: string, previous: Uint8Array, record: StoreRecord) {
        return super.update(key, previous, { ...record, owner: this.living(key)?.owner ?? record.owner })
      }
    },
  ],
  [
    'update keeps the owner when none is given',
    'update takes the owner away',
    class extends ReferenceStore {
      override update(key: string, previous: Uint8Array, record: StoreRecord) {
        return super.update(key, previous, { ...record, owner: record.owner ?? this.living(key)?.owner })
      }
    },
  ],
  [
    'update takes any owner for exactly this record',
    'update answers false when the key holds the new bytes for another owner',
    class extends ReferenceStore {
      override update(key: string, previous: Uint8Array, record: StoreRecord) {
        if (this.loaded(key, previous)) return this.keep(key, record)
        return this.loaded(key, record.data)?.expiresAt === record.expiresAt
      }
    },
  ],
  [
    'rename keeps the old owner',
    'rename gives a session an owner',
    class extends ReferenceStore {
      override rename(oldKey: string, newKey: string, previous: Uint8Array, record: StoreRecord) {
        return super.rename(oldKey, newKey, previous, { ...record, owner: this.living(oldKey)?.owner })
      }
    },
  ],
  [
    'rename keeps the owner when none is given',
    'rename hands a session over to another owner, or to none',
    class extends ReferenceStore {
      override rename(oldKey: string, newKey: string, previous: Uint8Array, record: StoreRecord) {
        return super.rename(oldKey, newKey, previous, { ...record, owner: record.owner ?? this.living(oldKey)?.owner })
      }
    },
  ],
  [
    'rename takes any owner for exactly this record',
    'rename answers false when the new key holds the same bytes for another owner',
    class extends ReferenceStore {
      override holds(key: string, record: StoreRecord) {
        return this.loaded(key, record.data)?.expiresAt === record.expiresAt
      }
    },
  ],
  [
    'rename loses the owner',
    'rename keeps a session with its owner, under the new key alone',
    class extends ReferenceStore {
      override rename(oldKey: string, newKey: string, previous: Uint8Array, { data, expiresAt }: StoreRecord) {
        return super.rename(oldKey, newKey, previous, { data, expiresAt })
      }
    },
  ],
]
