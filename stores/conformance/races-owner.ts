import assert from 'node:assert/strict'
import type { Answer, SessionStore } from '../../types/store.ts'
import type { CaseContext, ConformanceCase } from './case.ts'
import { answers, bytes, collect, given, givenEach, holds, isGone, keys, onlyWinner, owns, parallel, record } from './expect.ts'
import { inTurns } from './together.ts'

const SESSIONS = keys('key', 20)

/** What the contract promises about owners under concurrent writes. */
export const ownerRaceCases: readonly ConformanceCase[] = [
  {
    name: 'deleteOwnedBy ends no session that an update hands to another owner meanwhile, and each that it does not',
    promise: 'atomic steps',
    needs: ['compare', 'owner'],
    run: (context) =>
      handingOver(
        context,
        (store, key) => store.update(key, bytes(key), record(key, context.later(2), 'bob')),
        (key) => key,
      ),
  },
  {
    name: 'deleteOwnedBy ends no session that a rename hands to another owner meanwhile, and each that it does not',
    promise: 'atomic steps',
    needs: ['compare', 'owner'],
    run: (context) =>
      handingOver(
        context,
        (store, key) => store.rename(key, `${key}-bob`, bytes(key), record(key, context.later(2), 'bob')),
        (key) => `${key}-bob`,
      ),
  },
  {
    name: 'a session that is handed to the owner while deleteOwnedBy runs is deleted or stays with its owner',
    promise: 'atomic steps',
    needs: ['compare', 'owner'],
    async run(context) {
      const { store, later } = context
      await givenEach(store, SESSIONS, (key) => record(key, later(), 'bob'))
      await given(store, { hers: record('hers', later(), 'ada') })
      const hand = (at: SessionStore, key: string) => at.update(key, bytes(key), record(key, later(2), 'ada'))
      const { won } = await whileEnding(context, hand)
      for (const answer of won) await answers(answer, true, 'update that gives a session to the owner is true')
      await isGone(store, 'hers', 'deleteOwnedBy misses none that lived when it was called')
      const left = await parallel(SESSIONS.length, async (index) => {
        const key = `key${index}`
        return (await store.find(key, { expiry: false })) ? [key] : []
      })
      await owns(store, 'ada', left.flat(), 'ownedBy shows each session that was handed over meanwhile and lives')
      await owns(store, 'bob', [], 'a session that was handed over is no longer its old owner’s')
      await answers(store.deleteOwnedBy('ada'), left.flat().length, 'a second deleteOwnedBy ends what was handed over meanwhile')
    },
  },
  {
    name: 'a session that several end at once is counted by one of them',
    promise: 'atomic steps',
    needs: ['compare', 'owner'],
    async run(context) {
      const { store, later } = context
      await givenEach(store, SESSIONS, (key) => record(key, later(), 'ada'))
      const { won, ended } = await whileEnding(context, (at, key) => at.delete(key), 2)
      const deleted = won.filter((answer) => answer === true).length
      assert.equal(deleted + ended, SESSIONS.length, 'broken: each session is counted once by whoever ended it')
      for (const key of SESSIONS) await isGone(store, key, 'what several end is gone')
    },
  },
  {
    name: 'of 20 owners who create, update or rename one session at once, the winner alone has it',
    promise: 'atomic steps',
    needs: ['compare', 'owner'],
    async run(context) {
      const { store, later } = context
      const at = await inTurns(context)
      const owned = (verb: string, index: number) => record(`${verb} ${index}`, later(), `owner ${index}`)
      const winnerOf = async (verb: (store: SessionStore, index: number) => Answer<boolean>) => {
        return onlyWinner(await parallel(20, (index) => verb(at(index), index)), 'of 20 exactly one is true')
      }
      const creator = await winnerOf((one, index) => one.create('key', owned('create', index)))
      await belongsTo(store, 'key', creator)
      const created = owned('create', creator).data
      const updater = await winnerOf((one, index) => one.update('key', created, owned('update', index)))
      await belongsTo(store, 'key', updater)
      const updated = owned('update', updater).data
      const renamer = await winnerOf((one, index) => one.rename('key', `new${index}`, updated, owned('rename', index)))
      await belongsTo(store, `new${renamer}`, renamer)
      await answers(store.deleteOwnedBy(`owner ${renamer}`), 1, 'deleteOwnedBy reaches the session of the winner')
    },
  },
]

/** Ends the owner's sessions, once or several times concurrently, while each of 20 is written: half of them before the call, half after it. */
async function whileEnding(context: CaseContext, write: (store: SessionStore, key: string) => Answer<boolean>, times = 1) {
  const at = await inTurns(context)
  const writing = (keys: readonly string[]) => Promise.all(keys.map(async (key, index) => write(at(index), key)))
  const before = writing(SESSIONS.slice(0, 10))
  const ending = parallel(times, (index) => at(index).deleteOwnedBy('ada'))
  const after = writing(SESSIONS.slice(10))
  const [first, ended, second] = await Promise.all([before, ending, after])
  return { won: [...first, ...second], ended: ended.reduce((sum, one) => sum + one, 0) }
}

/** A session is either handed over in time or ended, and only what was ended is counted. */
async function handingOver(
  context: CaseContext,
  hand: (store: SessionStore, key: string) => Answer<boolean>,
  newKeyOf: (key: string) => string,
): Promise<void> {
  const { store, later } = context
  await givenEach(store, SESSIONS, (key) => record(key, later(), 'ada'))
  const { won, ended } = await whileEnding(context, hand)
  const handedOver = SESSIONS.filter((_, index) => won[index] === true)
  for (const key of handedOver) {
    await holds(store, newKeyOf(key), record(key, later(2), 'bob'), 'deleteOwnedBy ends no session that is another owner’s by then')
  }
  for (const key of SESSIONS.filter((one) => !handedOver.includes(one))) {
    for (const one of [key, newKeyOf(key)]) await isGone(store, one, 'a session that was not handed over in time is ended')
  }
  await answers(ended, SESSIONS.length - handedOver.length, 'deleteOwnedBy counts what it ended')
  await owns(store, 'bob', handedOver.map(newKeyOf), 'ownedBy shows the sessions that were handed over')
  await answers(
    (await collect(store.ownedBy('ada'))).filter(({ record: { owner } }) => owner === 'ada').length,
    0,
    'nothing is left of the old owner’s',
  )
}

/** Only the winner owns the session: nobody else lists it, and ending another owner's sessions does not end it. */
async function belongsTo(store: SessionStore, key: string, winner: number): Promise<void> {
  for (const owner of Array.from({ length: 20 }, (_, index) => index)) {
    await owns(store, `owner ${owner}`, owner === winner ? [key] : [], 'only the winner has the session')
    if (owner !== winner) await answers(store.deleteOwnedBy(`owner ${owner}`), 0, 'nobody else’s end reaches the session')
  }
}
