import type { SessionStore } from '../../types/store.ts'
import type { ConformanceCase } from './case.ts'
import { bytes, given, holds, isGone, onlyWinner, parallel, record } from './expect.ts'
import { firstWins, inTurns, ROUNDS } from './together.ts'

/** What the contract promises when several concurrent calls want the same new key. */
export const keyRaceCases: readonly ConformanceCase[] = [
  {
    name: 'of a create and a rename to one new key at once, exactly one wins',
    promise: 'unique keys',
    needs: ['compare'],
    async run(context) {
      const { store, later } = context
      for (const [round, key] of ROUNDS.entries()) {
        await given(store, { [key]: record('before', later()) })
        const [moved, created] = [record('moved', later()), record('created', later())]
        const rename = (at: SessionStore) => at.rename(key, `${key}-new`, bytes('before'), moved)
        const create = (at: SessionStore) => at.create(`${key}-new`, created)
        const renamed = await firstWins(context, round, rename, create, 'of a create and a rename exactly one is true')
        await holds(store, `${key}-new`, renamed ? moved : created, 'the new key holds what the winner wrote')
        if (renamed) await isGone(store, key, 'the old key does not work after a rename')
        else await holds(store, key, record('before', later()), 'a rename that is false changes nothing')
      }
    },
  },
  {
    name: 'of 10 sessions that are renamed to one new key at once, exactly one wins, and the others stay',
    promise: 'unique keys',
    needs: ['compare'],
    async run(context) {
      const { store, later } = context
      const at = await inTurns(context)
      const kept = (index: number) => record(`data ${index}`, later())
      await parallel(10, (index) => given(store, { [`old${index}`]: kept(index) }))
      const won = await parallel(10, (index) => at(index).rename(`old${index}`, 'new', kept(index).data, kept(index)))
      const winner = onlyWinner(won, 'of 10 renames to one key exactly one is true')
      await holds(store, 'new', kept(winner), 'the new key holds what the winner wrote')
      for (const [index, renamed] of won.entries()) {
        if (renamed) await isGone(store, `old${index}`, 'the old key does not work after a rename')
        else await holds(store, `old${index}`, kept(index), 'a rename that is false changes nothing')
      }
    },
  },
]
