import type { Answer, SessionStore, StoreLack } from '../../types/store.ts'

/** The clock that a store was built with, where it takes one: with it the suite never waits. */
export interface ConformanceClock {
  /** The present, in epoch milliseconds, as the store sees it. */
  now(): number
  /** Moves the present forward by so many milliseconds. */
  advance(milliseconds: number): Answer<void>
}

/** What `createStore` gives for one case. */
export interface ConformanceSubject {
  /** A store that is empty and shares no record with any other: a table, a prefix or a directory of its own. */
  readonly store: SessionStore
  /**
   * Opens a second instance of the store on the same data, as another process would have it: with a connection of its own, and the same
   * `clock`. Called at most once for each case, by those in which two instances meet; the suite attaches it, and closes it before `store`.
   * Default: none, for a store that no second process can share; these cases then run with the one instance.
   */
  readonly second?: (() => Answer<SessionStore>) | undefined
  /** Default: none, the store goes by the real time, and the suite waits where something has to expire. */
  readonly clock?: ConformanceClock | undefined
  /** Frees what `createStore` opened, a connection or a table. Called once, after `store.close()`, whether the case passed or not. */
  readonly close?: (() => Answer<void>) | undefined
}

/**
 * What a database has to be able to do, and what a case shows of it. It stands in brackets at the end of each test's name:
 *
 * - `unique keys`: a key holds one record, and no other takes its place.
 * - `compare and swap`: a record is written only where the bytes are the ones that were loaded.
 * - `atomic steps`: of verbs that run at once, each is one step.
 * - `renewal`: a session moves to another key and leaves a trace; the old key is dead.
 * - `deletion`: what was deleted is gone.
 * - `expiry`: a record ends at its moment, to the millisecond, neither earlier nor later.
 * - `repetition`: a command that a driver sends twice does no harm.
 * - `late commands`: nothing is carried out for which nobody waits any more.
 * - `exact bytes`, `exact keys`: they are kept and compared as they were given.
 * - `owners`: whose records they are, misses none and takes no other's.
 * - `listing`: all records are listed and counted.
 * - `shared data`: what one instance of the store did, another one sees at once.
 * - `clean-up`: expired records are removed, and no others.
 * - `life cycle`: a store may be attached and closed more than once.
 * - `declared lacks`: the store says itself what it cannot do.
 */
export type ConformancePromise =
  | ('unique keys' | 'compare and swap' | 'atomic steps' | 'renewal' | 'deletion' | 'expiry' | 'repetition' | 'late commands')
  | ('exact bytes' | 'exact keys' | 'owners' | 'listing' | 'shared data' | 'clean-up' | 'life cycle' | 'declared lacks')

/** What a case works with. */
export interface CaseContext {
  readonly store: SessionStore
  /** A second instance of the store on the same data; the same one where the subject gives no other. */
  another(): Promise<SessionStore>
  /** What the store is expected to declare as its lacks. */
  readonly lacks: readonly StoreLack[]
  /** The moment so many hours (default 1) after the case began, never on a full second, so that a store that rounds is seen. */
  later(hours?: number): number
  /** A moment close enough to be waited for with `pass`; so many milliseconds later where much is done before it, for a machine may be slow. */
  soon(slack?: number): number
  /** A moment that has passed. */
  passed(): number
  /** A moment until which nobody waits any more, to be handed to a verb: it has passed by the machine's clock and by the store's. */
  tooLate(): number
  /** Lets the time come just before the latest moment that `soon` gave. */
  almost(): Promise<void>
  /** Lets the latest moment that `soon` gave pass. */
  pass(): Promise<void>
  /** Whether the store has a clock that can be moved, so that days pass at once. */
  readonly canLeap: boolean
}

/** One case of the suite. */
export interface ConformanceCase {
  /** What the store has to do, as a sentence. No two cases have the same. */
  readonly name: string
  /** What it shows of the database. */
  readonly promise: ConformancePromise
  /** The case does not apply to a store that lacks one of these. Default: it applies to every store. */
  readonly needs?: readonly StoreLack[]
  /** Rejects, with a message that names the broken promise, when the store does not keep it. */
  run(context: CaseContext): Promise<void>
}

/** A case that only a store with this lack must pass: what it says of itself has to be true. */
export interface LackCase extends ConformanceCase {
  readonly shows: StoreLack
}
