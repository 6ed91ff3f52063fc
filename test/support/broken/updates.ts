import type { StoreRecord } from '../../../types/store.ts'
import { type BrokenStore, equal, ReferenceStore } from '../reference-store.ts'

/** Stores whose `update` breaks a promise. */
export const brokenUpdates: readonly BrokenStore[] = [
  [
    'update writes nothing',
    'update replaces the bytes when they are still the ones loaded',
    class extends ReferenceStore {
      override update(key: string, previous: Uint8Array, record: StoreRecord) {
        return this.loaded(key, previous) !== undefined || this.holds(key, record)
      }
    },
  ],
  [
    'an owner that is missing on both sides counts as another',
    'create, update and rename sent twice answer true twice for a record that nobody owns',
    class extends ReferenceStore {
      protected override holds(key: string, record: StoreRecord) {
        return record.owner !== undefined && super.holds(key, record)
      }
    },
  ],
  [
    'update that changes nothing counts no changed row',
    'update to exactly what the key holds answers true',
    class extends ReferenceStore {
      override update(key: string, previous: Uint8Array, record: StoreRecord) {
        return !this.holds(key, record) && super.update(key, previous, record)
      }
    },
  ],
  [
    'update drops what comes too late',
    'update to a moment that has passed ends the record',
    class extends ReferenceStore {
      override update(key: string, previous: Uint8Array, record: StoreRecord) {
        return record.expiresAt < this.clock.now() || super.update(key, previous, record)
      }
    },
  ],
  [
    'update from no bytes creates',
    'update answers false when the key does not exist, and creates nothing',
    class extends ReferenceStore {
      override update(key: string, previous: Uint8Array, record: StoreRecord) {
        return previous.length === 0 && !this.living(key) ? this.keep(key, record) : super.update(key, previous, record)
      }
    },
  ],
  [
    'update ignores previous',
    'update answers false when the bytes changed, and changes nothing',
    class extends ReferenceStore {
      override update(key: string, _previous: Uint8Array, record: StoreRecord) {
        return this.living(key) !== undefined && this.keep(key, record)
      }
    },
  ],
  [
    'update resurrects a deleted key',
    'update answers false when the key was deleted, and does not revive it',
    class extends ReferenceStore {
      override update(key: string, previous: Uint8Array, record: StoreRecord) {
        return this.records.has(key) ? super.update(key, previous, record) : this.keep(key, record)
      }
    },
  ],
  [
    'update revives an expired record',
    'update answers false when the record has expired, and does not revive it',
    class extends ReferenceStore {
      override update(key: string, previous: Uint8Array, record: StoreRecord) {
        const kept = this.records.get(key)
        return kept && equal(kept.data, previous) ? this.keep(key, record) : this.holds(key, record)
      }
    },
  ],
  [
    'update never brings the expiry forward',
    'update moves the expiry to an earlier moment',
    class extends ReferenceStore {
      override update(key: string, previous: Uint8Array, record: StoreRecord) {
        const expiresAt = Math.max(record.expiresAt, this.living(key)?.expiresAt ?? 0)
        return super.update(key, previous, { ...record, expiresAt })
      }
    },
  ],
  [
    'update keeps the expiry',
    'update moves the expiry to a later moment',
    class extends ReferenceStore {
      override update(key: string, previous: Uint8Array, record: StoreRecord) {
        return super.update(key, previous, { ...record, expiresAt: this.living(key)?.expiresAt ?? record.expiresAt })
      }
    },
  ],
  [
    'update to equal bytes counts no changed row',
    'update may keep the bytes and change the expiry alone',
    class extends ReferenceStore {
      override update(key: string, previous: Uint8Array, record: StoreRecord) {
        return !equal(previous, record.data) && super.update(key, previous, record)
      }
    },
  ],
  [
    'update sent twice is false',
    'update sent twice answers true twice',
    class extends ReferenceStore {
      override update(key: string, previous: Uint8Array, record: StoreRecord) {
        return this.loaded(key, previous) !== undefined && this.keep(key, record)
      }
    },
  ],
  [
    'update answers true when only the bytes are the new ones',
    'update answers false when the key holds the new bytes with another expiry',
    class extends ReferenceStore {
      override update(key: string, previous: Uint8Array, record: StoreRecord) {
        return this.loaded(key, previous) ? this.keep(key, record) : this.loaded(key, record.data) !== undefined
      }
    },
  ],
]
