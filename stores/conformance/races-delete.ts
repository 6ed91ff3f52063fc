import type { SessionStore } from '../../types/store.ts'
import type { ConformanceCase } from './case.ts'
import { answers, bytes, given, holds, isGone, onlyWinner, parallel, record } from './expect.ts'
import { amid, firstWins, inTurns, ROUNDS } from './together.ts'

/** What a `delete` with the bytes that were loaded promises under concurrent writes. */
export const deleteRaceCases: readonly ConformanceCase[] = [
  {
    name: 'of an update and a delete with the bytes that were loaded, at once, exactly one wins',
    promise: 'atomic steps',
    needs: ['compare'],
    async run(context) {
      const { store, later } = context
      for (const [round, key] of ROUNDS.entries()) {
        await given(store, { [key]: record('old', later()) })
        const kept = record('new', later())
        const update = (at: SessionStore) => at.update(key, bytes('old'), kept)
        const remove = (at: SessionStore) => at.delete(key, bytes('old'))
        const updated = await firstWins(context, round, update, remove, 'of an update and a delete exactly one is true')
        if (updated) await holds(store, key, kept, 'a delete that lost to an update removes nothing')
        else await isGone(store, key, 'a delete that is true has removed the record')
      }
    },
  },
  {
    name: 'of a rename and a delete with the bytes that were loaded, at once, exactly one wins',
    promise: 'atomic steps',
    needs: ['compare'],
    async run(context) {
      const { store, later } = context
      for (const [round, key] of ROUNDS.entries()) {
        await given(store, { [key]: record('before', later()) })
        const kept = record('after', later())
        const rename = (at: SessionStore) => at.rename(key, `${key}-new`, bytes('before'), kept)
        const remove = (at: SessionStore) => at.delete(key, bytes('before'))
        const renamed = await firstWins(context, round, rename, remove, 'of a rename and a delete exactly one is true')
        await isGone(store, key, 'the old key is dead, renamed or deleted')
        if (renamed) await holds(store, `${key}-new`, kept, 'a delete that lost to a rename removes nothing')
        else await isGone(store, `${key}-new`, 'a rename that lost to a delete wrote nothing')
      }
    },
  },
  {
    name: 'of 50 deletes with the bytes that were loaded, at once, exactly one says that it was there',
    promise: 'atomic steps',
    needs: ['compare'],
    async run(context) {
      const { store, later } = context
      const at = await inTurns(context)
      await given(store, { key: record('data', later()) })
      const won = await parallel(50, (index) => at(index).delete('key', bytes('data')))
      onlyWinner(won, 'of 50 deletes with the bytes exactly one is true')
      await isGone(store, 'key', 'a record that was deleted is gone')
    },
  },
  {
    name: 'a touch does not make a delete with the bytes that were loaded fail',
    promise: 'atomic steps',
    needs: ['compare'],
    async run(context) {
      const { store, later } = context
      for (const [round, key] of ROUNDS.entries()) {
        await given(store, { [key]: record('data', later()) })
        const deleted = await amid(
          context,
          round,
          (at) => at.delete(key, bytes('data')),
          (at, index) => at.touch(key, bytes('data'), later(index + 2)),
        )
        await answers(deleted, true, 'delete of a record that is only touched meanwhile is true')
        await isGone(store, key, 'a key that was deleted lives no more')
      }
    },
  },
  {
    name: 'no delete with the bytes that were loaded removes a record that takes the place of the old one meanwhile',
    promise: 'atomic steps',
    needs: ['compare'],
    async run(context) {
      const { store, later } = context
      for (const [round, key] of ROUNDS.entries()) {
        await given(store, { [key]: record('old', later()) })
        const kept = record('new', later())
        const replace = async (at: SessionStore) => {
          await at.delete(key)
          return at.create(key, kept)
        }
        const created = await amid(context, round, replace, (at) => at.delete(key, bytes('old')))
        await answers(created, true, 'create under a key that was deleted is true')
        await holds(store, key, kept, 'a delete leaves a record alone that has other bytes')
      }
    },
  },
]
