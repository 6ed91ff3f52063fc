import { AsyncLocalStorage } from 'node:async_hooks'
import type { Answer, FindWant, FoundRecord, SessionStore, StoreContext, StoreEntry, StoreRecord } from '../../types/store.ts'

/** One call of a store by a request, and what it did. */
export interface Step {
  /** The request that made it. */
  readonly actor: string
  readonly verb: 'find' | 'create' | 'update' | 'rename' | 'touch' | 'delete' | 'deleteOwnedBy'
  /** The key; of `deleteOwnedBy` the owner. */
  readonly key: string
  /** Where `rename` moved it; of `deleteOwnedBy` the key that was to live on. */
  readonly newKey?: string
  /** The trace that a renewal leaves, and until when. */
  readonly trace?: { readonly key: string; readonly until: number }
  readonly expiresAt?: number
  /** What `find` gave. */
  readonly found?: Uint8Array | undefined
  /** Whether it changed the store. */
  readonly done: boolean
  readonly fate: Fate
  /** How many calls had worked when this one was made. */
  readonly calledAt: number
  /** When it worked. */
  readonly now: number
}

type Verb = Step['verb']

/**
 * What becomes of a call that waits. It works. The process dies with it, before the store got it (`drop`) or after (`lose`). The connection
 * breaks, before (`refuse`) or after (`break`), and the request goes on with an error.
 */
export type Fate = 'work' | 'drop' | 'lose' | 'refuse' | 'break'

/** A request that makes store calls. */
export interface Actor {
  readonly name: string
  /** What its process does when it wakes from waiting for an answer that never came is no part of any schedule. */
  dead: boolean
}

/** Who makes a store call. */
export const actors = new AsyncLocalStorage<Actor>()

const LOST = new Promise<never>(() => {})

/** A store in front of which every call waits until a schedule lets it work. */
export class GatedStore implements SessionStore {
  readonly inner: SessionStore
  readonly #clock: () => number
  /** Every call that worked, in the order in which they did. */
  steps: Step[] = []
  /** Asked before a call works; without it all go straight through. */
  arrive: ((name: string, verb: Verb) => Promise<Fate>) | undefined
  /** Told when a request has died, its last call carried out or not. */
  died = () => {}

  constructor(inner: SessionStore, clock: () => number) {
    this.inner = inner
    this.#clock = clock
  }

  async #pass<T>(verb: Verb, key: string, work: () => Answer<T>, more: (answer: T) => Partial<Step>): Promise<T> {
    const actor = actors.getStore() ?? { name: '', dead: false }
    if (actor.dead) return LOST
    const { name } = actor
    const calledAt = this.steps.length
    const fate = (await this.arrive?.(name, verb)) ?? 'work'
    actor.dead = fate === 'drop' || fate === 'lose'
    const called = { actor: name, verb, key, fate, calledAt, now: this.#clock() }
    if (fate === 'drop' || fate === 'refuse') this.steps.push({ ...called, done: false })
    if (fate === 'drop') return this.#dead()
    if (fate === 'refuse') throw new Error('the connection is broken')
    const answer = await work()
    this.steps.push({ ...called, done: answer === true, ...more(answer) })
    if (fate === 'lose') return this.#dead()
    if (fate === 'break') throw new Error('the connection broke')
    return answer
  }

  #dead(): Promise<never> {
    this.died()
    return LOST
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
    const { expiresAt } = record
    return this.#pass(
      'create',
      key,
      () => this.inner.create(key, record, until),
      () => ({ expiresAt }),
    )
  }
  update(key: string, previous: Uint8Array, record: StoreRecord, until?: number) {
    const { expiresAt } = record
    return this.#pass(
      'update',
      key,
      () => this.inner.update(key, previous, record, until),
      () => ({ expiresAt }),
    )
  }
  rename(oldKey: string, newKey: string, previous: Uint8Array, record: StoreRecord, trace?: StoreEntry, until?: number) {
    const more = {
      newKey,
      expiresAt: record.expiresAt,
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
  ownedBy(owner: string) {
    return this.inner.ownedBy(owner)
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
