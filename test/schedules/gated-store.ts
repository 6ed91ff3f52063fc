import { AsyncLocalStorage } from 'node:async_hooks'
import type { Answer, FindWant, FoundRecord, SessionStore, StoreContext, StoreEntry, StoreRecord } from '../../types/store.ts'
import type { FakeClock } from '../support/clock.ts'
import type { Fact } from './facts.ts'

/** One call of a store by a request, and what it did. */
export interface Step {
  /** The request that made it. */
  readonly actor: string
  readonly verb: 'find' | 'create' | 'update' | 'rename' | 'touch' | 'delete' | 'deleteOwnedBy' | 'ownedBy'
  /** The key; of `deleteOwnedBy` and `ownedBy` the owner. */
  readonly key: string
  /** Where `rename` moved it; of `deleteOwnedBy` the key that was to live on. */
  readonly newKey?: string
  /** The trace that a renewal leaves, and until when. */
  readonly trace?: { readonly key: string; readonly until: number }
  readonly expiresAt?: number
  /** What `find` returned. */
  readonly found?: Uint8Array | undefined
  /** What was written. */
  readonly data?: Uint8Array
  /** Whether it changed the store. */
  readonly done: boolean
  readonly fate: Fate
  /** How many calls had worked when this one was made. */
  readonly calledAt: number
  /** When it worked. */
  readonly now: number
}

export type Verb = Step['verb']

/**
 * What becomes of a call that waits. It works. The process dies with it, before the store got it (`drop`) or after (`lose`). The connection
 * breaks, before (`refuse`) or after (`break`), and the request goes on with an error. Or that error comes only when the time is over that
 * a request has, and so nobody can look what became of the call: before the store got it (`stall`) or after (`hang`).
 */
export type Fate = 'work' | 'drop' | 'lose' | 'refuse' | 'break' | 'stall' | 'hang'

/** The fates of which the store never hears. */
export const UNHEARD: readonly Fate[] = ['drop', 'refuse', 'stall']

/** The default of `storeTimeout`. */
export const BUDGET_MS = 5000

/** A request, or a job without one, that makes store calls. */
export interface Actor {
  readonly name: string
  /** What its process does when it wakes from waiting for an answer that never came is no part of any schedule. */
  dead: boolean
  /** Waits at a point between its session calls until the schedule lets it go on. */
  pause(): Promise<void>
  /** Tells that one of its session calls is under way. */
  calls(call: Promise<unknown>): void
  /** Notes what it did or saw. */
  note(fact: Fact): void
}

/** Who makes a store call. */
export const actors = new AsyncLocalStorage<Actor>()

const LOST = new Promise<never>(() => {})

/** A store in front of which every call waits until a schedule lets it work. */
export class GatedStore implements SessionStore {
  readonly inner: SessionStore
  readonly #clock: FakeClock
  /** Every call that worked, in the order in which they did. */
  steps: Step[] = []
  /** Asked before a call works; without it all go straight through. */
  arrive: ((name: string, verb: Verb) => Promise<Fate>) | undefined
  /** Told when a request has died, its last call carried out or not. */
  died = (_actor: Actor) => {}

  constructor(inner: SessionStore, clock: FakeClock) {
    this.inner = inner
    this.#clock = clock
  }

  async #pass<T>(verb: Verb, key: string, work: () => Answer<T>, more: (answer: T) => Partial<Step>): Promise<T> {
    const actor = actors.getStore()
    if (actor?.dead) return LOST
    const name = actor?.name ?? ''
    const calledAt = this.steps.length
    const fate = (await this.arrive?.(name, verb)) ?? 'work'
    const called = { actor: name, verb, key, fate, calledAt, now: this.#clock() }
    if (UNHEARD.includes(fate)) {
      this.steps.push({ ...called, done: false })
      return this.#failed(fate, actor)
    }
    const answer = await work()
    this.steps.push({ ...called, done: answer === true, ...more(answer) })
    return fate === 'work' ? answer : this.#failed(fate, actor)
  }

  #failed(fate: Fate, actor: Actor | undefined): Promise<never> {
    if (actor !== undefined && (fate === 'drop' || fate === 'lose')) {
      actor.dead = true
      this.died(actor)
      return LOST
    }
    if (fate === 'stall' || fate === 'hang') this.#clock.advance(BUDGET_MS)
    throw new Error('the connection is broken')
  }

  attach(context: StoreContext) {
    this.inner.attach?.(context)
  }
  find(key: string, want: FindWant, until?: number): Promise<FoundRecord | undefined> {
    return this.#pass<FoundRecord | undefined>(
      'find',
      key,
      () => this.inner.find(key, want, until),
      (record) => ({ found: record?.data }),
    )
  }
  create(key: string, record: StoreRecord, until?: number) {
    const { expiresAt, data } = record
    return this.#pass(
      'create',
      key,
      () => this.inner.create(key, record, until),
      () => ({ expiresAt, data }),
    )
  }
  update(key: string, previous: Uint8Array, record: StoreRecord, until?: number) {
    const { expiresAt, data } = record
    return this.#pass(
      'update',
      key,
      () => this.inner.update(key, previous, record, until),
      () => ({ expiresAt, data }),
    )
  }
  rename(oldKey: string, newKey: string, previous: Uint8Array, record: StoreRecord, trace?: StoreEntry, until?: number) {
    const more = {
      newKey,
      expiresAt: record.expiresAt,
      data: record.data,
      ...(trace === undefined ? {} : { trace: { key: trace.key, until: trace.record.expiresAt } }),
    }
    return this.#pass(
      'rename',
      oldKey,
      () => this.inner.rename(oldKey, newKey, previous, record, trace, until),
      () => more,
    )
  }
  touch(key: string, previous: Uint8Array, expiresAt: number, until?: number) {
    return this.#pass(
      'touch',
      key,
      () => this.inner.touch(key, previous, expiresAt, until),
      () => ({ expiresAt }),
    )
  }
  delete(key: string, previous?: Uint8Array, until?: number) {
    return this.#pass(
      'delete',
      key,
      () => this.inner.delete(key, previous, until),
      () => ({}),
    )
  }
  deleteOwnedBy(owner: string, exceptKey?: string, until?: number) {
    return this.#pass(
      'deleteOwnedBy',
      owner,
      () => this.inner.deleteOwnedBy(owner, exceptKey, until),
      (ended) => ({ done: ended > 0, ...(exceptKey === undefined ? {} : { newKey: exceptKey }) }),
    )
  }
  all() {
    return this.inner.all()
  }
  async *ownedBy(owner: string) {
    await this.#pass(
      'ownedBy',
      owner,
      () => undefined,
      () => ({}),
    )
    yield* this.inner.ownedBy(owner)
  }
  count() {
    return this.inner.count()
  }
  deleteExpired(limit: number) {
    return this.inner.deleteExpired(limit)
  }
  close() {
    return this.inner.close()
  }
}
