import assert from 'node:assert/strict'
import type { Answer, SessionStore, StoreRecord } from '../../types/store.ts'
import type { CaseContext } from './case.ts'
import { holds, isGone, keys, onlyWinner, parallel, sameBytes } from './expect.ts'

/** A race is run with each of these keys, for one run alone may go well by luck. */
export const ROUNDS = keys('round', 12)

/** The store, and a second instance of it. */
export type Instances = Pick<CaseContext, 'store' | 'another'>

type Verb = (store: SessionStore) => Answer<boolean>

/** The two instances of the store in turns, so that verbs that run at once meet in the database and not in one process alone. */
export async function inTurns({ store, another }: Instances): Promise<(index: number) => SessionStore> {
  const instances = [store, await another()] as const
  return (index) => instances[index % 2 === 0 ? 0 : 1]
}

/**
 * Calls two verbs at once, in turns the one and the other before, on one instance and on two; says whether the first answered true. Throws
 * when none did, or both.
 */
export async function firstWins(context: Instances, round: number, first: Verb, second: Verb, promise: string): Promise<boolean> {
  const at = await inTurns(context)
  const verbs = round % 2 === 0 ? [first, second] : [second, first]
  const apart = round % 4 < 2
  const won = await Promise.all(verbs.map(async (verb, index) => verb(at(apart ? index : 0))))
  return verbs.indexOf(first) === onlyWinner(won, promise)
}

/**
 * Calls a verb once while another is called on both instances: before it, or after it, or both, for a later call may put right what an earlier one
 * did wrong. Gives the answer of the first.
 */
export async function amid<T>(
  context: Instances,
  round: number,
  verb: (store: SessionStore) => Answer<T>,
  others: (store: SessionStore, index: number) => Answer<unknown>,
): Promise<T | undefined> {
  const at = await inTurns(context)
  const before = parallel(round % 4 === 3 ? 0 : 4, (index) => others(at(index), index))
  const called = parallel(1, () => verb(at(0)))
  const after = parallel(round % 4 < 2 ? 0 : 4, (index) => others(at(index), index + 4))
  const [, [answer]] = await Promise.all([before, called, after])
  return answer
}

/** No instance finds the key. */
export async function goneEverywhere(context: Instances, key: string, promise: string): Promise<void> {
  const at = await inTurns(context)
  for (const index of [0, 1]) await isGone(at(index), key, promise)
}

/** Each instance finds exactly this record, whichever way it is asked for. */
export async function holdsEverywhere(context: Instances, key: string, kept: StoreRecord, promise: string): Promise<void> {
  const at = await inTurns(context)
  for (const index of [0, 1]) {
    await holds(at(index), key, kept, promise)
    const found = await at(index).find(key, { expiry: false, owner: false })
    assert.ok(found, `broken: ${promise}: ${key} is not found without expiry`)
    sameBytes(found.data, kept.data, `${promise}: ${key} without expiry`)
  }
}
