import type { ConformanceCase } from './case.ts'
import { answers, bytes, given, holds, isGone, lists, owns, record } from './expect.ts'
import { nearMisses } from './near-misses.ts'

/** What `touch` promises. */
export const touchCases: readonly ConformanceCase[] = [
  {
    name: 'touch lets a record live until a later moment',
    promise: 'expiry',
    async run({ store, soon, later, pass }) {
      await given(store, { key: record('data', soon()), other: record('data', soon()) })
      const expiresAt = later()
      await answers(store.touch('key', bytes('data'), expiresAt), true, 'touch to a later moment is true')
      await pass()
      await holds(store, 'key', record('data', expiresAt), 'a record that was touched lives until its new moment')
      await isGone(store, 'other', 'touch prolongs no other record')
    },
  },
  {
    name: 'touch never shortens a life, and answers true when it is longer already',
    promise: 'expiry',
    async run({ store, soon, later, pass }) {
      const kept = record('data', later(2))
      await given(store, { key: kept })
      await answers(store.touch('key', bytes('data'), later()), true, 'touch to an earlier moment is true')
      await holds(store, 'key', kept, 'touch to an earlier moment changes nothing')
      await answers(store.touch('key', bytes('data'), soon()), true, 'touch to a moment close by is true')
      await pass()
      await holds(store, 'key', kept, 'the record outlives the earlier moment')
    },
  },
  {
    name: 'touch to a moment that has passed answers true and ends nothing',
    promise: 'expiry',
    async run({ store, later, passed }) {
      const kept = record('data', later())
      await given(store, { key: kept })
      await answers(store.touch('key', bytes('data'), passed()), true, 'touch to a moment that has passed is true')
      await holds(store, 'key', kept, 'touch to a moment that has passed changes nothing')
    },
  },
  {
    name: 'touch sent twice answers true twice',
    promise: 'repetition',
    async run({ store, later }) {
      await given(store, { key: record('data', later()) })
      const expiresAt = later(2)
      await answers(store.touch('key', bytes('data'), expiresAt), true, 'the first touch is true')
      await answers(store.touch('key', bytes('data'), expiresAt), true, 'the same touch again is true')
      await holds(store, 'key', record('data', expiresAt), 'the same touch again changes nothing')
    },
  },
  {
    name: 'touch keeps the bytes and the owner',
    promise: 'exact bytes',
    async run({ store, later }) {
      await given(store, { key: record('data', later(), 'ada') })
      const expiresAt = later(2)
      await store.touch('key', bytes('data'), expiresAt)
      await holds(store, 'key', record('data', expiresAt, 'ada'), 'touch changes the expiry alone')
    },
  },
  {
    name: 'a record that was touched stays with its owner past its first expiry',
    promise: 'owners',
    needs: ['owner'],
    async run({ store, soon, later, pass }) {
      await given(store, { key: record('data', soon(), 'ada') })
      await store.touch('key', bytes('data'), later())
      await pass()
      await owns(store, 'ada', ['key'], 'ownedBy shows a record that was touched')
      await answers(store.deleteOwnedBy('ada'), 1, 'deleteOwnedBy reaches a record that was touched')
      await isGone(store, 'key', 'deleteOwnedBy removes a record that was touched')
    },
  },
  {
    name: 'a record that was touched is listed and counted past its first expiry',
    promise: 'listing',
    needs: ['list'],
    async run({ store, soon, later, pass }) {
      await given(store, { key: record('data', soon()) })
      await store.touch('key', bytes('data'), later())
      await pass()
      await lists(store, ['key'], 'all shows a record that was touched')
      await answers(store.count(), 1, 'count counts a record that was touched')
    },
  },
  {
    name: 'touch answers false when the bytes changed, and prolongs nothing',
    promise: 'compare and swap',
    needs: ['compare'],
    async run({ store, later }) {
      const kept = record('data', later())
      await given(store, { key: kept })
      for (const [difference, previous] of nearMisses('data')) {
        const answer = store.touch('key', previous, later(2))
        await answers(answer, false, `touch is false when the bytes loaded were ${difference}`)
        await holds(store, 'key', kept, `touch changes nothing when the bytes loaded were ${difference}`)
      }
      const shorter = store.touch('key', bytes('else'), kept.expiresAt - 1000)
      await answers(shorter, false, 'touch is false when the bytes changed, even where the life is long enough')
    },
  },
  {
    name: 'touch answers false when the key is gone, and creates nothing',
    promise: 'compare and swap',
    async run({ store, later }) {
      await answers(store.touch('never', bytes('data'), later()), false, 'touch of a missing key is false')
      await isGone(store, 'never', 'touch creates nothing')
      await given(store, { key: record('data', later()) })
      await store.delete('key')
      await answers(store.touch('key', bytes('data'), later(2)), false, 'touch of a deleted key is false')
      await isGone(store, 'key', 'touch does not revive a deleted key')
    },
  },
  {
    name: 'touch answers false when the record has expired, and does not revive it',
    promise: 'expiry',
    async run({ store, soon, later, pass }) {
      await given(store, { key: record('data', soon()) })
      await pass()
      await answers(store.touch('key', bytes('data'), later()), false, 'touch of an expired record is false')
      await isGone(store, 'key', 'touch does not revive an expired record')
    },
  },
]
