import assert from 'node:assert/strict'
import type { SessionStore } from '../../types/store.ts'
import type { ConformanceCase } from './case.ts'
import { answers, bytes, given, holds, isGone, keys, parallel, record } from './expect.ts'

/**
 * What `deleteExpired` promises. A store without a `cleanupInterval` leaves the cleaning to its database; then the numbers that it returns must only
 * keep to the limit.
 */
export const cleaningCases: readonly ConformanceCase[] = [
  {
    name: 'deleteExpired removes up to the limit at a time, and says how many, until none is left',
    promise: 'clean-up',
    async run({ store, soon, pass }) {
      const expiresAt = soon()
      await parallel(5, (index) => store.create(`key${index}`, record('data', expiresAt)))
      await pass()
      for (const expected of [2, 2, 1, 0, 0]) await cleans(store, 2, expected, 'deleteExpired removes up to the limit and says how many')
    },
  },
  {
    name: 'deleteExpired removes expired traces too',
    promise: 'clean-up',
    async run({ store, soon, later, pass }) {
      await given(store, { old: record('before', later()) })
      await store.rename('old', 'new', bytes('before'), record('after', later()), { key: ';trace', record: record('trace', soon()) })
      await pass()
      await cleans(store, 10, 1, 'deleteExpired removes an expired trace')
      await cleans(store, 10, 0, 'deleteExpired finds nothing the second time')
    },
  },
  {
    name: 'deleteExpired removes no living record and no living trace',
    promise: 'clean-up',
    async run({ store, soon, later, pass }) {
      const kept = record('alive', later())
      const expiresAt = soon()
      await given(store, { dead: record('dead', expiresAt), alive: kept, ';trace': kept })
      await pass()
      await cleans(store, 10, 1, 'deleteExpired removes the expired record alone')
      await holds(store, 'alive', kept, 'deleteExpired removes no living record')
      await holds(store, ';trace', kept, 'deleteExpired removes no living trace')
      await isGone(store, 'dead', 'an expired record stays gone when it is cleaned up')
    },
  },
  {
    name: 'deleteExpired removes no record that was prolonged in time',
    promise: 'clean-up',
    async run({ store, soon, later, pass }) {
      const expiresAt = soon(1500)
      const kept = record('new', later())
      await given(store, { touched: record('old', expiresAt), updated: record('old', expiresAt), old: record('old', expiresAt) })
      await store.touch('touched', bytes('old'), kept.expiresAt)
      await store.update('updated', bytes('old'), kept)
      await store.rename('old', 'renamed', bytes('old'), kept)
      await pass()
      await cleans(store, 10, 0, 'deleteExpired finds nothing where every record was prolonged')
      await holds(store, 'touched', record('old', kept.expiresAt), 'deleteExpired removes no record that was touched')
      for (const key of ['updated', 'renamed']) await holds(store, key, kept, 'deleteExpired removes no record that was prolonged')
    },
  },
  {
    name: 'deleteExpired of a store without expired records answers 0, as often as it is called',
    promise: 'clean-up',
    async run({ store, later }) {
      await answers(store.deleteExpired(10), 0, 'deleteExpired of an empty store is 0')
      await given(store, { key: record('data', later()) })
      for (let round = 0; round < 3; round++) await answers(store.deleteExpired(1), 0, 'deleteExpired is 0 where nothing has expired')
    },
  },
  {
    name: 'deleteExpired removes no record that is created over an expired one meanwhile',
    promise: 'clean-up',
    async run({ store, soon, later, pass }) {
      const expiresAt = soon()
      const all = keys('key', 20)
      await parallel(all.length, (index) => store.create(`key${index}`, record('old', expiresAt)))
      await pass()
      const kept = record('new', later())
      const before = parallel(10, (index) => store.create(`key${index}`, kept))
      const cleaned = parallel(1, () => store.deleteExpired(100))
      const after = parallel(10, (index) => store.create(`key${index + 10}`, kept))
      const [first, second] = await Promise.all([before, after, cleaned])
      for (const created of [...first, ...second]) await answers(created, true, 'create over an expired record is true')
      for (const key of all) await holds(store, key, kept, 'deleteExpired removes no record that was created meanwhile')
    },
  },
  {
    name: 'deleteExpired removes no session that is renamed to an expired key meanwhile',
    promise: 'clean-up',
    async run({ store, soon, later, pass }) {
      const expiresAt = soon(500)
      const kept = record('data', later())
      await parallel(20, (index) => store.create(`new${index}`, record('expired', expiresAt)))
      await parallel(20, (index) => store.create(`old${index}`, kept))
      await pass()
      const rename = (index: number) => store.rename(`old${index}`, `new${index}`, kept.data, kept)
      const before = parallel(10, rename)
      const cleaned = parallel(1, () => store.deleteExpired(100))
      const after = parallel(10, (index) => rename(index + 10))
      const [first, second] = await Promise.all([before, after, cleaned])
      for (const renamed of [...first, ...second]) await answers(renamed, true, 'rename to an expired key is true')
      for (const key of keys('new', 20)) await holds(store, key, kept, 'deleteExpired removes no session that is renamed meanwhile')
    },
  },
]

/** A clean-up returns the expected number, if the store cleans up itself. */
export async function cleans(store: SessionStore, limit: number, expected: number, promise: string): Promise<void> {
  const removed = await store.deleteExpired(limit)
  assert.ok(
    Number.isInteger(removed) && removed >= 0 && removed <= limit,
    `broken: deleteExpired(${limit}) answers a number up to its limit`,
  )
  if (store.cleanupInterval !== undefined) assert.equal(removed, expected, `broken: ${promise}`)
}
