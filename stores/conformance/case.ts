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
  /** Default: none, the store goes by the real time, and the suite waits where something has to expire. */
  readonly clock?: ConformanceClock | undefined
  /** Frees what `createStore` opened, a connection or a table. Called once, after `store.close()`, whether the case passed or not. */
  readonly close?: (() => Answer<void>) | undefined
}

/** What a case works with. */
export interface CaseContext {
  readonly store: SessionStore
  /** What the store is expected to declare as its lacks. */
  readonly lacks: readonly StoreLack[]
  /** The moment so many hours (default 1) after the case began, never on a full second, so that a store that rounds is seen. */
  later(hours?: number): number
  /** A moment close enough to be waited for with `pass`; so many milliseconds later where much is done before it, for a machine may be slow. */
  soon(slack?: number): number
  /** A moment that has passed. */
  passed(): number
  /** Lets the time come just before the latest moment that `soon` gave. */
  almost(): Promise<void>
  /** Lets the latest moment that `soon` gave pass. */
  pass(): Promise<void>
}

/** One promise of the contract. */
export interface ConformanceCase {
  /** The promise as a sentence. No two cases have the same. */
  readonly name: string
  /** The case does not apply to a store that lacks one of these. Default: it applies to every store. */
  readonly needs?: readonly StoreLack[]
  /** Rejects, with a message that names the broken promise, when the store does not keep it. */
  run(context: CaseContext): Promise<void>
}

/** A case that only a store with this lack must pass: what it says of itself has to be true. */
export interface LackCase extends ConformanceCase {
  readonly shows: StoreLack
}
