import assert from 'node:assert/strict'
import type { StoreRecord } from '../../types/store.ts'
import type { ConformanceCase } from './case.ts'
import { answers, bytes, collect, given, givenEach, keys, lists, MANY, record, shows } from './expect.ts'

/** What `all` and `count` promise. */
export const listingCases: readonly ConformanceCase[] = [
  {
    name: 'all lists every living record, whole',
    promise: 'listing',
    needs: ['list'],
    async run({ store, later }) {
      const kept: Record<string, StoreRecord> = { first: record('1', later()), second: record('2', later(2)) }
      await given(store, kept)
      await lists(store, Object.keys(kept), 'all lists every living record')
      shows(await collect(store.all()), kept, 'all')
    },
  },
  {
    name: 'all lists the owners',
    promise: 'listing',
    needs: ['list', 'owner'],
    async run({ store, later }) {
      await given(store, { hers: record('1', later(), 'ada'), nobodys: record('2', later()) })
      const owners = new Map((await collect(store.all())).map((entry) => [entry.key, entry.record.owner]))
      assert.equal(owners.get('hers'), 'ada', 'broken: all lists the owner')
      assert.equal(owners.get('nobodys'), undefined, 'broken: all lists no owner where there is none')
    },
  },
  {
    name: 'all of an empty store lists nothing, and count is 0',
    promise: 'listing',
    needs: ['list'],
    async run({ store }) {
      await lists(store, [], 'all of an empty store lists nothing')
      await answers(store.count(), 0, 'count of an empty store is 0')
    },
  },
  {
    name: `all misses none of ${MANY}, and count counts them`,
    promise: 'listing',
    needs: ['list'],
    async run({ store, later }) {
      const expected = keys('key', MANY)
      await givenEach(store, expected, (key) => record(key, later()))
      await lists(store, expected, `all misses none of ${MANY}`)
      await answers(store.count(), MANY, `count counts all of ${MANY}`)
    },
  },
  {
    name: 'all leaves expired records out, cleaned up or not',
    promise: 'expiry',
    needs: ['list'],
    async run({ store, soon, later, pass }) {
      await given(store, { dead: record('1', soon()), alive: record('2', later()) })
      await pass()
      await lists(store, ['alive'], 'all shows no expired record')
    },
  },
  {
    name: 'count leaves expired records out, cleaned up or not',
    promise: 'expiry',
    needs: ['list'],
    async run({ store, soon, later, pass }) {
      await given(store, { dead: record('1', soon()), alive: record('2', later()) })
      await pass()
      await answers(store.count(), 1, 'count counts no expired record')
    },
  },
  {
    name: 'update and rename leave the count as it is, and all shows a renamed session once',
    promise: 'listing',
    needs: ['list'],
    async run({ store, later }) {
      await given(store, { key: record('1', later()), other: record('2', later()) })
      await store.update('key', bytes('1'), record('3', later()))
      await store.rename('key', 'new', bytes('3'), record('4', later()))
      await answers(store.count(), 2, 'count counts each session once')
      await lists(store, ['new', 'other'], 'all shows the new key and not the old one')
    },
  },
]
