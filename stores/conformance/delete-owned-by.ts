import type { SessionStore, StoreRecord } from '../../types/store.ts'
import type { ConformanceCase } from './case.ts'
import { answers, bytes, collect, given, givenEach, holds, isGone, keys, MANY, owns, parallel, record } from './expect.ts'

/** What `deleteOwnedBy` promises. */
export const deleteOwnedByCases: readonly ConformanceCase[] = [
  {
    name: 'deleteOwnedBy removes every record of an owner, and no other, and says how many',
    promise: 'owners',
    needs: ['owner'],
    async run({ store, later }) {
      const bobs = record('3', later(), 'bob')
      const nobodys = record('4', later())
      await given(store, { first: record('1', later(), 'ada'), second: record('2', later(), 'ada'), bobs, nobodys })
      await answers(store.deleteOwnedBy('ada'), 2, 'deleteOwnedBy says how many it removed')
      for (const key of ['first', 'second']) await isGone(store, key, 'deleteOwnedBy removes the records of the owner')
      await holds(store, 'bobs', bobs, 'deleteOwnedBy leaves other owners alone')
      await holds(store, 'nobodys', nobodys, 'deleteOwnedBy leaves records without an owner alone')
      await owns(store, 'ada', [], 'ownedBy shows nothing after deleteOwnedBy')
    },
  },
  {
    name: 'deleteOwnedBy spares the record under exceptKey and does not count it',
    promise: 'owners',
    needs: ['owner'],
    async run({ store, later }) {
      const kept = record('2', later(), 'ada')
      await given(store, { first: record('1', later(), 'ada'), mine: kept, third: record('3', later(), 'ada') })
      await answers(store.deleteOwnedBy('ada', 'mine'), 2, 'deleteOwnedBy does not count the record that it spares')
      await holds(store, 'mine', kept, 'deleteOwnedBy spares the record under exceptKey')
      for (const key of ['first', 'third']) await isGone(store, key, 'deleteOwnedBy removes the others')
      await owns(store, 'ada', ['mine'], 'the record that was spared stays with its owner')
      await answers(store.deleteOwnedBy('ada'), 1, 'the record that was spared can be removed later')
    },
  },
  {
    name: 'deleteOwnedBy with an exceptKey that is not the owner’s removes every record of the owner',
    promise: 'owners',
    needs: ['owner'],
    async run({ store, later }) {
      await given(store, { first: record('1', later(), 'ada'), second: record('2', later(), 'ada'), bobs: record('3', later(), 'bob') })
      await answers(store.deleteOwnedBy('ada', 'bobs'), 2, 'another owner’s key spares nothing')
      await answers(store.deleteOwnedBy('bob', 'nowhere'), 1, 'a key that does not live spares nothing')
    },
  },
  {
    name: 'deleteOwnedBy answers 0 when the owner has nothing, or nothing any more',
    promise: 'owners',
    needs: ['owner'],
    async run({ store, later }) {
      await answers(store.deleteOwnedBy('ada'), 0, 'deleteOwnedBy of an owner never seen is 0')
      await given(store, { key: record('1', later(), 'ada') })
      await store.deleteOwnedBy('ada')
      await answers(store.deleteOwnedBy('ada'), 0, 'the second deleteOwnedBy is 0')
    },
  },
  {
    name: 'deleteOwnedBy does not count expired records',
    promise: 'expiry',
    needs: ['owner'],
    async run({ store, soon, later, pass }) {
      await given(store, { dead: record('1', soon(), 'ada'), alive: record('2', later(), 'ada') })
      await pass()
      await answers(store.deleteOwnedBy('ada'), 1, 'deleteOwnedBy counts the living alone')
    },
  },
  {
    name: `ownedBy and deleteOwnedBy miss none of ${MANY}`,
    promise: 'owners',
    needs: ['owner'],
    async run({ store, later }) {
      const expected = keys('key', MANY)
      await givenEach(store, expected, (key) => record(key, later(), 'ada'))
      await owns(store, 'ada', expected, `ownedBy misses none of ${MANY}`)
      await answers(store.deleteOwnedBy('ada'), MANY, `deleteOwnedBy removes all of ${MANY}`)
      for (const key of expected.filter((_, i) => i % 50 === 49)) await isGone(store, key, `deleteOwnedBy misses none of ${MANY}`)
    },
  },
  {
    name: 'deleteOwnedBy misses none that is renamed meanwhile, not even again and again',
    promise: 'atomic steps',
    needs: ['owner'],
    async run({ store, later }) {
      const kept = record('same', later(), 'ada')
      const sessions = keys('key', 20)
      await givenEach(store, sessions, () => kept)
      const before = sessions.slice(0, 10).map((key) => keepRenaming(store, key, kept))
      const deleted = parallel(1, () => store.deleteOwnedBy('ada'))
      const after = sessions.slice(10).map((key) => keepRenaming(store, key, kept))
      const [tried] = await Promise.all([Promise.all([...before, ...after]), deleted])
      for (const key of tried.flat()) {
        await isGone(store, key, 'deleteOwnedBy misses no session that is renamed meanwhile')
      }
      await owns(store, 'ada', [], 'ownedBy shows no session that was renamed meanwhile')
    },
  },
  {
    name: 'deleteOwnedBy misses none that is updated or touched meanwhile',
    promise: 'atomic steps',
    needs: ['owner'],
    async run({ store, later }) {
      const kept = record('old', later(), 'ada')
      const sessions = keys('key', 20)
      await givenEach(store, sessions, () => kept)
      const write = (key: string, index: number) => {
        return index % 2 ? store.update(key, bytes('old'), record('new', later(), 'ada')) : store.touch(key, bytes('old'), later(2))
      }
      const before = parallel(10, (index) => write(`key${index}`, index))
      const deleted = parallel(1, () => store.deleteOwnedBy('ada'))
      const after = parallel(10, (index) => write(`key${index + 10}`, index))
      await Promise.all([before, deleted, after])
      for (const key of sessions) await isGone(store, key, 'deleteOwnedBy misses no session that is written meanwhile')
    },
  },
  {
    name: 'a record that is created while deleteOwnedBy runs is deleted or stays with its owner',
    promise: 'atomic steps',
    needs: ['owner'],
    async run({ store, later }) {
      await givenEach(store, keys('old', 10), () => record('old', later(), 'ada'))
      const create = (index: number) => store.create(`new${index}`, record('new', later(), 'ada'))
      const before = parallel(10, create)
      const deleted = parallel(1, () => store.deleteOwnedBy('ada'))
      const after = parallel(10, (index) => create(index + 10))
      await Promise.all([before, deleted, after])
      for (const key of keys('old', 10)) await isGone(store, key, 'deleteOwnedBy misses none that lived when it was called')
      const found = await parallel(20, async (index) => ((await store.find(`new${index}`, { expiry: false })) ? [`new${index}`] : []))
      await owns(store, 'ada', found.flat(), 'ownedBy shows each record that was created meanwhile and lives')
      await answers(store.deleteOwnedBy('ada'), found.flat().length, 'a second deleteOwnedBy removes what was created meanwhile')
      await answers(
        collect(store.ownedBy('ada')).then((rest) => rest.length),
        0,
        'nothing is left after the second deleteOwnedBy',
      )
    },
  },
]

/** Renames a session until it is gone, at most eight times, and returns every key that was tried. */
async function keepRenaming(store: SessionStore, key: string, kept: StoreRecord): Promise<string[]> {
  const tried = [key]
  let current = key
  for (let round = 0; round < 8; round++) {
    const next = `${key}-${round}`
    const renamed = await store.rename(current, next, kept.data, kept, {
      key: `;${next}`,
      record: record('trace', kept.expiresAt),
    })
    tried.push(next)
    if (!renamed) break
    current = next
  }
  return tried
}
