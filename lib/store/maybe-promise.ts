import { setTimeout as delay } from 'node:timers/promises'
import type { Answer } from '../../types/store.ts'

/**
 * Steps that go on at once when the step before returned a value and no promise, so that a store in memory needs no promises.
 */

/** Whether an answer is a promise, and no value yet. */
export function isPromise<T>(answer: Answer<T>): answer is PromiseLike<T> {
  return typeof answer === 'object' && answer !== null && typeof (answer as { then?: unknown }).then === 'function'
}

/** Calls `next` with the value of an answer, at once when it is there. */
export function chain<A, B>(answer: Answer<A>, next: (value: A) => Answer<B>): Answer<B> {
  return isPromise(answer) ? answer.then(next) : next(answer)
}

/** The answer of `attempt`, or that of `rescue` when it throws or rejects. */
export function recover<T>(attempt: () => Answer<T>, rescue: (error: unknown) => Answer<T>): Answer<T> {
  try {
    const answer = attempt()
    return isPromise(answer) ? answer.then(undefined, rescue) : answer
  } catch (error) {
    return rescue(error)
  }
}

/** How often a save is tried before the first pause. */
const SOON = 16
/** The longest pause, in milliseconds. */
const LONGEST = 8

/**
 * Waits before another try of a save that lost. Not at all at first: only processes compete, with one save each, and one that waits lets those go first
 * that have just had their turn. Then a random time, so that a store that refuses everything is not asked all the time.
 */
export function backOff(tries: number): Answer<unknown> {
  return tries < SOON ? undefined : delay(Math.random() * Math.min(tries - SOON + 1, LONGEST))
}

/** Starts a call whose promise the caller may leave unawaited: when it rejects, the process does not end. Throws nothing. */
export function mayBeForgotten<T>(call: () => Promise<T>): Promise<T> {
  const promise = new Promise<T>((resolve) => resolve(call()))
  promise.catch(() => {})
  return promise
}
