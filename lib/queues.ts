import type { Answer } from '../types/store.ts'
import { chain, isPromise } from './store/maybe-promise.ts'

/** What the work before left there in `left`; the work now leaves something for the next. */
export interface Handover<T> {
  left: T | undefined
}

/** What came of each item that was done together with others: it returns or throws. */
export type Outcome<Item, R> = (item: Item) => R

type Work<Item, R, T> = (items: readonly Item[], handover: Handover<T>) => Answer<Outcome<Item, R>>

/** What becomes of an item that waits: it leads the work on itself and others, or another item did, or it waited too long. */
type Fate<Item, R> = { readonly with: readonly Waiter<Item, R>[] } | { readonly out: () => R } | 'late'

interface Waiter<Item, R> {
  readonly item: Item
  readonly timer: NodeJS.Timeout
  tell(fate: Fate<Item, R>): void
}

interface Queue<Item, R, T> extends Handover<T> {
  readonly waiting: Waiter<Item, R>[]
}

/**
 * Does the work on each thing in the order in which it came, one piece after the other. Work that comes while none is under way begins at once. What waits
 * and can be done together is done in one go. A queue is there only while something is under way.
 */
export class Queues<Item, R, T> {
  readonly #queues = new Map<string, Queue<Item, R, T>>()
  readonly #work: Work<Item, R, T>
  readonly #goTogether: (first: Item, other: Item) => boolean

  constructor(work: Work<Item, R, T>, goTogether: (first: Item, other: Item) => boolean) {
    this.#work = work
    this.#goTogether = goTogether
  }

  /**
   * Does the work on an item when its turn has come.
   *
   * @param longest how long it waits at most, in milliseconds. After that the work is done out of turn, so that nothing hangs because something else does.
   */
  take(thing: string, item: Item, longest: () => number): Answer<R> {
    const queue = this.#queues.get(thing)
    if (queue !== undefined) return this.#join(thing, queue, item, longest())
    const mine: Queue<Item, R, T> = { left: undefined, waiting: [] }
    const outcome = this.#work([item], mine)
    if (!isPromise(outcome)) return outcome(item)
    this.#queues.set(thing, mine)
    return Promise.resolve(outcome)
      .finally(() => this.#callNext(thing, mine))
      .then((of) => of(item))
  }

  async #join(thing: string, queue: Queue<Item, R, T>, item: Item, longest: number): Promise<R> {
    const fate = await waitIn(queue.waiting, item, longest)
    if (fate === 'late') return await chain(this.#work([item], { left: undefined }), (of) => of(item))
    if ('out' in fate) return fate.out()
    const of = await this.#lead(thing, queue, item, fate.with)
    return of(item)
  }

  async #lead(thing: string, queue: Queue<Item, R, T>, item: Item, others: readonly Waiter<Item, R>[]): Promise<Outcome<Item, R>> {
    const items = [item, ...others.map((other) => other.item)]
    const [settled] = await Promise.allSettled([Promise.resolve().then(() => this.#work(items, queue))])
    this.#callNext(thing, queue)
    const of = settled.status === 'fulfilled' ? settled.value : fail(settled.reason)
    for (const other of others) other.tell({ out: () => of(other.item) })
    return of
  }

  #callNext(thing: string, { waiting }: Queue<Item, R, T>): void {
    const next = waiting.shift()
    if (next === undefined) {
      this.#queues.delete(thing)
      return
    }
    const last = waiting.findIndex(({ item }) => !this.#goTogether(next.item, item))
    const others = waiting.splice(0, last === -1 ? waiting.length : last)
    for (const { timer } of [next, ...others]) clearTimeout(timer)
    next.tell({ with: others })
  }
}

/** Waits at the end of a queue. */
function waitIn<Item, R>(waiting: Waiter<Item, R>[], item: Item, longest: number): Promise<Fate<Item, R>> {
  return new Promise((tell) => {
    const leave = () => {
      waiting.splice(waiting.indexOf(waiter), 1)
      tell('late')
    }
    const waiter = { item, tell, timer: setTimeout(leave, Math.max(0, longest)) }
    waiting.push(waiter)
  })
}

/** The outcome of work that failed: the same error for each item. */
function fail(error: unknown): () => never {
  return () => {
    throw error
  }
}
