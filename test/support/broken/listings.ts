import type { StoreEntry, StoreRecord } from '../../../types/store.ts'
import { type BrokenStore, ReferenceStore } from '../reference-store.ts'

/** Stores whose listings break a promise. */
export const brokenListings: readonly BrokenStore[] = [
  [
    'all shows traces',
    'all leaves traces out, however they were written',
    class extends ReferenceStore {
      override async *all() {
        for (const key of this.records.keys()) yield* this.shown(key)
      }
      private shown(key: string): StoreEntry[] {
        const record = this.living(key)
        return record ? [{ key, record: this.copy(record) }] : []
      }
    },
  ],
  [
    'count counts traces',
    'count leaves traces out, however they were written',
    class extends ReferenceStore {
      override count() {
        return [...this.records.keys()].filter((key) => this.living(key)).length
      }
    },
  ],
  [
    'ownedBy shows traces',
    'ownedBy leaves traces out, even one that has the owner',
    class extends ReferenceStore {
      override async *ownedBy(owner: string) {
        for (const [key, record] of this.records) if (record.owner === owner && this.living(key)) yield { key, record: this.copy(record) }
      }
    },
  ],
  [
    'all shows expired records',
    'all leaves expired records out, cleaned up or not',
    class extends ReferenceStore {
      override async *all() {
        for (const [key, record] of this.records) if (!key.startsWith(';')) yield { key, record: this.copy(record) }
      }
    },
  ],
  [
    'count counts expired records',
    'count leaves expired records out, cleaned up or not',
    class extends ReferenceStore {
      override count() {
        return [...this.records.keys()].filter((key) => !key.startsWith(';')).length
      }
    },
  ],
  [
    'all gives one batch of 1000',
    'all misses none of 1100, and count counts them',
    class extends ReferenceStore {
      override async *all() {
        yield* this.entries().slice(0, 1000)
      }
    },
  ],
  [
    'all counts its way through the batches',
    'all misses none when each record is deleted as it is shown',
    class extends ReferenceStore {
      override async *all() {
        for (let offset = 0; offset < this.entries().length; offset += 50) yield* this.entries().slice(offset, offset + 50)
      }
    },
  ],
  [
    'all leaves the owner out',
    'all lists the owners',
    class extends ReferenceStore {
      override async *all() {
        for (const { key, record } of this.entries()) yield { key, record: { data: record.data, expiresAt: record.expiresAt } }
      }
    },
  ],
  [
    'all gives no expiry',
    'all lists every living record, whole',
    class extends ReferenceStore {
      override async *all() {
        for (const { key, record } of this.entries()) yield { key, record: { ...record, expiresAt: 0 } }
      }
    },
  ],
  [
    'all hands out live bytes',
    'what a reader of all does to the bytes it got changes nothing in the store',
    class extends ReferenceStore {
      override async *all() {
        for (const { key } of this.entries()) yield { key, record: this.living(key) as StoreRecord }
      }
    },
  ],
  [
    'all gives bytes that were never written',
    'what the listings hand out can be compared with',
    class extends ReferenceStore {
      override async *all() {
        for (const { key, record } of this.entries()) yield { key, record: { ...record, data: new Uint8Array() } }
      }
    },
  ],
  [
    'all keeps a cursor open when it is left early',
    'all may be left early, again and again',
    class extends ReferenceStore {
      #cursors = 0
      override async *all() {
        if (++this.#cursors > 10) throw new Error('too many cursors')
        yield* this.entries()
        this.#cursors--
      }
    },
  ],
  [
    'all of an empty store throws',
    'all of an empty store lists nothing, and count is 0',
    class extends ReferenceStore {
      override async *all() {
        if (this.records.size === 0) throw new Error('no table')
        yield* this.entries()
      }
    },
  ],
  [
    'count goes by the writes',
    'update and rename leave the count as it is, and all shows a renamed session once',
    class extends ReferenceStore {
      #writes = 0
      override keep(key: string, record: StoreRecord) {
        this.#writes++
        return super.keep(key, record)
      }
      override count() {
        return this.#writes
      }
    },
  ],
]
