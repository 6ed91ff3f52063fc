import type { StoreRecord } from '../../../types/store.ts'
import { type BrokenStore, ReferenceStore } from '../reference-store.ts'

/** Stores whose `create` breaks a promise. */
export const brokenCreates: readonly BrokenStore[] = [
  [
    'create writes nothing',
    'create adds a record under a key that is free',
    class extends ReferenceStore {
      override create(key: string) {
        return !this.living(key)
      }
    },
  ],
  [
    'create overwrites',
    'create answers false on a living key and leaves its record alone',
    class extends ReferenceStore {
      override create(key: string, record: StoreRecord) {
        return this.keep(key, record)
      }
    },
  ],
  [
    'create compares the bytes alone',
    'create answers false when the key holds the same bytes with another expiry',
    class extends ReferenceStore {
      override create(key: string, record: StoreRecord) {
        return this.living(key) ? this.loaded(key, record.data) !== undefined : this.keep(key, record)
      }
    },
  ],
  [
    'exactly this record means any owner',
    'create answers false when the key holds the same bytes for another owner',
    class extends ReferenceStore {
      override holds(key: string, record: StoreRecord) {
        return this.loaded(key, record.data)?.expiresAt === record.expiresAt
      }
    },
  ],
  [
    'create sent twice is false',
    'create answers true when the key holds exactly this record already',
    class extends ReferenceStore {
      override create(key: string, record: StoreRecord) {
        return !this.living(key) && this.keep(key, record)
      }
    },
  ],
  [
    'expired records hold their keys',
    'create works again once the record under the key has expired',
    class extends ReferenceStore {
      override create(key: string, record: StoreRecord) {
        return !this.records.has(key) && this.keep(key, record)
      }
    },
  ],
  [
    'create keeps the owner of an expired record',
    'create over an expired record does not inherit its owner',
    class extends ReferenceStore {
      override create(key: string, record: StoreRecord) {
        return super.create(key, { ...record, owner: record.owner ?? this.records.get(key)?.owner })
      }
    },
  ],
  [
    'deleted keys are never free again',
    'create works again once the record under the key was deleted',
    class extends ReferenceStore {
      readonly #deleted = new Set<string>()
      override create(key: string, record: StoreRecord) {
        return !this.#deleted.has(key) && super.create(key, record)
      }
      override delete(key: string, previous?: Uint8Array) {
        this.#deleted.add(key)
        return super.delete(key, previous)
      }
    },
  ],
  [
    'a moment that has passed means for ever',
    'a record whose moment has passed when it is created is never found',
    class extends ReferenceStore {
      override keep(key: string, record: StoreRecord) {
        return super.keep(key, record.expiresAt > this.clock.now() ? record : { ...record, expiresAt: Number.MAX_SAFE_INTEGER })
      }
    },
  ],
]
