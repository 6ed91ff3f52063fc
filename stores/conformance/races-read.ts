import type { Answer, SessionStore } from '../../types/store.ts'
import type { ConformanceCase } from './case.ts'
import { answers, bytes, given, record } from './expect.ts'
import { amid, goneEverywhere, holdsEverywhere, ROUNDS } from './together.ts'

type Find = (store: SessionStore, index: number) => Answer<unknown>

/** What the contract promises about a store that caches reads: no later call returns what a `find` cached. */
export const readRaceCases: readonly ConformanceCase[] = [
  {
    name: 'what was being read when it was deleted is not found afterwards',
    promise: 'atomic steps',
    async run(context) {
      const { store, later } = context
      for (const [round, key] of ROUNDS.entries()) {
        await given(store, { [key]: record('data', later()) })
        const deleted = await amid(context, round, (at) => (round % 2 ? at.delete(key) : at.delete(key, bytes('data'))), finds(key))
        await answers(deleted, true, 'delete of a record that is read meanwhile is true')
        await goneEverywhere(context, key, 'what was read before it was deleted is not found afterwards')
      }
    },
  },
  {
    name: 'what was being read when its owner’s sessions were ended is not found afterwards',
    promise: 'atomic steps',
    needs: ['owner'],
    async run(context) {
      const { store, later } = context
      for (const [round, key] of ROUNDS.entries()) {
        await given(store, { [key]: record('data', later(), 'ada') })
        await answers(
          await amid(context, round, (at) => at.deleteOwnedBy('ada'), finds(key)),
          1,
          'deleteOwnedBy counts what is read meanwhile',
        )
        await goneEverywhere(context, key, 'what was read before deleteOwnedBy is not found afterwards')
      }
    },
  },
  {
    name: 'what was being read when it was written is found as it was written',
    promise: 'atomic steps',
    async run(context) {
      const { store, later } = context
      for (const [round, key] of ROUNDS.entries()) {
        await given(store, { [key]: record('old', later()) })
        await amid(context, round, (at) => at.touch(key, bytes('old'), later(2)), finds(key))
        await holdsEverywhere(context, key, record('old', later(2)), 'what was read before a touch has its new moment afterwards')
        await amid(context, round, (at) => at.update(key, bytes('old'), record('new', later(3))), finds(key))
        await holdsEverywhere(context, key, record('new', later(3)), 'what was read before an update is found with its new bytes')
      }
    },
  },
  {
    name: 'what was being looked for when it was created or renamed is found afterwards, and not under its old key',
    promise: 'atomic steps',
    async run(context) {
      const { later } = context
      const [created, renamed] = [record('before', later()), record('after', later())]
      const trace = (key: string) => ({ key: `;${key}`, record: record('trace', later()) })
      for (const [round, key] of ROUNDS.entries()) {
        await amid(context, round, (at) => at.create(key, created), finds(key))
        await holdsEverywhere(context, key, created, 'what was looked for before it was created is found afterwards')
        const rename = (at: SessionStore) => at.rename(key, `${key}-new`, created.data, renamed, trace(key))
        await amid(context, round, rename, finds(key, `${key}-new`, `;${key}`))
        await holdsEverywhere(context, `${key}-new`, renamed, 'what was looked for before a rename is found afterwards')
        await holdsEverywhere(context, `;${key}`, trace(key).record, 'a trace that was looked for before the rename is found afterwards')
        await goneEverywhere(context, key, 'what was read before a rename is not found under its old key')
      }
    },
  },
]

/** Looks for the keys in every possible way. */
function finds(...keys: readonly string[]): Find {
  return (store, index) => {
    const want = { expiry: index % 4 < 2, owner: index % 4 < 2 || index > 3 }
    return Promise.all(keys.map(async (key) => store.find(key, want)))
  }
}
