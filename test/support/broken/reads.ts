import type { FindWant, StoreRecord } from '../../../types/store.ts'
import { type BrokenStore, equal, ReferenceStore } from '../reference-store.ts'

/** Stores that find or keep something else than what was written. */
export const brokenReads: readonly BrokenStore[] = [
  [
    'find gives expired records',
    'find returns undefined for a record that has expired, cleaned up or not',
    class extends ReferenceStore {
      override find(key: string) {
        const record = this.records.get(key)
        return record && this.copy(record)
      }
    },
  ],
  [
    'find finds the nearest key',
    'find returns undefined for a key that was never written',
    class extends ReferenceStore {
      override find(key: string) {
        const record = this.living(key) ?? this.living([...this.records.keys()][0] ?? '')
        return record && this.copy(record)
      }
    },
  ],
  [
    'find prolongs what it finds',
    'find prolongs nothing',
    class extends ReferenceStore {
      override find(key: string) {
        const record = this.living(key)
        if (record) this.keep(key, { ...record, expiresAt: this.clock.now() + 3_600_000 })
        return record && this.copy(record)
      }
    },
  ],
  [
    'find without expiry makes one up',
    'find without expiry brings the bytes, and no wrong moment of expiry',
    class extends ReferenceStore {
      override find(key: string, want: { expiry: boolean }) {
        const record = this.living(key)
        return record && { ...this.copy(record), expiresAt: want.expiry ? record.expiresAt : 0 }
      }
    },
  ],
  [
    'find takes what the caller knows for what is stored',
    'find brings the bytes that are stored, whatever bytes the caller knows',
    class extends ReferenceStore {
      readonly takesKnown = true
      override find(key: string, want: FindWant) {
        const record = this.living(key)
        return record && { ...this.copy(record), ...(want.known === undefined ? {} : { data: want.known.data }) }
      }
    },
  ],
  [
    'find without owner makes one up',
    'find without owner brings the bytes, and no wrong owner',
    class extends ReferenceStore {
      override find(key: string, want: FindWant) {
        const record = this.living(key)
        return record && { ...this.copy(record), ...(want.owner === false ? { owner: 'nobody' } : {}) }
      }
    },
  ],
  [
    'find forgets the owner when asked without expiry',
    'find brings the owner, with expiry or without, and undefined where there is none',
    class extends ReferenceStore {
      override find(key: string, want: { expiry: boolean }) {
        const record = this.living(key)
        return record && (want.expiry ? this.copy(record) : { data: this.copy(record).data })
      }
    },
  ],
  [
    'find hands out live bytes',
    'what a finder does to the bytes it got changes nothing in the store',
    class extends ReferenceStore {
      override find(key: string) {
        return this.living(key)
      }
    },
  ],
  [
    'expiry is rounded to seconds',
    'find with expiry brings the bytes and the moment of expiry, to the millisecond',
    class extends ReferenceStore {
      override keep(key: string, record: StoreRecord) {
        return super.keep(key, { ...record, expiresAt: Math.ceil(record.expiresAt / 1000) * 1000 })
      }
    },
  ],
  [
    'records expire a second early',
    'find returns a record until just before it expires',
    class extends ReferenceStore {
      override living(key: string) {
        const record = super.living(key)
        return record && record.expiresAt > this.clock.now() + 1000 ? record : undefined
      }
    },
  ],
  [
    'the caller’s bytes are kept',
    'what the caller does to bytes after handing them in changes nothing in the store',
    class extends ReferenceStore {
      override keep(key: string, record: StoreRecord) {
        this.records.set(key, record)
        return true
      }
    },
  ],
  [
    'the caller’s bytes are wiped',
    'the bytes that are handed in stay as they were',
    class extends ReferenceStore {
      override keep(key: string, record: StoreRecord) {
        super.keep(key, record)
        record.data.fill(0)
        return true
      }
    },
  ],
  [
    'data goes through UTF-8',
    'every byte from 0 to 255 comes back as it went in, and can be compared with',
    class extends ReferenceStore {
      override copy(record: StoreRecord) {
        return { ...record, data: new TextEncoder().encode(new TextDecoder().decode(record.data)) }
      }
    },
  ],
  [
    'empty data is no record',
    'empty data is data: it is found, compared with and replaced',
    class extends ReferenceStore {
      override living(key: string) {
        const record = super.living(key)
        return record?.data.length ? record : undefined
      }
    },
  ],
  [
    'data is cut off at 60000 bytes',
    'data of the largest size comes back as it went in',
    class extends ReferenceStore {
      override copy(record: StoreRecord) {
        return { ...record, data: Uint8Array.from(record.data.subarray(0, 60_000)) }
      }
    },
  ],
  [
    'only the first 1000 bytes are compared',
    'data of the largest size is compared up to its last byte',
    class extends ReferenceStore {
      override loaded(key: string, previous: Uint8Array) {
        const record = this.living(key)
        return record && equal(record.data.subarray(0, 1000), previous.subarray(0, 1000)) ? record : undefined
      }
    },
  ],
  [
    'the buffer under a view is kept',
    'a view into a larger buffer is taken for the view alone',
    class extends ReferenceStore {
      override copy(record: StoreRecord) {
        return { ...record, data: new Uint8Array(record.data.buffer.slice(0)) }
      }
    },
  ],
]
