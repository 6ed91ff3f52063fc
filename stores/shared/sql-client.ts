import { setTimeout as sleep } from 'node:timers/promises'

/** So often a statement is sent at most, where the engine gives it up for the sake of another. */
const MOST_TRIES = 20
const LONGEST_PAUSE = 64

/** Does a work again while it throws what a repetition mends, a deadlock say: until `until`, and at most 20 times. */
export function repeated<T>(work: () => Promise<T>, mends: (error: unknown) => boolean, until: number, tries = 1): Promise<T> {
  return work().catch(async (error: unknown) => {
    if (!mends(error) || tries === MOST_TRIES || Date.now() >= until) throw error
    // At random: two that met once are not to meet again.
    await sleep(Math.random() * Math.min(LONGEST_PAUSE, 2 ** tries))
    return repeated(work, mends, until, tries + 1)
  })
}

/** The code that a driver gives an error of the engine, a text or a number; undefined for any other error. */
export function codeOf(error: unknown, property: 'code' | 'errno'): unknown {
  return (error as Partial<Record<'code' | 'errno', unknown>> | null | undefined)?.[property]
}
