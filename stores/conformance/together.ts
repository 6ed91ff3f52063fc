import assert from 'node:assert/strict'
import type { Answer, SessionStore, StoreRecord } from '../../types/store.ts'
import type { CaseContext } from './case.ts'
import { holds, isGone, keys, onlyWinner, parallel, sameBytes } from './expect.ts'

/** A race is run once with each of these keys, because a single run may succeed by luck. */
export const ROUNDS = keys('round', 12)

/** The store, and a second instance of it. */
export type Instances = Pick<CaseContext, 'store' | 'another'>

type Verb = (store: SessionStore) => Answer<boolean>

/** The two instances of the store in turn, so that concurrent verbs meet in the database and not only in one process. */
export async function inTurns({ store, another }: Instances): Promise<(index: number) => SessionStore> {
  const instances = [store, await another()] as const
  return (index) => instances[index % 2 === 0 ? 0 : 1]
}

/**
 * Calls two verbs concurrently and returns whether `first` answered true. Throws if none did, or both. `round` varies which is called first, and
 * whether they are called on one instance or on two.
 */
export async function firstWins(context: Instances, round: number, first: Verb, second: Verb, promise: string): Promise<boolean> {
  const at = await inTurns(context)
  const verbs = round % 2 === 0 ? [first, second] : [second, first]
  const apart = round % 4 < 2
  const won = await Promise.all(verbs.map(async (verb, index) => verb(at(apart ? index : 0))))
  return verbs.indexOf(first) === onlyWinner(won, promise)
}

/**
 * Calls `verb` once while `others` is called on both instances: before it, after it, or both, because a later call may repair what an earlier one did
 * wrong. Returns the answer of `verb`.
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

/** Each instance finds exactly this record, in whichever way it is asked for. */
export async function holdsEverywhere(context: Instances, key: string, kept: StoreRecord, promise: string): Promise<void> {
  const at = await inTurns(context)
  for (const index of [0, 1]) {
    await holds(at(index), key, kept, promise)
    const found = await at(index).find(key, { expiry: false, owner: false })
    assert.ok(found, `broken: ${promise}: ${key} is not found without expiry`)
    sameBytes(found.data, kept.data, `${promise}: ${key} without expiry`)
  }
}
