import type { FoundRecord, StoreEntry, StoreRecord } from '../../types/store.ts'
import { isRenewalRecord } from '../shared/renewal-record.ts'
import { checkedExpiry, checkedKey, checkedOwner, NO_OWNER_COLUMN } from '../shared/text.ts'
import type { Connection, SqliteRow, SqliteValues } from './connection.ts'
import { fromJulian, toJulian } from './julian.ts'
import { columnsOf, quoted } from './migrate.ts'
import { type SqliteTexts, sqliteTexts } from './statements.ts'

/** A record as the values of a row. */
export interface RowValues extends SqliteValues {
  readonly key: string
  readonly data: Uint8Array
  readonly expiry: number
  readonly owner: string | null
}

/**
 * The row of a record, with a copy of its bytes. Throws a RangeError for a key or an owner that could be mistaken for another, and for an expiry that a
 * Date cannot hold.
 */
export function rowOf(key: string, { data, expiresAt, owner }: StoreRecord): RowValues {
  return {
    key: checkedKey(key),
    data: Buffer.from(data),
    expiry: toJulian(checkedExpiry(expiresAt)),
    owner: owner === undefined ? null : checkedOwner(owner),
  }
}

/** A table of sessions. Methods that write must be called within a transaction. */
export class Table {
  readonly #connection: Connection
  readonly #name: string
  readonly #clock: () => number
  readonly #wantsOwner: boolean
  readonly #texts: Record<'plain' | 'owned', SqliteTexts>
  #hasOwner = false

  constructor(connection: Connection, name: string, owner: boolean, clock: () => number) {
    this.#connection = connection
    this.#name = name
    this.#wantsOwner = owner
    this.#clock = clock
    this.#texts = { plain: sqliteTexts(quoted(name), false), owned: sqliteTexts(quoted(name), true) }
  }

  /** Whether owners should be stored but cannot be. */
  isOwnerMissing(): boolean {
    return this.#wantsOwner && !this.keepsOwner()
  }

  /** Whether owners are stored. A missing column is looked for each time, because somebody may add it. */
  keepsOwner(): boolean {
    if (!this.#wantsOwner || this.#hasOwner) return this.#wantsOwner
    const columns = columnsOf(this.#connection, this.#name)
    this.#hasOwner = columns.includes('owner')
    // A table that does not exist yet will be created with the column.
    return this.#hasOwner || columns.length === 0
  }

  find(key: string): FoundRecord | undefined {
    const row = this.#connection.get(this.#text.find, { key, now: this.#now })
    return row && toRecord(row)
  }

  create(row: RowValues): boolean {
    if (this.#run('create', row) > 0) return true
    if (this.#run('deleteIfExpired', row) > 0) return this.#run('create', row) > 0
    return this.#holds(row)
  }

  update(previous: Uint8Array, row: RowValues): boolean {
    return this.#run('update', { ...row, previous }) > 0
  }

  rename(key: string, previous: Uint8Array, row: RowValues, trace: RowValues | undefined): boolean {
    this.#run('deleteIfExpired', row)
    if (this.#run('rename', { ...row, key, previous, newKey: row.key }) === 0) return this.#holds(row)
    if (trace !== undefined) {
      this.#run('deleteAnyway', trace)
      this.#run('create', trace)
    }
    return true
  }

  touch(key: string, previous: Uint8Array, expiresAt: number): boolean {
    return this.#run('touch', { key, previous, expiry: toJulian(expiresAt) }) > 0
  }

  delete(key: string, previous: Uint8Array | undefined): boolean {
    if (previous === undefined) return this.#run('delete', { key }) > 0
    return this.#run('deleteUnchanged', { key, previous }) > 0
  }

  deleteOwnedBy(owner: string, except: string): number {
    this.#checkOwnerColumn()
    return this.#run('deleteOwnedBy', { owner, except })
  }

  deleteExpired(limit: number): number {
    return this.#run('deleteExpired', { limit })
  }

  /** The living sessions among the `limit` rows after a key; `next` is the key after which to continue, if there may be more rows. */
  page(after: string, limit: number): { entries: StoreEntry[]; next: string | undefined } {
    const now = this.#now
    const rows = this.#connection.all(this.#text.page, { after, limit })
    const living = rows.filter(({ token, expiry }) => Number(expiry) > now && !isRenewalRecord(String(token)))
    const next = rows.length < limit ? undefined : String(rows.at(-1)?.['token'])
    return { entries: living.map((row) => ({ key: String(row['token']), record: toRecord(row) })), next }
  }

  ownedKeys(owner: string): string[] {
    this.#checkOwnerColumn()
    return this.#connection.all(this.#text.ownedKeys, { owner, now: this.#now }).map(({ token }) => String(token))
  }

  /** Those records under the given keys that are the owner's. */
  owned(owner: string, keys: readonly string[]): StoreEntry[] {
    return keys.flatMap((key) => {
      const row = this.#connection.get(this.#text.find, { key, now: this.#now })
      const record = row && toRecord(row)
      return record?.owner === owner ? [{ key, record }] : []
    })
  }

  count(): number {
    const now = this.#now
    const countOf = (text: string) => Number(this.#connection.get(text, { now })?.['count'])
    return countOf(this.#text.count) - countOf(this.#text.countRenewalRecords)
  }

  #holds(row: RowValues): boolean {
    return this.#connection.get(this.#text.holds, { ...row, now: this.#now }) !== undefined
  }

  #run(verb: keyof SqliteTexts, values: SqliteValues): number {
    return this.#connection.run(this.#text[verb], { ...values, now: this.#now })
  }

  #checkOwnerColumn(): void {
    if (!this.keepsOwner()) throw new Error(`SqliteStore: ${NO_OWNER_COLUMN}`)
  }

  get #text(): SqliteTexts {
    return this.#texts[this.keepsOwner() ? 'owned' : 'plain']
  }

  get #now(): number {
    return toJulian(this.#clock())
  }
}

function toRecord({ data, expiry, owner }: SqliteRow): StoreRecord {
  const record = { data: data as Uint8Array, expiresAt: fromJulian(Number(expiry)) }
  return owner instanceof Uint8Array
    ? { ...record, owner: Buffer.from(owner.buffer, owner.byteOffset, owner.byteLength).toString() }
    : record
}
