import type { FindWant, FoundRecord, SessionStore, StoreContext, StoreEntry, StoreLack, StoreRecord } from '../../types/store.ts'
import { checkedExpiry, checkedKey } from '../shared/text.ts'
import { walkOwned } from '../shared/walk-owned.ts'
import { bufferOf, type SqlDialect, type SqlVerb } from './dialect.ts'
import { SqlSender } from './sender.ts'
import type { SqlValues } from './statement.ts'

const FIVE_MINUTES = 300_000
const PAGE = 500

/** What the SQL stores have in common. Each verb is one atomic statement; the server's clock decides what has expired. */
export abstract class SqlStore implements SessionStore {
  /** Five minutes, as in SCS. */
  readonly cleanupInterval = FIVE_MINUTES
  readonly #dialect: SqlDialect
  readonly #sender: SqlSender
  /** The expiry that the clean-up has reached. Before it, the index still has entries of deleted rows that a long transaction may read. */
  #cleaned = Number.NEGATIVE_INFINITY

  /** @internal */
  constructor(dialect: SqlDialect, owner: unknown) {
    if (typeof owner !== 'boolean') throw new TypeError(`${dialect.name}: the option owner must be true or false`)
    this.#dialect = dialect
    this.#sender = new SqlSender(dialect, owner)
  }

  /** `['owner']` where the table has no owner column. The first statement shows that; it is checked again once a minute. */
  get lacks(): readonly StoreLack[] {
    return this.#sender.lacks
  }

  attach({ log }: StoreContext): void {
    this.#sender.attach(log)
  }

  async find(key: string, { expiry, owner = true }: FindWant, until?: number): Promise<FoundRecord | undefined> {
    const verb = expiry || owner ? 'find' : 'findData'
    const [row] = (await this.#sender.run(verb, { key: checkedKey(key) }, until)).rows
    if (row === undefined) return undefined
    return verb === 'find' ? this.#toRecord(row) : { data: this.#dialect.fromData(row[0]) }
  }

  async create(key: string, record: StoreRecord, until?: number): Promise<boolean> {
    return (await this.#sender.run('create', { key: checkedKey(key), ...this.#toValues(record) }, until)).count > 0
  }

  async update(key: string, previous: Uint8Array, record: StoreRecord, until?: number): Promise<boolean> {
    const values = { key: checkedKey(key), previous: bufferOf(previous), ...this.#toValues(record) }
    return (await this.#sender.run('update', values, until)).count > 0
  }

  async rename(
    oldKey: string,
    newKey: string,
    previous: Uint8Array,
    record: StoreRecord,
    trace?: StoreEntry,
    until?: number,
  ): Promise<boolean> {
    const keys = { key: checkedKey(oldKey), newKey: checkedKey(newKey) }
    const values = { ...keys, previous: bufferOf(previous), ...this.#toValues(record), ...(trace && this.#toTrace(trace)) }
    const verb = trace ? 'renameWithTrace' : 'rename'
    if (await this.#moves(verb, values, until)) return true
    // Nothing was moved, but this may be a command sent twice, and the first one moved it.
    return (await this.#sender.run('holds', values, until)).count > 0
  }

  async touch(key: string, previous: Uint8Array, expiresAt: number, until?: number): Promise<boolean> {
    const values = { key: checkedKey(key), previous: bufferOf(previous), expiry: checkedExpiry(expiresAt) }
    return (await this.#sender.run('touch', values, until)).count > 0
  }

  async delete(key: string, previous?: Uint8Array, until?: number): Promise<boolean> {
    const values = { key: checkedKey(key) }
    const deleted = previous
      ? await this.#sender.run('deleteUnchanged', { ...values, previous: bufferOf(previous) }, until)
      : await this.#sender.run('delete', values, until)
    return deleted.count > 0
  }

  async deleteOwnedBy(owner: string, exceptKey?: string, until?: number): Promise<number> {
    // No key is empty.
    const except = exceptKey === undefined ? '' : checkedKey(exceptKey)
    return (await this.#sender.run('deleteOwnedBy', { owner: this.#dialect.toOwner(owner), except }, until)).count
  }

  async *all(): AsyncGenerator<StoreEntry> {
    let after = ''
    for (;;) {
      const entries = (await this.#sender.run('all', { after, limit: String(PAGE) })).rows.map((row) => this.#toEntry(row))
      yield* entries
      const last = entries.at(-1)
      if (last === undefined || entries.length < PAGE) return
      after = last.key
    }
  }

  ownedBy(owner: string): AsyncGenerator<StoreEntry> {
    const keysOf = async () => {
      const { rows } = await this.#sender.run('ownedKeys', { owner: this.#dialect.toOwner(owner) })
      return rows.map(([key]) => String(key))
    }
    return walkOwned(keysOf, async (keys) => {
      const { rows } = await this.#sender.run('load', { keys })
      return rows.map((row) => this.#toEntry(row))
    })
  }

  async count(): Promise<number> {
    return Number((await this.#sender.run('count', {})).rows[0]?.[0])
  }

  /** Skips rows that another process is deleting or replacing. Throws a RangeError when `limit` is not a positive whole number. */
  async deleteExpired(limit: number): Promise<number> {
    if (!Number.isSafeInteger(limit) || limit < 1) throw new RangeError(`${this.#dialect.name}: the limit must be a positive whole number`)
    const from = this.#cleaned
    const removed = await this.#deleteExpiredFrom(from, limit)
    if (removed === limit || from === Number.NEGATIVE_INFINITY) return removed
    // Rows that were skipped, or written since, may have expired earlier than where this clean-up started.
    return removed + (await this.#deleteExpiredFrom(Number.NEGATIVE_INFINITY, limit - removed))
  }

  /** Does nothing: the connections are closed by whoever opened them. */
  close(): void {}

  /** The values of a record. */
  #toValues({ data, expiresAt, owner }: StoreRecord) {
    return { data: bufferOf(data), expiry: checkedExpiry(expiresAt), owner: owner === undefined ? null : this.#dialect.toOwner(owner) }
  }

  /** To be called when the table certainly has its owner column. */
  protected ownerColumnIsThere(): void {
    this.#sender.ownerFound()
  }

  #toTrace({ key, record }: StoreEntry): SqlValues {
    const { data, expiry, owner } = this.#toValues(record)
    return { traceKey: checkedKey(key), traceData: data, traceExpiry: expiry, traceOwner: owner }
  }

  #toEntry([key, ...row]: readonly unknown[]): StoreEntry {
    return { key: String(key), record: this.#toRecord(row) }
  }

  /** A record from the columns data, expiry and, where the table has it, owner. */
  #toRecord([data, expiry, owner]: readonly unknown[]): StoreRecord {
    const record = { data: this.#dialect.fromData(data), expiresAt: this.#dialect.fromExpiry(expiry) }
    return owner === null || owner === undefined ? record : { ...record, owner: String(owner) }
  }

  /** Whether a session was moved to its new key. Removes an expired record under the new key first. */
  async #moves(verb: SqlVerb, values: SqlValues, until: number | undefined, wasRemoved = true): Promise<boolean> {
    try {
      return (await this.#sender.run(verb, values, until)).count > 0
    } catch (error) {
      if (!this.#dialect.isTaken(error)) throw error
    }
    const removed = (await this.#sender.run('deleteExpiredNew', values, until)).count
    // Nothing removed: a clean-up may have been faster, and then the key is free as well.
    return removed > 0 || wasRemoved ? await this.#moves(verb, values, until, removed > 0) : false
  }

  async #deleteExpiredFrom(from: number, limit: number): Promise<number> {
    const [first] = (await this.#sender.run('firstExpired', { from })).rows
    this.#cleaned = first === undefined ? Number.NEGATIVE_INFINITY : this.#dialect.fromExpiry(first[0])
    if (first === undefined) return 0
    return (await this.#sender.run('deleteExpired', { from: this.#cleaned, limit: String(limit) })).count
  }
}
