import type { Answer, SessionStore, StoreLack } from '../../types/store.ts'

/** The clock that was passed to the store, if it takes one. With it the suite never waits. */
export interface ConformanceClock {
  /** The present, in epoch milliseconds, as the store sees it. */
  now(): number
  /** Moves the present forward. */
  advance(milliseconds: number): Answer<void>
}

/** What `createStore` returns for one case. */
export interface ConformanceSubject {
  /** A store that is empty and shares no record with any other: it has its own table, prefix or directory. */
  readonly store: SessionStore
  /**
   * Opens a second instance of the store on the same data, as another process would: with its own connection, but the same `clock`. Called at most once
   * in each case that needs two instances. The suite attaches it, and closes it before `store`. Default: none, for a store that no second process can
   * share; those cases then use the one instance.
   */
  readonly second?: (() => Answer<SessionStore>) | undefined
  /** Default: none; the store uses the real time, and the suite waits for records to expire. */
  readonly clock?: ConformanceClock | undefined
  /** Releases what `createStore` opened, such as a connection or a table. Called once, after `store.close()`, whether the case passed or not. */
  readonly close?: (() => Answer<void>) | undefined
}

/**
 * What a case shows about the database. It is in brackets at the end of each test's name:
 *
 * - `unique keys`: a key holds one record, and no other takes its place.
 * - `compare and swap`: a record is written only where the bytes are the ones that were loaded.
 * - `atomic steps`: each of several concurrent verbs is one step.
 * - `renewal`: a session moves to another key and leaves a trace; the old key no longer works.
 * - `deletion`: what was deleted is gone.
 * - `expiry`: a record expires at its moment, to the millisecond.
 * - `repetition`: a command that a driver sends twice does no harm.
 * - `late commands`: nothing is carried out for which nobody waits any more.
 * - `exact bytes`, `exact keys`: they are kept and compared exactly.
 * - `owners`: what is done for an owner misses none of their records, and touches no other's.
 * - `listing`: all records are listed and counted.
 * - `shared data`: another instance of the store sees at once what one has done.
 * - `clean-up`: expired records are removed, and no others.
 * - `life cycle`: a store may be attached and closed more than once.
 * - `declared lacks`: the store declares what it cannot do.
 */
export type ConformancePromise =
  | ('unique keys' | 'compare and swap' | 'atomic steps' | 'renewal' | 'deletion' | 'expiry' | 'repetition' | 'late commands')
  | ('exact bytes' | 'exact keys' | 'owners' | 'listing' | 'shared data' | 'clean-up' | 'life cycle' | 'declared lacks')

/** What a case works with. */
export interface CaseContext {
  readonly store: SessionStore
  /** A second instance of the store on the same data, or `store` itself where there is none. */
  another(): Promise<SessionStore>
  /** The lacks that the store is expected to declare. */
  readonly lacks: readonly StoreLack[]
  /** A moment some hours (default: 1) after the case began, never on a full second, so that a store that rounds fails. */
  later(hours?: number): number
  /** A moment for which `pass` can wait. `slack`: how many milliseconds later it is, if much is done before it on a slow machine. */
  soon(slack?: number): number
  /** A moment that has passed. */
  passed(): number
  /** An `until` that has passed, by the machine's clock and by the store's. */
  tooLate(): number
  /** Waits until just before the latest moment that `soon` returned. */
  almost(): Promise<void>
  /** Waits until the latest moment that `soon` returned has passed. */
  pass(): Promise<void>
  /** Whether the store has a clock that can be moved, so that days can pass at once. */
  readonly canLeap: boolean
}

/** One case of the suite. */
export interface ConformanceCase {
  /** What the store must do, as a sentence. Each case has a different one. */
  readonly name: string
  /** What it shows about the database. */
  readonly promise: ConformancePromise
  /** The case does not apply to a store that lacks one of these. Default: it applies to every store. */
  readonly needs?: readonly StoreLack[]
  /** Rejects, with a message that names the broken promise, when the store does not keep it. */
  run(context: CaseContext): Promise<void>
}

/** A case that only a store with this lack must pass: the lack must be true. */
export interface LackCase extends ConformanceCase {
  readonly shows: StoreLack
}
