import type { SessionStore, StoreEntry, StoreRecord } from '../../../types/store.ts'
import { type BrokenStore, equal, ReferenceStore } from '../reference-store.ts'

const CUT = 65_535
const DAY = 86_400_000

function cut(record: StoreRecord): StoreRecord {
  return { ...record, data: record.data.subarray(0, CUT) }
}

async function* cutEach(listing: AsyncIterable<StoreEntry>) {
  for await (const { key, record } of listing) yield { key, record: cut(record) }
}

/** A BLOB without a strict mode. */
class Cutting extends ReferenceStore {
  override keep(key: string, record: StoreRecord) {
    return super.keep(key, cut(record))
  }
}

/** Stores for which a moment is too far off, or data too large. */
export const brokenFar: readonly BrokenStore[] = [
  [
    'a record is ended by a timer, which takes no more than 24.8 days',
    'a record lives for 25, 50, 90 or 400 days, whichever verb says so',
    class extends ReferenceStore {
      override keep(key: string, record: StoreRecord) {
        // What a timer does with a time that is too long, but for its warning.
        if (record.expiresAt - this.clock.now() >= 2 ** 31) setTimeout(() => this.records.delete(key), 1)
        return super.keep(key, record)
      }
    },
  ],
  [
    'touch prolongs by 49.7 days at most',
    'a record lives for 25, 50, 90 or 400 days, whichever verb says so',
    class extends ReferenceStore {
      override touch(key: string, previous: Uint8Array, expiresAt: number) {
        return super.touch(key, previous, Math.min(expiresAt, this.clock.now() + 2 ** 32))
      }
    },
  ],
  [
    'a record is dropped after 60 days, whatever it says',
    'a record lives for 25, 50, 90 or 400 days, whichever verb says so',
    class extends ReferenceStore {
      readonly #start = this.clock.now()
      override living(key: string) {
        return this.clock.now() - this.#start > 60 * DAY ? undefined : super.living(key)
      }
    },
  ],
  [
    'what should live for more than a month never ends',
    'a record lives for 25, 50, 90 or 400 days, whichever verb says so',
    class extends ReferenceStore {
      override living(key: string) {
        return super.living(key) ?? (/(50|90|400)$/.test(key) ? this.records.get(key) : undefined)
      }
    },
  ],
  [
    'seconds are kept in 32 bits',
    'a record lives until 2040, whichever verb says so, or the verb is refused',
    class extends ReferenceStore {
      override keep(key: string, record: StoreRecord) {
        const expiresAt = (Math.floor(record.expiresAt / 1000) | 0) * 1000 + (record.expiresAt % 1000)
        return super.keep(key, { ...record, expiresAt })
      }
    },
  ],
  [
    'a record that would end after 2038 ends in 2038',
    'a record lives until 2040, whichever verb says so, or the verb is refused',
    class extends ReferenceStore {
      override touch(key: string, previous: Uint8Array, expiresAt: number) {
        return super.touch(key, previous, Math.min(expiresAt, (2 ** 31 - 1) * 1000))
      }
    },
  ],
  ['data is cut off at 64 KiB', 'a mebibyte comes back whole, whichever verb wrote it, or as much as the store declares', Cutting],
  [
    'the data of a trace is cut off at 64 KiB',
    'a mebibyte comes back whole, whichever verb wrote it, or as much as the store declares',
    class extends ReferenceStore {
      override keep(key: string, record: StoreRecord) {
        return super.keep(key, key.startsWith(';') ? cut(record) : record)
      }
    },
  ],
  [
    'all cuts data off at 64 KiB',
    'all lists a mebibyte whole, or as much as the store declares',
    class extends ReferenceStore {
      override all() {
        return cutEach(super.all()) as ReturnType<ReferenceStore['all']>
      }
    },
  ],
  [
    'ownedBy cuts data off at 64 KiB',
    'ownedBy lists a mebibyte whole, or as much as the store declares',
    class extends ReferenceStore {
      override ownedBy(owner: string) {
        return cutEach(super.ownedBy(owner)) as ReturnType<ReferenceStore['ownedBy']>
      }
    },
  ],
  [
    'data is compared up to 64 KiB',
    'a mebibyte is compared up to its last byte, or as much as the store declares',
    class extends ReferenceStore {
      override loaded(key: string, previous: Uint8Array) {
        const record = this.living(key)
        return record && equal(record.data.subarray(0, CUT), previous.subarray(0, CUT)) ? record : undefined
      }
    },
  ],
  [
    'data is cut off at what the store says it takes',
    'one byte more is kept whole or refused, and never cut off',
    class extends Cutting implements SessionStore {
      readonly maxBytes = CUT
    },
  ],
  [
    'what is too large is refused by answering false',
    'one byte more is kept whole or refused, and never cut off',
    class extends ReferenceStore implements SessionStore {
      readonly maxBytes = CUT
      override create(key: string, record: StoreRecord) {
        return record.data.length <= CUT && super.create(key, record)
      }
    },
  ],
]
