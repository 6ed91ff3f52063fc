import { setTimeout as sleep } from 'node:timers/promises'
import { TooLate } from './places.ts'

/** So often a statement is sent at most, where the engine gives it up for the sake of another. */
const MOST_TRIES = 20
const LONGEST_PAUSE = 64

/** Does a work again while it throws what a repetition mends, a deadlock say: until `until`, and at most 20 times. */
export function repeated<T>(work: () => Promise<T>, mends: (error: unknown) => boolean, until: number | undefined, tries = 1): Promise<T> {
  return work().catch(async (error: unknown) => {
    if (!mends(error) || tries === MOST_TRIES || isPast(until)) throw error
    // At random: two that met once are not to meet again.
    await sleep(Math.random() * Math.min(LONGEST_PAUSE, 2 ** tries))
    return repeated(work, mends, until, tries + 1)
  })
}

/** One work after the other: a single connection does one at a time, and what still waits here has not been sent. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve()

  run<T>(work: () => PromiseLike<T>, until: number | undefined): Promise<T> {
    const turn = this.#last.then(() => inTime(work, until))
    this.#last = turn.catch(() => {})
    return turn
  }
}

/** Does a work with a connection that a pool has lent, and gives it back: as broken after an error that is not known to do no harm. */
export async function lent<T>(
  work: () => PromiseLike<T>,
  until: number | undefined,
  isHarmless: (error: unknown) => boolean,
  giveBack: (broken: boolean) => void,
): Promise<T> {
  let answer: T
  try {
    if (isPast(until)) throw new TooLate()
    answer = await work()
  } catch (error) {
    giveBack(!(error instanceof TooLate) && !isHarmless(error))
    throw error
  }
  giveBack(false)
  return answer
}

async function inTime<T>(work: () => PromiseLike<T>, until: number | undefined): Promise<T> {
  if (isPast(until)) throw new TooLate()
  return work()
}

function isPast(until: number | undefined): boolean {
  return until !== undefined && Date.now() >= until
}

/** The code that a driver gives an error of the engine, a text or a number; undefined for any other error. */
export function codeOf(error: unknown, property: 'code' | 'errno'): unknown {
  return (error as Partial<Record<'code' | 'errno', unknown>> | null | undefined)?.[property]
}
