import type { Cluster } from 'node:cluster'
import type { FindWant, FoundRecord, SessionStore, StoreContext, StoreEntry, StoreLogger, StoreRecord } from '../types/store.ts'
import { type Expiring, ExpiryHeap } from './shared/expiry-heap.ts'
import { toBytes, toText } from './shared/latin1.ts'
import { OwnerIndex } from './shared/owner-index.ts'
import { RecencyMap } from './shared/recency-map.ts'
import { RenewalLog } from './shared/renewal-log.ts'
import { isRenewalRecord } from './shared/renewal-record.ts'

/** The options of a {@link MemoryStore}. */
export interface MemoryStoreOptions {
  /**
   * How many sessions it holds at most; then the least recently used one is dropped. An owner counts as one for 15 seconds after a login under the option `limit`
   * with `then: 'refuse'`. What a renewal leaves behind for a minute does not count; of these records it holds as many at most. Default: 1,000,000.
   */
  readonly maxSessions?: number
  /** The time in epoch milliseconds. Default: `Date.now`. */
  readonly clock?: () => number
}

/** The data is a string of one byte a character, which takes less memory than a Uint8Array and cannot be changed by its receiver. */
interface Entry extends Expiring {
  readonly key: string
  data: string
  owner: string | undefined
}

const A_MINUTE = 60_000
/** How many expired records a full store removes at most before it drops a living one. */
const ROOM = 16
/** The index of an entry that is read from the log of renewals, and is in no heap. */
const IN_LOG = -1

/**
 * Sessions in this process's memory. Not for production: they are gone when the process ends, a second process does not see them, and when
 * `maxSessions` is reached somebody is logged out. For development, for tests, and for a single process whose sessions may be lost.
 *
 * Every verb that reads or writes a record answers at once, so each is one atomic step.
 */
export class MemoryStore implements SessionStore {
  /** Not of a class that extends this one: it may change what it finds in place. */
  readonly takesKnown: boolean
  readonly cleanupInterval = A_MINUTE
  /** Blocks the event loop for about two milliseconds among a million sessions. */
  readonly cleanupBatch = 200
  readonly #clock: () => number
  readonly #maxSessions: number
  readonly #entries: RecencyMap<Entry>
  readonly #expiry = new ExpiryHeap<Entry>()
  readonly #owners = new OwnerIndex()
  /** What renewals leave behind. What does not fit in, or is written again, is among the entries. */
  readonly #renewals: RenewalLog
  #renewalRecords = 0
  #log: StoreLogger | undefined
  #warned = false
  #hinted = false

  /** Throws a TypeError when `maxSessions` is not a positive whole number. */
  constructor(options: MemoryStoreOptions = {}) {
    const { maxSessions = 1_000_000, clock = () => Date.now() } = options
    if (!Number.isSafeInteger(maxSessions) || maxSessions < 1) throw new TypeError('maxSessions must be a positive whole number')
    this.takesKnown = new.target === MemoryStore
    this.#clock = clock
    this.#maxSessions = maxSessions
    this.#entries = new RecencyMap(maxSessions)
    this.#renewals = new RenewalLog(maxSessions)
  }

  attach({ log }: StoreContext): void {
    this.#log = log
    if (this.#hinted) return
    this.#hinted = true
    const trouble = misplaced()
    if (trouble !== undefined) log.warn({}, `${trouble}: use a store that outlives the process, for example LmdbStore or RedisStore`)
  }

  find(key: string, want?: FindWant): FoundRecord | undefined {
    const entry = this.#living(key)
    if (entry === undefined) return undefined
    this.#entries.use(key, entry)
    const known = want?.known
    if (known?.text !== entry.data) return toRecord(entry)
    // One string instead of two equal ones: it takes less memory, and is compared at once.
    entry.data = known.text
    return withOwner(known.data, entry)
  }

  create(key: string, record: StoreRecord, until?: number): boolean {
    checkTime(until)
    const entry = this.#held(key)
    if (entry !== undefined && this.#lives(entry)) return holds(entry, record)
    this.#add(key, record, entry)
    return true
  }

  update(key: string, previous: Uint8Array, record: StoreRecord, until?: number): boolean {
    checkTime(until)
    const entry = this.#living(key)
    if (entry === undefined) return false
    if (entry.data !== toText(previous)) return holds(entry, record)
    this.#replace(entry, record)
    return true
  }

  rename(oldKey: string, newKey: string, previous: Uint8Array, record: StoreRecord, trace?: StoreEntry, until?: number): boolean {
    checkTime(until)
    const entry = this.#living(oldKey)
    const target = this.#held(newKey)
    if (target !== undefined && this.#lives(target)) return holds(target, record)
    if (entry === undefined || entry.data !== toText(previous)) return false
    this.#remove(entry)
    // Before the session: if there is room for only one of them, the session stays.
    if (trace !== undefined) this.#leave(trace)
    // What had expired there may be gone, if the trace took room, and the trace itself may be there.
    this.#add(newKey, record, target === undefined && trace?.key !== newKey ? undefined : this.#held(newKey))
    return true
  }

  touch(key: string, previous: Uint8Array, expiresAt: number, until?: number): boolean {
    checkTime(until)
    const entry = this.#living(key)
    if (entry === undefined || entry.data !== toText(previous)) return false
    if (expiresAt > entry.expiresAt) this.#expireAt(entry, expiresAt)
    return true
  }

  delete(key: string, previous?: Uint8Array, until?: number): boolean {
    checkTime(until)
    const entry = this.#living(key)
    if (entry === undefined || (previous !== undefined && entry.data !== toText(previous))) return false
    this.#remove(entry)
    return true
  }

  deleteOwnedBy(owner: string, exceptKey?: string, until?: number): number {
    checkTime(until)
    const entries = this.#sessionsOf(owner).filter(({ key }) => key !== exceptKey)
    for (const entry of entries) this.#remove(entry)
    return entries.length
  }

  async *all(): AsyncGenerator<StoreEntry> {
    for (const key of this.#entries.keys()) {
      const entry = isRenewalRecord(key) ? undefined : this.#living(key)
      if (entry !== undefined) yield { key, record: toRecord(entry) }
    }
  }

  /** The sessions as they were at the first step, including any that are renamed or deleted meanwhile. */
  async *ownedBy(owner: string): AsyncGenerator<StoreEntry> {
    for (const entry of this.#sessionsOf(owner)) yield { key: entry.key, record: toRecord(entry) }
  }

  /** Removes what has expired first, so that the count is exact. */
  count(): number {
    this.deleteExpired(Number.POSITIVE_INFINITY)
    return this.#entries.size - this.#renewalRecords
  }

  deleteExpired(limit: number): number {
    const removed = this.#renewals.deleteExpired(limit, this.#clock)
    return removed + this.#deleteExpiredEntries(limit - removed)
  }

  #deleteExpiredEntries(limit: number): number {
    for (let removed = 0; removed < limit; removed++) {
      const { first } = this.#expiry
      if (first === undefined || this.#lives(first)) return removed
      this.#remove(first)
    }
    return limit
  }

  /** Does nothing: another manager may still use the sessions. */
  close(): void {}

  #living(key: string): Entry | undefined {
    const entry = this.#held(key)
    return entry !== undefined && this.#lives(entry) ? entry : undefined
  }

  /** What is under a key, expired or not. */
  #held(key: string): Entry | undefined {
    if (!isRenewalRecord(key)) return this.#entries.get(key)
    const entry = this.#renewalRecords > 0 ? this.#entries.get(key) : undefined
    const record = entry === undefined ? this.#renewals.find(key) : undefined
    return record === undefined ? entry : toEntry(key, record, IN_LOG)
  }

  #sessionsOf(owner: string): Entry[] {
    return this.#owners.of(owner).flatMap((key) => (isRenewalRecord(key) ? [] : (this.#living(key) ?? [])))
  }

  #lives({ expiresAt }: Entry): boolean {
    return expiresAt > this.#clock()
  }

  #leave(trace: StoreEntry): void {
    const before = this.#held(trace.key)
    if (before !== undefined) this.#remove(before)
    if (!isRenewalRecord(trace.key) || !this.#renewals.add(trace)) this.#add(trace.key, trace.record, undefined)
  }

  /** `before` is what is under the key, if anything. */
  #add(key: string, record: StoreRecord, before: Entry | undefined): void {
    if (before !== undefined) this.#remove(before)
    if (this.#entries.size >= this.#maxSessions) this.#deleteExpiredEntries(ROOM)
    const entry = toEntry(key, record, 0)
    this.#expiry.add(entry)
    this.#owners.add(entry.owner, key)
    if (isRenewalRecord(key)) this.#renewalRecords++
    const evicted = this.#entries.add(key, entry)
    if (evicted === undefined) return
    this.#forget(evicted)
    this.#warn()
  }

  #replace(entry: Entry, record: StoreRecord): void {
    if (entry.index === IN_LOG) {
      this.#add(entry.key, record, entry)
      return
    }
    entry.data = toText(record.data)
    if (entry.owner !== record.owner) {
      this.#owners.remove(entry.owner, entry.key)
      entry.owner = record.owner
      this.#owners.add(entry.owner, entry.key)
    }
    if (entry.expiresAt !== record.expiresAt) this.#expireAt(entry, record.expiresAt)
    this.#entries.use(entry.key, entry)
  }

  #expireAt(entry: Entry, expiresAt: number): void {
    if (entry.index === IN_LOG) {
      this.#add(entry.key, { ...toRecord(entry), expiresAt }, entry)
      return
    }
    entry.expiresAt = expiresAt
    this.#expiry.moved(entry)
  }

  #remove(entry: Entry): void {
    if (entry.index === IN_LOG) {
      this.#renewals.remove(entry.key)
      return
    }
    this.#entries.delete(entry.key)
    this.#forget(entry)
  }

  #forget(entry: Entry): void {
    this.#expiry.remove(entry)
    this.#owners.remove(entry.owner, entry.key)
    if (isRenewalRecord(entry.key)) this.#renewalRecords--
  }

  #warn(): void {
    if (this.#warned) return
    this.#warned = true
    const message = 'the memory store is full: the least recently used sessions are dropped, and their users logged out'
    this.#log?.warn({ maxSessions: this.#maxSessions }, message)
  }
}

/** Throws after `until`: the caller has already been told that the call failed. */
function checkTime(until: number | undefined): void {
  if (until !== undefined && Date.now() >= until) throw new Error('MemoryStore: nothing was done, because the time was up')
}

/** Why a memory store is wrong in this process, if it is. The module is loaded only here, because other processes do not need it. */
function misplaced(): string | undefined {
  const { isWorker } = process.getBuiltinModule('node:cluster') as unknown as Cluster
  if (isWorker) return 'sessions are in the memory of this worker alone, and a request that reaches another worker finds none'
  if (process.env['NODE_ENV'] !== 'production') return undefined
  return 'NODE_ENV is production, and sessions are in the memory of this process alone, so a restart logs everybody out'
}

function toEntry(key: string, { data, expiresAt, owner }: StoreRecord, index: number): Entry {
  return { key, data: toText(data), expiresAt, owner, index }
}

function toRecord(entry: Entry): StoreRecord {
  return withOwner(toBytes(entry.data), entry)
}

function withOwner(data: Uint8Array, { expiresAt, owner }: Entry): StoreRecord {
  return owner === undefined ? { data, expiresAt } : { data, expiresAt, owner }
}

function holds(entry: Entry, record: StoreRecord): boolean {
  return entry.data === toText(record.data) && entry.expiresAt === record.expiresAt && entry.owner === record.owner
}
