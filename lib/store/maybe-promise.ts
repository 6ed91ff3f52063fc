import { setTimeout as delay } from 'node:timers/promises'
import type { Answer } from '../../types/store.ts'

/**
 * Steps that go on at once when the step before answered at once, so that a store in memory costs no promise.
 */

/** Whether an answer is yet to come. */
export function isPromise<T>(answer: Answer<T>): answer is PromiseLike<T> {
  return typeof answer === 'object' && answer !== null && typeof (answer as { then?: unknown }).then === 'function'
}

/** What `next` makes of an answer. */
export function chain<A, B>(answer: Answer<A>, next: (value: A) => Answer<B>): Answer<B> {
  return isPromise(answer) ? answer.then(next) : next(answer)
}

/** The answer of `attempt`, or what `rescue` makes of its failure. */
export function recover<T>(attempt: () => Answer<T>, rescue: (error: unknown) => Answer<T>): Answer<T> {
  try {
    const answer = attempt()
    return isPromise(answer) ? answer.then(undefined, rescue) : answer
  } catch (error) {
    return rescue(error)
  }
}

/** From the third try on, requests that meet at one session step out of each other's way. */
export function backOff(tries: number): Answer<unknown> {
  return tries < 2 ? undefined : delay(Math.random() * Math.min(2 ** tries, 50))
}

/** Starts a call whose promise the caller may leave unawaited: when it rejects, the process does not end. Throws nothing. */
export function mayBeForgotten<T>(call: () => Promise<T>): Promise<T> {
  const promise = new Promise<T>((resolve) => resolve(call()))
  promise.catch(() => {})
  return promise
}
