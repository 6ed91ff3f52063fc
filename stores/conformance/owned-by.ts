import type { StoreRecord } from '../../types/store.ts'
import type { ConformanceCase } from './case.ts'
import { answers, bytes, collect, given, holds, owns, record, shows } from './expect.ts'

/** What `ownedBy` promises, and that a record's owner changes with it. */
export const ownedByCases: readonly ConformanceCase[] = [
  {
    name: 'ownedBy lists every living record of an owner, whole',
    promise: 'owners',
    needs: ['owner'],
    async run({ store, later }) {
      const kept: Record<string, StoreRecord> = { first: record('1', later(), 'ada'), second: record('2', later(2), 'ada') }
      await given(store, { ...kept, bobs: record('3', later(), 'bob'), nobodys: record('4', later()) })
      await owns(store, 'ada', Object.keys(kept), 'ownedBy lists the records of the owner')
      shows(await collect(store.ownedBy('ada')), kept, 'ownedBy')
    },
  },
  {
    name: 'ownedBy of an owner without records lists nothing, and a record without an owner is nobody’s',
    promise: 'owners',
    needs: ['owner'],
    async run({ store, later }) {
      await given(store, { bobs: record('1', later(), 'bob'), nobodys: record('2', later()) })
      for (const owner of ['ada', 'undefined', 'null']) await owns(store, owner, [], `nothing belongs to ${owner}`)
      await answers(store.deleteOwnedBy('undefined'), 0, 'a record without an owner does not belong to "undefined"')
      await answers(store.deleteOwnedBy('null'), 0, 'a record without an owner does not belong to "null"')
      await holds(store, 'nobodys', record('2', later()), 'a record without an owner is not deleted with one')
    },
  },
  {
    name: 'ownedBy leaves expired records out',
    promise: 'expiry',
    needs: ['owner'],
    async run({ store, soon, later, pass }) {
      await given(store, { dead: record('1', soon(), 'ada'), alive: record('2', later(), 'ada') })
      await pass()
      await owns(store, 'ada', ['alive'], 'ownedBy shows no expired record')
    },
  },
  {
    name: 'update gives a record an owner',
    promise: 'owners',
    needs: ['owner'],
    async run({ store, later }) {
      await given(store, { key: record('old', later()) })
      const kept = record('new', later(), 'ada')
      await answers(store.update('key', bytes('old'), kept), true, 'update that adds an owner is true')
      await holds(store, 'key', kept, 'update adds the owner')
      await owns(store, 'ada', ['key'], 'ownedBy shows a record that was given the owner')
    },
  },
  {
    name: 'update hands a record over to another owner',
    promise: 'owners',
    needs: ['owner'],
    async run({ store, later }) {
      await given(store, { key: record('old', later(), 'ada') })
      const kept = record('new', later(), 'bob')
      await answers(store.update('key', bytes('old'), kept), true, 'update that changes the owner is true')
      await holds(store, 'key', kept, 'update changes the owner')
      await owns(store, 'bob', ['key'], 'ownedBy shows the record with its new owner')
      await owns(store, 'ada', [], 'ownedBy does not show the record as that of its old owner')
      await answers(store.deleteOwnedBy('ada'), 0, 'deleteOwnedBy does not reach a record through its old owner')
      await answers(store.deleteOwnedBy('bob'), 1, 'deleteOwnedBy reaches a record through its new owner')
    },
  },
  {
    name: 'update takes the owner away',
    promise: 'owners',
    needs: ['owner'],
    async run({ store, later }) {
      await given(store, { key: record('same', later(), 'ada') })
      const kept = record('same', later())
      await answers(store.update('key', bytes('same'), kept), true, 'update that takes the owner away is true')
      await holds(store, 'key', kept, 'update takes the owner away')
      await owns(store, 'ada', [], 'ownedBy does not show a record that has lost the owner')
      await answers(store.deleteOwnedBy('ada'), 0, 'deleteOwnedBy does not reach a record that has lost the owner')
    },
  },
  {
    name: 'update keeps a record with its owner past its first expiry',
    promise: 'owners',
    needs: ['owner'],
    async run({ store, soon, later, pass }) {
      await given(store, { key: record('old', soon(), 'ada') })
      await store.update('key', bytes('old'), record('new', later(), 'ada'))
      await pass()
      await owns(store, 'ada', ['key'], 'ownedBy shows a record that was prolonged by update')
      await answers(store.deleteOwnedBy('ada'), 1, 'deleteOwnedBy reaches a record that was prolonged by update')
    },
  },
  {
    name: 'update answers false when the key holds the new bytes for another owner',
    promise: 'compare and swap',
    needs: ['compare', 'owner'],
    async run({ store, later }) {
      const kept = record('new', later(), 'ada')
      await given(store, { key: kept })
      await answers(store.update('key', bytes('old'), { ...kept, owner: 'bob' }), false, 'another owner’s record is not exactly this one')
      await holds(store, 'key', kept, 'update that answers false changes nothing')
    },
  },
]
