import assert from 'node:assert/strict'
import type { SessionStore } from '../../types/store.ts'
import type { ConformanceCase } from './case.ts'
import { givenEach, isGone, isWhole, keys, record } from './expect.ts'

/** What `all` and `ownedBy` promise whoever goes through them. */
export const walkCases: readonly ConformanceCase[] = (['all', 'ownedBy'] as const).flatMap((verb): ConformanceCase[] => {
  const owner = verb === 'all' ? undefined : 'ada'
  const listing = (store: SessionStore) => (owner === undefined ? store.all() : store.ownedBy(owner))
  const common = { promise: owner === undefined ? 'listing' : 'owners', needs: [owner === undefined ? 'list' : 'owner'] } as const
  return [
    {
      ...common,
      name: `${verb} may be left early, again and again`,
      async run({ store, later }) {
        const expected = keys('key', 20)
        await givenEach(store, expected, (key) => record(key, later(), owner))
        for (let round = 0; round < 25; round++) {
          let seen = 0
          for await (const _ of listing(store)) if (++seen === 2) break
          assert.equal(seen, 2, `broken: ${verb} can be left after two records`)
        }
        await isWhole(listing(store), expected, `${verb} is whole again after it was left early`)
      },
    },
    {
      ...common,
      name: `${verb} misses none when each record is deleted as it is shown`,
      async run({ store, later }) {
        const expected = keys('key', 250)
        await givenEach(store, expected, (key) => record(key, later(), owner))
        const seen = new Set<string>()
        for await (const { key } of listing(store)) {
          seen.add(key)
          await store.delete(key)
        }
        assert.equal(seen.size, expected.length, `broken: ${verb} misses none though records are deleted meanwhile`)
        for (const key of expected) await isGone(store, key, `delete works within ${verb}`)
      },
    },
  ]
})
