import type { StoreRecord } from '../../../types/store.ts'
import { type BrokenStore, ReferenceStore } from '../reference-store.ts'

/** Stores whose keys or whose cleaning break a promise. */
export const brokenKeys: readonly BrokenStore[] = [
  [
    'keys are folded to lower case',
    'keys that differ in case alone are different keys',
    class extends ReferenceStore {
      override living(key: string) {
        return super.living(key.toLowerCase())
      }
      override keep(key: string, record: StoreRecord) {
        return super.keep(key.toLowerCase(), record)
      }
    },
  ],
  [
    'spaces at the end of a key are dropped',
    'a key with a space at its end is another key, or is refused',
    class extends ReferenceStore {
      override living(key: string) {
        return super.living(key.trimEnd())
      }
    },
  ],
  [
    'keys are patterns',
    'keys with the wildcards of a pattern are only keys',
    class extends ReferenceStore {
      override living(key: string) {
        const pattern = new RegExp(`^${key.replaceAll('_', '.')}$`)
        return super.living([...this.records.keys()].find((other) => pattern.test(other)) ?? key)
      }
    },
  ],
  [
    'keys are properties of an object',
    'keys with names that objects have are only keys',
    class extends ReferenceStore {
      override create(key: string, record: StoreRecord) {
        return !(key in {}) && super.create(key, record)
      }
    },
  ],
  [
    'keys that look like numbers become numbers',
    'keys that look like numbers are only keys',
    class extends ReferenceStore {
      override living(key: string) {
        return super.living(this.number(key))
      }
      override keep(key: string, record: StoreRecord) {
        return super.keep(this.number(key), record)
      }
      private number(key: string) {
        return Number.isNaN(Number(key)) ? key : `${Number(key)}`
      }
    },
  ],
  [
    'keys are cut off at 42 characters',
    'keys of 43 characters that differ in the last one are different keys',
    class extends ReferenceStore {
      override living(key: string) {
        return super.living(key.slice(0, 42))
      }
      override keep(key: string, record: StoreRecord) {
        return super.keep(key.slice(0, 42), record)
      }
    },
  ],
  [
    'keys are checked as base64, not base64url',
    'every character of base64url may stand in a key',
    class extends ReferenceStore {
      override create(key: string, record: StoreRecord) {
        return !key.startsWith('-') && super.create(key, record)
      }
    },
  ],
  [
    'the semicolon of a trace is not part of its key',
    'a trace’s key and the key without the semicolon are different keys',
    class extends ReferenceStore {
      override living(key: string) {
        return super.living(key.replace(';', ''))
      }
      override keep(key: string, record: StoreRecord) {
        return super.keep(key.replace(';', ''), record)
      }
    },
  ],
  [
    'deleteExpired removes living records',
    'deleteExpired removes no living record and no living trace',
    class extends ReferenceStore {
      override deleteExpired(limit: number) {
        return [...this.records.keys()].slice(0, limit).filter((key) => this.records.delete(key)).length
      }
    },
  ],
  [
    'deleteExpired ignores its limit',
    'deleteExpired removes up to the limit at a time, and says how many, until none is left',
    class extends ReferenceStore {
      override deleteExpired() {
        return super.deleteExpired(Number.POSITIVE_INFINITY)
      }
    },
  ],
  [
    'deleteExpired stops short of its limit',
    'deleteExpired removes up to the limit at a time, and says how many, until none is left',
    class extends ReferenceStore {
      override deleteExpired() {
        return super.deleteExpired(1)
      }
    },
  ],
  [
    'deleteExpired leaves traces',
    'deleteExpired removes expired traces too',
    class extends ReferenceStore {
      override deleteExpired(limit: number) {
        const expired = [...this.records.keys()].filter((key) => !this.living(key) && !key.startsWith(';')).slice(0, limit)
        return expired.filter((key) => this.records.delete(key)).length
      }
    },
  ],
  [
    'deleteExpired says its limit',
    'deleteExpired of a store without expired records answers 0, as often as it is called',
    class extends ReferenceStore {
      override deleteExpired(limit: number) {
        super.deleteExpired(limit)
        return limit
      }
    },
  ],
  [
    'deleteExpired goes by the first expiry',
    'deleteExpired removes no record that was prolonged in time',
    class extends ReferenceStore {
      readonly #due = new Map<string, number>()
      override keep(key: string, record: StoreRecord) {
        if (!this.#due.has(key)) this.#due.set(key, record.expiresAt)
        return super.keep(key, record)
      }
      override deleteExpired(limit: number) {
        const due = [...this.records.keys()].filter((key) => (this.#due.get(key) ?? 0) <= this.clock.now()).slice(0, limit)
        return due.filter((key) => this.records.delete(key)).length
      }
    },
  ],
]
