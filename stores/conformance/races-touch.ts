import type { ConformanceCase } from './case.ts'
import { answers, bytes, given, givenEach, holds, isGone, owns, parallel, record } from './expect.ts'
import { amid, inTurns, ROUNDS } from './together.ts'

/** A `touch` changes the expiry and nothing else, so it must bring nothing back. */
export const touchRaceCases: readonly ConformanceCase[] = [
  {
    name: 'no touch that races an update brings back what was replaced, or prolongs what replaces it',
    promise: 'atomic steps',
    needs: ['compare'],
    async run(context) {
      const { store, later } = context
      for (const [round, key] of ROUNDS.entries()) {
        await given(store, { [key]: record('old', later()) })
        const kept = record('new', later(2))
        const updated = await amid(
          context,
          round,
          (at) => at.update(key, bytes('old'), kept),
          (at, index) => at.touch(key, bytes('old'), later(index + 3)),
        )
        await answers(updated, true, 'update of a record that is touched meanwhile is true')
        await holds(store, key, kept, 'a touch leaves a record alone whose bytes have changed')
      }
    },
  },
  {
    name: 'no touch that races a change of the owner brings the old owner back',
    promise: 'atomic steps',
    needs: ['compare', 'owner'],
    async run(context) {
      const { store, later } = context
      await givenEach(store, ROUNDS, () => record('same', later(), 'ada'))
      for (const [round, key] of ROUNDS.entries()) {
        const handedOver = await amid(
          context,
          round,
          (at) => at.update(key, bytes('same'), record('same', later(), 'bob')),
          (at, index) => at.touch(key, bytes('same'), later(index + 2)),
        )
        await answers(handedOver, true, 'update that changes the owner alone is true')
      }
      await owns(store, 'bob', ROUNDS, 'a touch leaves a record with its new owner')
      await owns(store, 'ada', [], 'a touch does not give a record back to its old owner')
      await answers(store.deleteOwnedBy('bob'), ROUNDS.length, 'a touch leaves a record within the reach of its new owner')
    },
  },
  {
    name: 'no touch that races a rename reaches the session under its old key or its new one',
    promise: 'atomic steps',
    needs: ['compare'],
    async run(context) {
      const { store, later } = context
      for (const [round, key] of ROUNDS.entries()) {
        await given(store, { [key]: record('before', later()) })
        const kept = record('after', later(2))
        const renamed = await amid(
          context,
          round,
          (at) => at.rename(key, `${key}-new`, bytes('before'), kept),
          (at, index) => at.touch(index % 2 ? key : `${key}-new`, bytes('before'), later(index + 3)),
        )
        await answers(renamed, true, 'rename of a session that is touched meanwhile is true')
        await isGone(store, key, 'a touch does not revive the old key')
        await holds(store, `${key}-new`, kept, 'a touch leaves the renamed session alone')
      }
    },
  },
  {
    name: 'of 20 touches at once, the latest moment holds',
    promise: 'atomic steps',
    needs: ['compare'],
    async run(context) {
      const { store, later } = context
      const at = await inTurns(context)
      await givenEach(store, ROUNDS, () => record('data', later()))
      for (const [round, key] of ROUNDS.entries()) {
        // The latest moment has another position in each round.
        const touched = await parallel(20, (index) => at(index).touch(key, bytes('data'), later(2 + ((index + round) % 20))))
        for (const answer of touched) await answers(answer, true, 'a touch is true while others touch as well')
        await holds(store, key, record('data', later(21)), 'of many touches the latest moment holds')
      }
    },
  },
]
