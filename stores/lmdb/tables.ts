import { isRenewalRecord } from '../shared/renewal-record.ts'
import type { LmdbDatabase, LmdbEnvironment, LmdbRange } from './client.ts'
import {
  everyRenewalRecord,
  expiredBy,
  expiringKey,
  expiryKey,
  ownedBy,
  ownedKey,
  ownerKey,
  type Row,
  readRow,
  toKey,
  toText,
} from './row.ts'

const NO_VALUE = Buffer.alloc(0)

/**
 * The three databases of a store: the records, and two indexes that have only keys. Outside a transaction they are read as they were at the latest
 * `refresh`; within one, as the transaction sees them.
 */
export class Tables {
  readonly #records: LmdbDatabase
  readonly #expiry: LmdbDatabase
  readonly #owners: LmdbDatabase
  readonly #clock: () => number

  constructor(environment: LmdbEnvironment, name: string, clock: () => number) {
    this.#records = openTable(environment, name)
    this.#expiry = openTable(environment, `${name}:expiry`)
    this.#owners = openTable(environment, `${name}:owner`)
    this.#clock = clock
  }

  /** Makes visible what any process has committed. Without it the driver may read a snapshot from the beginning of the turn. */
  refresh(): void {
    this.#records.resetReadTxn()
  }

  living(key: string): Row | undefined {
    const row = this.#get(key)
    return row !== undefined && this.lives(row) ? row : undefined
  }

  lives({ record }: Row): boolean {
    return record.expiresAt > this.#clock()
  }

  /** The keys of an owner's sessions, including expired ones, and possibly those of an owner with a similar digest. */
  keysOf(owner: string): string[] {
    return Array.from(this.#owners.getKeys(ownedBy(owner)), ownedKey)
  }

  /** The living rows under the keys that are the owner's. */
  owned(owner: string, keys: readonly string[]): Row[] {
    return keys.flatMap((key) => {
      const row = this.living(key)
      return row?.record.owner === owner ? [row] : []
    })
  }

  /** The next `size` rows after a key, including expired ones and renewal records; `next` is the key after which to continue, if there may be more. */
  page(after: string, size: number): { rows: Row[]; next: string | undefined } {
    const rows = this.#rows({ start: toKey(`${after}\0`), limit: size })
    return { rows, next: rows.length < size ? undefined : rows.at(-1)?.key }
  }

  /** How many sessions live. Reads the expired rows and the renewal records, not the living sessions. */
  count(): number {
    const renewalRecords = this.#rows(everyRenewalRecord()).filter((row) => this.lives(row))
    const { entryCount } = this.#records.getStats() as { entryCount: number }
    return entryCount - this.#expiry.getKeysCount(expiredBy(this.#clock())) - renewalRecords.length
  }

  hasExpired(): boolean {
    return this.#expired(1).length > 0
  }

  /** Within a transaction: writes a row, replacing any other under its key. */
  put(row: Row): void {
    const before = this.#get(row.key)
    if (before !== undefined) this.#removeFromIndexes(before)
    this.#records.putSync(toKey(row.key), row.value)
    this.#expiry.putSync(expiryKey(row), NO_VALUE)
    const owned = ownerEntry(row)
    if (owned !== undefined) this.#owners.putSync(owned, NO_VALUE)
  }

  /** Within a transaction. */
  remove(row: Row): void {
    this.#removeFromIndexes(row)
    this.#records.removeSync(toKey(row.key))
  }

  /** Within a transaction: removes up to `limit` expired rows, oldest first, and returns how many. */
  removeExpired(limit: number): number {
    const expired = this.#expired(limit)
    for (const entry of expired) {
      const row = this.#get(expiringKey(entry))
      if (row !== undefined && !this.lives(row)) this.remove(row)
      else this.#expiry.removeSync(entry)
    }
    return expired.length
  }

  #get(key: string): Row | undefined {
    const value = this.#records.getBinary(toKey(key))
    return value && readRow(key, value)
  }

  #rows(range: LmdbRange): Row[] {
    return Array.from(this.#records.getRange(range), ({ key, value }) => readRow(toText(key), value))
  }

  #expired(limit: number): Buffer[] {
    return Array.from(this.#expiry.getKeys({ ...expiredBy(this.#clock()), limit }))
  }

  #removeFromIndexes(row: Row): void {
    this.#expiry.removeSync(expiryKey(row))
    const owned = ownerEntry(row)
    if (owned !== undefined) this.#owners.removeSync(owned)
  }
}

/** Opens a database for plain bytes, whatever the environment's settings are. */
function openTable(environment: LmdbEnvironment, name: string): LmdbDatabase {
  return environment.openDB(name, { encoding: 'binary', keyEncoding: 'binary', compression: false })
}

/** A row's entry in the index by owner. A renewal record has none. */
function ownerEntry({ key, record }: Row): Buffer | undefined {
  return record.owner === undefined || isRenewalRecord(key) ? undefined : ownerKey(record.owner, key)
}
