import type { ConformanceCase } from './case.ts'
import { answers, bytes, given, holds, isGone, lists, owns, record } from './expect.ts'
import { nearMisses } from './near-misses.ts'

/** What `delete` promises. */
export const deleteCases: readonly ConformanceCase[] = [
  {
    name: 'delete removes a record, says that it was there, and touches no other',
    promise: 'deletion',
    async run({ store, later }) {
      const other = record('data', later())
      await given(store, { key: record('data', later()), other })
      await answers(store.delete('key'), true, 'delete of a living record is true')
      await isGone(store, 'key', 'delete removes the record')
      await holds(store, 'other', other, 'delete leaves other keys alone')
    },
  },
  {
    name: 'delete answers false when nothing is there, never written or deleted before',
    promise: 'deletion',
    async run({ store, later }) {
      await answers(store.delete('never'), false, 'delete of a missing key is false')
      await given(store, { key: record('data', later()) })
      await store.delete('key')
      await answers(store.delete('key'), false, 'the second delete is false')
      await answers(store.delete('key', bytes('data')), false, 'the second delete is false, with the bytes too')
    },
  },
  {
    name: 'delete answers false when the record has expired',
    promise: 'expiry',
    async run({ store, soon, pass }) {
      await given(store, { first: record('data', soon()), second: record('data', soon()) })
      await pass()
      await answers(store.delete('first'), false, 'delete of an expired record is false')
      await answers(store.delete('second', bytes('data')), false, 'delete of an expired record is false, with the bytes too')
    },
  },
  {
    name: 'delete with the bytes that were loaded removes the record',
    promise: 'compare and swap',
    async run({ store, later }) {
      await given(store, { key: record('data', later()) })
      await answers(store.delete('key', bytes('data')), true, 'delete with the bytes that were loaded is true')
      await isGone(store, 'key', 'delete with the bytes that were loaded removes the record')
    },
  },
  {
    name: 'delete with other bytes answers false and removes nothing',
    promise: 'compare and swap',
    needs: ['compare'],
    async run({ store, later }) {
      const kept = record('data', later())
      await given(store, { key: kept })
      for (const [difference, previous] of nearMisses('data')) {
        await answers(store.delete('key', previous), false, `delete is false when the bytes loaded were ${difference}`)
        await holds(store, 'key', kept, `delete removes nothing when the bytes loaded were ${difference}`)
      }
    },
  },
  {
    name: 'a deleted record leaves the listing and the count',
    promise: 'listing',
    needs: ['list'],
    async run({ store, later }) {
      await given(store, { key: record('data', later()), other: record('data', later()) })
      await store.delete('key')
      await lists(store, ['other'], 'all shows no deleted record')
      await answers(store.count(), 1, 'count counts no deleted record')
    },
  },
  {
    name: 'a deleted record leaves its owner',
    promise: 'owners',
    needs: ['owner'],
    async run({ store, later }) {
      await given(store, { key: record('data', later(), 'ada'), other: record('data', later(), 'ada') })
      await store.delete('key')
      await owns(store, 'ada', ['other'], 'ownedBy shows no deleted record')
      await answers(store.deleteOwnedBy('ada'), 1, 'deleteOwnedBy counts no deleted record')
    },
  },
]
