import type { StoreEntry, StoreRecord } from '../../../types/store.ts'
import { type BrokenStore, ReferenceStore } from '../reference-store.ts'

/** Stores whose renaming breaks a promise. */
export const brokenRenames: readonly BrokenStore[] = [
  [
    'rename leaves the old key alive',
    'rename moves a session to the new key with its new record, and the old key is dead',
    class extends ReferenceStore {
      override rename(oldKey: string, newKey: string, previous: Uint8Array, record: StoreRecord, trace?: StoreEntry) {
        if (!this.loaded(oldKey, previous) || this.living(newKey)) return this.holds(newKey, record)
        if (trace) this.keep(trace.key, trace.record)
        return this.keep(newKey, record)
      }
    },
  ],
  [
    'rename to equal bytes counts no changed row',
    'rename may keep the bytes and the expiry',
    class extends ReferenceStore {
      override rename(oldKey: string, newKey: string, previous: Uint8Array, record: StoreRecord, trace?: StoreEntry) {
        return !this.loaded(oldKey, record.data) && super.rename(oldKey, newKey, previous, record, trace)
      }
    },
  ],
  [
    'rename never brings the expiry forward',
    'rename moves the expiry to an earlier moment',
    class extends ReferenceStore {
      override rename(oldKey: string, newKey: string, previous: Uint8Array, record: StoreRecord, trace?: StoreEntry) {
        const expiresAt = Math.max(record.expiresAt, this.living(oldKey)?.expiresAt ?? 0)
        return super.rename(oldKey, newKey, previous, { ...record, expiresAt }, trace)
      }
    },
  ],
  [
    'rename keeps the expiry',
    'rename moves the expiry to a later moment',
    class extends ReferenceStore {
      override rename(oldKey: string, newKey: string, previous: Uint8Array, record: StoreRecord, trace?: StoreEntry) {
        const expiresAt = this.living(oldKey)?.expiresAt ?? record.expiresAt
        return super.rename(oldKey, newKey, previous, { ...record, expiresAt }, trace)
      }
    },
  ],
  [
    'old keys lead to the new ones',
    'after a rename nothing reaches the session by the old key',
    class extends ReferenceStore {
      readonly #moved = new Map<string, string>()
      override rename(oldKey: string, newKey: string, previous: Uint8Array, record: StoreRecord, trace?: StoreEntry) {
        this.#moved.set(oldKey, newKey)
        return super.rename(oldKey, newKey, previous, record, trace)
      }
      override touch(key: string, previous: Uint8Array, expiresAt: number) {
        return super.touch(this.#moved.get(key) ?? key, previous, expiresAt)
      }
    },
  ],
  [
    'rename ignores previous',
    'rename answers false when the bytes changed, and changes nothing',
    class extends ReferenceStore {
      override rename(oldKey: string, newKey: string, _previous: Uint8Array, record: StoreRecord, trace?: StoreEntry) {
        return super.rename(oldKey, newKey, this.living(oldKey)?.data ?? new Uint8Array(), record, trace)
      }
    },
  ],
  [
    'rename of a key that is gone leaves a trace',
    'rename answers false when the old key is gone, and leaves neither record nor trace',
    class extends ReferenceStore {
      override rename(oldKey: string, newKey: string, previous: Uint8Array, record: StoreRecord, trace?: StoreEntry) {
        if (trace) this.keep(trace.key, trace.record)
        return super.rename(oldKey, newKey, previous, record)
      }
    },
  ],
  [
    'rename revives an expired record',
    'rename answers false when the old record has expired, and leaves neither record nor trace',
    class extends ReferenceStore {
      override rename(oldKey: string, newKey: string, previous: Uint8Array, record: StoreRecord, trace?: StoreEntry) {
        const old = this.records.get(oldKey)
        if (old) this.keep(oldKey, { ...old, expiresAt: record.expiresAt })
        return super.rename(oldKey, newKey, previous, record, trace)
      }
    },
  ],
  [
    'rename overwrites the new key',
    'rename answers false when the new key lives already, and changes nothing',
    class extends ReferenceStore {
      override rename(oldKey: string, newKey: string, previous: Uint8Array, record: StoreRecord, trace?: StoreEntry) {
        if (this.loaded(oldKey, previous)) this.records.delete(newKey)
        return super.rename(oldKey, newKey, previous, record, trace)
      }
    },
  ],
  [
    'an expired record holds the new key',
    'rename to a key whose record has expired works',
    class extends ReferenceStore {
      override rename(oldKey: string, newKey: string, previous: Uint8Array, record: StoreRecord, trace?: StoreEntry) {
        return (!this.records.has(newKey) || this.holds(newKey, record)) && super.rename(oldKey, newKey, previous, record, trace)
      }
    },
  ],
  [
    'rename sent twice is false',
    'rename sent twice answers true twice',
    class extends ReferenceStore {
      override rename(oldKey: string, newKey: string, previous: Uint8Array, record: StoreRecord, trace?: StoreEntry) {
        return this.loaded(oldKey, previous) !== undefined && super.rename(oldKey, newKey, previous, record, trace)
      }
    },
  ],
  [
    'rename leaves no trace',
    'rename leaves the trace behind, to be found with its own bytes and its own expiry',
    class extends ReferenceStore {
      override rename(oldKey: string, newKey: string, previous: Uint8Array, record: StoreRecord) {
        return super.rename(oldKey, newKey, previous, record)
      }
    },
  ],
  [
    'a trace lives as long as its session',
    'a trace expires at its own moment, and the session lives on',
    class extends ReferenceStore {
      override rename(oldKey: string, newKey: string, previous: Uint8Array, record: StoreRecord, trace?: StoreEntry) {
        return super.rename(
          oldKey,
          newKey,
          previous,
          record,
          trace && { key: trace.key, record: { ...trace.record, expiresAt: record.expiresAt } },
        )
      }
    },
  ],
  [
    'a trace goes with its session',
    'a trace outlives its session, when its moment is later',
    class extends ReferenceStore {
      override delete(key: string, previous?: Uint8Array) {
        if (!super.delete(key, previous)) return false
        for (const other of this.records.keys()) if (other.startsWith(';')) this.records.delete(other)
        return true
      }
    },
  ],
  [
    'an expired record stands in the way of a trace',
    'rename replaces an expired record under the key of the trace',
    class extends ReferenceStore {
      override rename(oldKey: string, newKey: string, previous: Uint8Array, record: StoreRecord, trace?: StoreEntry) {
        return super.rename(oldKey, newKey, previous, record, trace && this.records.has(trace.key) ? undefined : trace)
      }
    },
  ],
  [
    'traces are read only',
    'a trace is created, updated, touched, renamed and deleted like any other record',
    class extends ReferenceStore {
      override update(key: string, previous: Uint8Array, record: StoreRecord) {
        return !key.startsWith(';') && super.update(key, previous, record)
      }
    },
  ],
]
