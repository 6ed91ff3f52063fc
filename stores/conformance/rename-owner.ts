import type { ConformanceCase } from './case.ts'
import { answers, bytes, given, holds, isGone, owns, record } from './expect.ts'

/** What `rename` promises about the owner. */
export const renameOwnerCases: readonly ConformanceCase[] = [
  {
    name: 'rename keeps a session with its owner, under the new key alone',
    promise: 'owners',
    needs: ['owner'],
    async run({ store, later }) {
      await given(store, { old: record('before', later(), 'ada') })
      const kept = record('after', later(), 'ada')
      await store.rename('old', 'new', bytes('before'), kept, { key: ';trace', record: record('trace', later()) })
      await holds(store, 'new', kept, 'the renamed session has its owner')
      await owns(store, 'ada', ['new'], 'ownedBy shows the new key and not the old one')
      await answers(store.deleteOwnedBy('ada'), 1, 'deleteOwnedBy counts a renamed session once')
      await isGone(store, 'new', 'deleteOwnedBy reaches a renamed session')
    },
  },
  {
    name: 'rename gives a session an owner',
    promise: 'owners',
    needs: ['owner'],
    async run({ store, later }) {
      await given(store, { old: record('before', later()) })
      const kept = record('after', later(), 'ada')
      await store.rename('old', 'new', bytes('before'), kept)
      await holds(store, 'new', kept, 'rename adds the owner')
      await owns(store, 'ada', ['new'], 'ownedBy shows a session that was given the owner by rename')
    },
  },
  {
    name: 'rename hands a session over to another owner, or to none',
    promise: 'owners',
    needs: ['owner'],
    async run({ store, later }) {
      await given(store, { first: record('1', later(), 'ada'), second: record('2', later(), 'ada') })
      await store.rename('first', 'bobs', bytes('1'), record('1', later(), 'bob'))
      await store.rename('second', 'nobodys', bytes('2'), record('2', later()))
      await owns(store, 'ada', [], 'ownedBy does not show sessions as those of their old owner')
      await owns(store, 'bob', ['bobs'], 'ownedBy shows the session with its new owner')
      await answers(store.deleteOwnedBy('ada'), 0, 'deleteOwnedBy does not reach a session through its old owner')
      await holds(store, 'bobs', record('1', later(), 'bob'), 'the session of the new owner stays')
      await holds(store, 'nobodys', record('2', later()), 'the session that has lost its owner stays')
    },
  },
  {
    name: 'rename keeps a session with its owner past its first expiry',
    promise: 'owners',
    needs: ['owner'],
    async run({ store, soon, later, pass }) {
      await given(store, { old: record('before', soon(), 'ada') })
      await store.rename('old', 'new', bytes('before'), record('after', later(), 'ada'))
      await pass()
      await owns(store, 'ada', ['new'], 'ownedBy shows a session that was prolonged by rename')
      await answers(store.deleteOwnedBy('ada'), 1, 'deleteOwnedBy reaches a session that was prolonged by rename')
    },
  },
  {
    name: 'rename answers false when the new key holds the same bytes for another owner',
    promise: 'unique keys',
    needs: ['owner'],
    async run({ store, later }) {
      const mine = record('mine', later(), 'ada')
      const theirs = record('same', later(), 'bob')
      await given(store, { old: mine, new: theirs })
      const answer = store.rename('old', 'new', bytes('mine'), { ...theirs, owner: 'ada' })
      await answers(answer, false, 'another owner’s record is not exactly this one')
      await holds(store, 'old', mine, 'rename that answers false leaves the old key as it was')
      await holds(store, 'new', theirs, 'rename that answers false leaves the new key as it was')
    },
  },
]
