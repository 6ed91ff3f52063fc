import { type BrokenStore, ReferenceStore } from '../reference-store.ts'

/** Stores whose `touch` or `delete`, or whose behaviour as a whole, breaks a promise. */
export const brokenEnds: readonly BrokenStore[] = [
  [
    'touch shortens',
    'touch never shortens a life, and answers true when it is longer already',
    class extends ReferenceStore {
      override touch(key: string, previous: Uint8Array, expiresAt: number) {
        const record = this.loaded(key, previous)
        return record !== undefined && this.keep(key, { ...record, expiresAt })
      }
    },
  ],
  [
    'touch ignores the bytes',
    'touch answers false when the bytes changed, and prolongs nothing',
    class extends ReferenceStore {
      override touch(key: string, _previous: Uint8Array, expiresAt: number) {
        return super.touch(key, this.living(key)?.data ?? new Uint8Array(), expiresAt)
      }
    },
  ],
  [
    'touch does nothing',
    'touch lets a record live until a later moment',
    class extends ReferenceStore {
      override touch(key: string, previous: Uint8Array) {
        return this.loaded(key, previous) !== undefined
      }
    },
  ],
  [
    'touch sent twice is false',
    'touch sent twice answers true twice',
    class extends ReferenceStore {
      override touch(key: string, previous: Uint8Array, expiresAt: number) {
        return this.living(key)?.expiresAt !== expiresAt && super.touch(key, previous, expiresAt)
      }
    },
  ],
  [
    'touch loses the owner',
    'touch keeps the bytes and the owner',
    class extends ReferenceStore {
      override touch(key: string, previous: Uint8Array, expiresAt: number) {
        const record = this.loaded(key, previous)
        return record !== undefined && this.keep(key, { data: record.data, expiresAt: Math.max(expiresAt, record.expiresAt) })
      }
    },
  ],
  [
    'touch creates',
    'touch answers false when the key is gone, and creates nothing',
    class extends ReferenceStore {
      override touch(key: string, previous: Uint8Array, expiresAt: number) {
        return this.living(key) ? super.touch(key, previous, expiresAt) : this.keep(key, { data: previous, expiresAt })
      }
    },
  ],
  [
    'touch revives an expired record',
    'touch answers false when the record has expired, and does not revive it',
    class extends ReferenceStore {
      override touch(key: string, previous: Uint8Array, expiresAt: number) {
        const record = this.records.get(key)
        return record && !this.living(key) ? this.keep(key, { ...record, expiresAt }) : super.touch(key, previous, expiresAt)
      }
    },
  ],
  [
    'touch to a moment that has passed is refused',
    'touch to a moment that has passed answers true and ends nothing',
    class extends ReferenceStore {
      override touch(key: string, previous: Uint8Array, expiresAt: number) {
        return expiresAt > this.clock.now() && super.touch(key, previous, expiresAt)
      }
    },
  ],
  [
    'delete answers always true',
    'delete answers false when nothing is there, never written or deleted before',
    class extends ReferenceStore {
      override delete(key: string, previous?: Uint8Array) {
        super.delete(key, previous)
        return true
      }
    },
  ],
  [
    'delete counts an expired record',
    'delete answers false when the record has expired',
    class extends ReferenceStore {
      override delete(key: string, previous?: Uint8Array) {
        return this.living(key) ? super.delete(key, previous) : this.records.delete(key)
      }
    },
  ],
  [
    'delete ignores previous',
    'delete with other bytes answers false and removes nothing',
    class extends ReferenceStore {
      override delete(key: string) {
        return super.delete(key)
      }
    },
  ],
  [
    'delete with previous does nothing',
    'delete with the bytes that were loaded removes the record',
    class extends ReferenceStore {
      override delete(key: string, previous?: Uint8Array) {
        return previous ? false : super.delete(key)
      }
    },
  ],
  [
    'delete takes keys that begin alike along',
    'keys that begin alike are different keys',
    class extends ReferenceStore {
      override delete(key: string, previous?: Uint8Array) {
        if (!super.delete(key, previous)) return false
        for (const other of this.records.keys()) if (other.startsWith(key)) this.records.delete(other)
        return true
      }
    },
  ],
  [
    'delete says nothing of what was there',
    'delete removes a record, says that it was there, and touches no other',
    class extends ReferenceStore {
      override delete(key: string, previous?: Uint8Array) {
        super.delete(key, previous)
        return false
      }
    },
  ],
  [
    'the second close throws',
    'close may be called again',
    class extends ReferenceStore {
      #closed = false
      override close() {
        if (this.#closed) throw new Error('closed already')
        this.#closed = true
      }
    },
  ],
  [
    'attach may be called once',
    'the store serves several managers: attach may be called by each',
    class extends ReferenceStore {
      #attached = 0
      attach() {
        if (++this.#attached > 2) throw new Error('attached already')
      }
    },
  ],
  [
    'until is taken for a duration',
    'a moment until which an answer is useful changes no answer that comes in time',
    class extends ReferenceStore {
      override find(key: string, want: { expiry: boolean }, until?: number) {
        if (until) throw new Error('too late')
        return super.find(key, want)
      }
    },
  ],
  [
    'a lack is not declared',
    'the store declares what it lacks, no more and no less',
    class extends ReferenceStore {
      override readonly lacks = ['compare'] as const
    },
  ],
]
