/** A value, or a promise of it: a store that can answer at once should. */
export type Answer<T> = T | PromiseLike<T>

/** What a store keeps under a key. It never sees a cookie, a session or a request. */
export interface StoreRecord {
  /** The encoded session. To the store these are bytes and nothing more. */
  readonly data: Uint8Array
  /** When the record ceases to exist, in epoch milliseconds. */
  readonly expiresAt: number
  /** Whose session it is, when the application said so with the option `owner`. */
  readonly owner?: string | undefined
}

/**
 * What {@link SessionStore.find} hands out. The receiver may change `data`, unless it is what the receiver itself said that it knows; the store's own bytes stay as
 * they are.
 */
export interface FoundRecord {
  readonly data: Uint8Array
  /** May be left out when `find` was called with `expiry: false`, and is left out when the record has no expiry in the database. */
  readonly expiresAt?: number | undefined
  /** May be left out when `find` was called with `owner: false`. */
  readonly owner?: string | undefined
}

/** A record with its key, as in a listing. */
export interface StoreEntry {
  readonly key: string
  readonly record: StoreRecord
}

/** Bytes that a caller of `find` has already, and never changes. */
export interface KnownBytes {
  /** The bytes as a string of one character each (ISO 8859-1). */
  readonly text: string
  /** The bytes themselves, made when they are first asked for. */
  readonly data: Uint8Array
}

/** What `find` shall return besides the bytes. */
export interface FindWant {
  /** Whether `expiresAt` is needed. Some databases need a second command for it. */
  readonly expiry: boolean
  /** Whether `owner` is needed, which some databases keep apart. Default: true. */
  readonly owner?: boolean
  /**
   * What the caller knows of the record, for a store that {@link SessionStore.takesKnown}: when the bytes are still these, it may return `known.data` instead of a
   * copy of its own. Default: nothing is known.
   */
  readonly known?: KnownBytes | undefined
}

/**
 * What a store cannot do and therefore declares:
 *
 * - `compare`: `update`, `rename`, `touch` and `delete` do not compare with the bytes that were loaded. The last writer wins.
 * - `owner`: `ownedBy` and `deleteOwnedBy` throw.
 * - `list`: `all`, and with it `count`, throw.
 */
export type StoreLack = 'compare' | 'owner' | 'list'

/**
 * What a verb throws when it knows that it failed: a write that the server took and its replicas did not acknowledge in time, say. After any
 * other error the manager looks whether the write was made all the same; after this one it does not.
 */
export interface FinalError extends Error {
  readonly final: true
}

/** The little that a store needs of a logger. */
export interface StoreLogger {
  /** Notes what somebody should look at. */
  warn(fields: object, message: string): void
}

/** What a manager passes to a store before the first request. */
export interface StoreContext {
  readonly log: StoreLogger
}

/**
 * Where sessions live: the contract that every store keeps.
 *
 * A key is at most 43 characters of base64url, compared byte by byte. Those that begin with `;` hold *renewal records* (the parameter `trace`), the small records that a
 * renewal leaves behind for a minute: they have no owner, are found, written and deleted like any other, and are left out of `all`,
 * `ownedBy` and `count`. An owner is any string; a store throws for one that its database cannot hold.
 *
 * Each verb is one atomic step where the database can make it one. Each may answer with a value or with a promise. A record whose
 * `expiresAt` has come is gone for every verb, cleaned up or not. A store throws what its driver throws; the manager wraps it.
 * There is no unconditional write: the caller says what the store must hold for the write to happen.
 *
 * `until` is the moment, in epoch milliseconds by `Date.now`, after which nobody waits for the answer any more. A store then drops what it has
 * queued, would retry or has not sent, so that nothing happens that was reported as a failure. Default: there is no such moment.
 */
export interface SessionStore {
  /** What the store cannot do. Default: nothing. */
  readonly lacks?: readonly StoreLack[]
  /**
   * Whether `find` makes use of `want.known`, which no other store is told. A store in front of another one must not say so if it changes bytes in place. Default:
   * false.
   */
  readonly takesKnown?: boolean
  /** The largest `data` that the store takes, in bytes, where that is less than the manager's option `maxBytes`. */
  readonly maxBytes?: number
  /**
   * Milliseconds between two clean-ups, in which the manager calls `deleteExpired` until nothing is left. Absent when the database
   * drops expired records by itself.
   */
  readonly cleanupInterval?: number
  /** How many records one call of `deleteExpired` in a clean-up may remove. Default: 1000. */
  readonly cleanupBatch?: number

  /** Called by each manager that uses the store, once, before its first request. */
  attach?(context: StoreContext): void

  /** The record. Undefined when there is none or it has expired: that is no error. */
  find(key: string, want: FindWant, until?: number): Answer<FoundRecord | undefined>

  /** Adds a record. False when the key lives already, but true when it holds exactly this record. */
  create(key: string, record: StoreRecord, until?: number): Answer<boolean>

  /**
   * Compare-and-swap. Replaces the record when its bytes are still `previous`; false when they changed, are gone or have expired.
   * True as well when the key holds exactly `record` already, so that a command that a driver sends twice does no harm.
   */
  update(key: string, previous: Uint8Array, record: StoreRecord, until?: number): Answer<boolean>

  /**
   * Moves a session to a new key and replaces its record, under the same comparison as `update`, leaving `trace` behind in the same
   * step. False when the old key's bytes changed, are gone or have expired, and when the new key lives already; true when the new key
   * holds exactly `record`. At no moment do both keys work.
   */
  rename(oldKey: string, newKey: string, previous: Uint8Array, record: StoreRecord, trace?: StoreEntry, until?: number): Answer<boolean>

  /**
   * Lets a record live until `expiresAt`, later only, when its bytes are still `previous`. True when it does so already.
   * False when the bytes changed, are gone or have expired.
   */
  touch(key: string, previous: Uint8Array, expiresAt: number, until?: number): Answer<boolean>

  /** Removes a record; when `previous` is given, only if its bytes are these. Whether a living one was removed. */
  delete(key: string, previous?: Uint8Array, until?: number): Answer<boolean>

  /**
   * Removes every record of an owner but the one under `exceptKey`, and returns how many it removed. It misses none that lived when it was
   * called, not even one that is renamed meanwhile.
   */
  deleteOwnedBy(owner: string, exceptKey?: string, until?: number): Answer<number>

  /** Every living record, read in bounded batches. One that comes or goes meanwhile may or may not be in it. */
  all(): AsyncIterable<StoreEntry>

  /** Every living record of an owner, read in bounded batches. None is missed; one that is not the owner's may be among them. */
  ownedBy(owner: string): AsyncIterable<StoreEntry>

  /** How many records live. */
  count(): Answer<number>

  /** Removes up to `limit` expired records and returns how many. Fewer than `limit` means that none is left. */
  deleteExpired(limit: number): Answer<number>

  /** Ends what the store itself started. May be called again. A connection is closed by whoever opened it. */
  close(): Answer<void>
}
