import type { ConformanceCase } from './case.ts'
import { answers, given, holds, isGone, owns, record } from './expect.ts'

/** What `create` promises. */
export const createCases: readonly ConformanceCase[] = [
  {
    name: 'create adds a record under a key that is free',
    promise: 'unique keys',
    async run({ store, later }) {
      const kept = record('data', later())
      await answers(store.create('key', kept), true, 'create under a free key is true')
      await holds(store, 'key', kept, 'create adds the record')
    },
  },
  {
    name: 'create answers false on a living key and leaves its record alone',
    promise: 'unique keys',
    async run({ store, later }) {
      const kept = record('first', later())
      await given(store, { key: kept })
      await answers(store.create('key', record('second', later(2))), false, 'create on a living key is false')
      await holds(store, 'key', kept, 'create does not overwrite')
    },
  },
  {
    name: 'create answers false when the key holds the same bytes with another expiry',
    promise: 'unique keys',
    async run({ store, later }) {
      const kept = record('data', later())
      await given(store, { key: kept })
      await answers(store.create('key', record('data', later(2))), false, 'a record with another expiry is not exactly this one')
      await holds(store, 'key', kept, 'create does not prolong')
    },
  },
  {
    name: 'create answers false when the key holds the same bytes for another owner',
    promise: 'unique keys',
    needs: ['owner'],
    async run({ store, later }) {
      const kept = record('data', later(), 'ada')
      await given(store, { key: kept })
      await answers(store.create('key', { ...kept, owner: 'bob' }), false, 'a record of another owner is not exactly this one')
      await answers(store.create('key', record('data', kept.expiresAt)), false, 'a record without the owner is not exactly this one')
      await holds(store, 'key', kept, 'create does not change the owner')
    },
  },
  {
    name: 'create answers true when the key holds exactly this record already',
    promise: 'repetition',
    async run({ store, later }) {
      const kept = record('data', later(), 'ada')
      await given(store, { key: kept })
      await answers(store.create('key', record('data', kept.expiresAt, 'ada')), true, 'create sent twice is true twice')
      await holds(store, 'key', kept, 'create sent twice changes nothing')
    },
  },
  {
    name: 'create works again once the record under the key has expired',
    promise: 'expiry',
    async run({ store, soon, later, pass }) {
      await given(store, { key: record('old', soon()) })
      await pass()
      const kept = record('new', later())
      await answers(store.create('key', kept), true, 'create over an expired record is true')
      await holds(store, 'key', kept, 'create replaces an expired record')
    },
  },
  {
    name: 'create over an expired record does not inherit its owner',
    promise: 'owners',
    needs: ['owner'],
    async run({ store, soon, later, pass }) {
      await given(store, { key: record('old', soon(), 'ada') })
      await pass()
      const kept = record('new', later())
      await given(store, { key: kept })
      await owns(store, 'ada', [], 'the owner of the expired record does not own the new one')
      await answers(store.deleteOwnedBy('ada'), 0, 'deleteOwnedBy finds nothing of the owner of the expired record')
      await holds(store, 'key', kept, 'the new record stays')
    },
  },
  {
    name: 'create works again once the record under the key was deleted',
    promise: 'unique keys',
    async run({ store, later }) {
      await given(store, { key: record('old', later()) })
      await store.delete('key')
      const kept = record('new', later())
      await answers(store.create('key', kept), true, 'create after a delete is true')
      await holds(store, 'key', kept, 'create adds the record after a delete')
    },
  },
  {
    name: 'a record whose moment has passed when it is created is never found',
    promise: 'expiry',
    async run({ store, passed, later }) {
      await store.create('key', record('late', passed()))
      await isGone(store, 'key', 'a record created too late is gone')
      await given(store, { key: record('new', later()) })
    },
  },
]
