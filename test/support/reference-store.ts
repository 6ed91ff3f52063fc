import type { ConformanceClock } from '../../stores/conformance/index.ts'
import type { FindWant, FoundRecord, SessionStore, StoreEntry, StoreLack, StoreRecord } from '../../types/store.ts'

/** A clock that stands still until it is moved. */
export function manualClock(start = 1_700_000_000_250): ConformanceClock {
  let present = start
  return {
    now: () => present,
    advance(milliseconds) {
      present += milliseconds
    },
  }
}

/** Whether two arrays hold the same bytes. */
export function equal(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0
}

/** Throws when nobody waits for an answer any more. */
function inTime(until = Number.POSITIVE_INFINITY): void {
  if (Date.now() >= until) throw new Error('nothing was done, for nobody waits for it any more')
}

/** The records of a store, which several instances may share. */
export type Records = Map<string, StoreRecord>

/** The contract of a store in its plainest form: slow, small and obviously right. The clock and the data are parameters. */
export class ReferenceStore implements SessionStore {
  readonly lacks: readonly StoreLack[] = []
  readonly cleanupInterval: number = 60_000
  protected readonly records: Records
  protected readonly clock: Pick<ConformanceClock, 'now'>

  constructor(clock: Pick<ConformanceClock, 'now'> = { now: () => Date.now() }, records: Records = new Map()) {
    this.clock = clock
    this.records = records
  }

  find(key: string, _want: FindWant): FoundRecord | undefined | Promise<FoundRecord | undefined> {
    const record = this.living(key)
    return record && this.copy(record)
  }

  create(key: string, record: StoreRecord, until?: number): boolean | Promise<boolean> {
    inTime(until)
    return this.living(key) ? this.holds(key, record) : this.keep(key, record)
  }

  update(key: string, previous: Uint8Array, record: StoreRecord, until?: number): boolean | Promise<boolean> {
    inTime(until)
    return this.loaded(key, previous) ? this.keep(key, record) : this.holds(key, record)
  }

  rename(
    oldKey: string,
    newKey: string,
    previous: Uint8Array,
    record: StoreRecord,
    trace?: StoreEntry,
    until?: number,
  ): boolean | Promise<boolean> {
    inTime(until)
    if (!this.loaded(oldKey, previous) || this.living(newKey)) return this.holds(newKey, record)
    this.records.delete(oldKey)
    if (trace) this.keep(trace.key, trace.record)
    return this.keep(newKey, record)
  }

  touch(key: string, previous: Uint8Array, expiresAt: number, until?: number): boolean | Promise<boolean> {
    inTime(until)
    const record = this.loaded(key, previous)
    if (!record) return false
    return expiresAt > record.expiresAt ? this.keep(key, { ...record, expiresAt }) : true
  }

  delete(key: string, previous?: Uint8Array, until?: number): boolean | Promise<boolean> {
    inTime(until)
    const record = previous ? this.loaded(key, previous) : this.living(key)
    return record !== undefined && this.records.delete(key)
  }

  deleteOwnedBy(owner: string, exceptKey?: string, until?: number): number | Promise<number> {
    inTime(until)
    const keys = this.entries().filter((entry) => entry.record.owner === owner && entry.key !== exceptKey)
    return keys.filter((entry) => this.records.delete(entry.key)).length
  }

  async *all(): AsyncGenerator<StoreEntry> {
    yield* this.entries()
  }

  async *ownedBy(owner: string): AsyncGenerator<StoreEntry> {
    yield* this.entries().filter((entry) => entry.record.owner === owner)
  }

  count(): number | Promise<number> {
    return this.entries().length
  }

  deleteExpired(limit: number): number | Promise<number> {
    const expired = [...this.records.keys()].filter((key) => !this.living(key)).slice(0, limit)
    return expired.filter((key) => this.records.delete(key)).length
  }

  close(): void {}

  /** Every living session, copied: no traces. */
  protected entries(): StoreEntry[] {
    const keys = [...this.records.keys()].filter((key) => !key.startsWith(';'))
    return keys.flatMap((key) => {
      const record = this.living(key)
      return record ? [{ key, record: this.copy(record) }] : []
    })
  }

  protected living(key: string): StoreRecord | undefined {
    const record = this.records.get(key)
    return record && record.expiresAt > this.clock.now() ? record : undefined
  }

  protected loaded(key: string, previous: Uint8Array): StoreRecord | undefined {
    const record = this.living(key)
    return record && equal(record.data, previous) ? record : undefined
  }

  protected holds(key: string, { data, expiresAt, owner }: StoreRecord): boolean {
    const record = this.loaded(key, data)
    return record !== undefined && record.expiresAt === expiresAt && record.owner === owner
  }

  protected keep(key: string, record: StoreRecord): boolean {
    this.records.set(key, this.copy(record))
    return true
  }

  protected copy(record: StoreRecord): StoreRecord {
    return { ...record, data: Uint8Array.from(record.data) }
  }
}

/** A store that breaks one promise: what it does wrong, a case that must refuse it, and the store. */
export type BrokenStore = readonly [broken: string, fails: string, Store: new (clock: ConformanceClock, records?: Records) => SessionStore]
