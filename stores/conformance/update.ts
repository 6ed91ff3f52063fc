import type { ConformanceCase } from './case.ts'
import { answers, bytes, given, holds, isGone, record } from './expect.ts'
import { nearMisses } from './near-misses.ts'

/** What `update` promises, except about owners. */
export const updateCases: readonly ConformanceCase[] = [
  {
    name: 'update replaces the bytes when they are still the ones loaded',
    promise: 'compare and swap',
    async run({ store, later }) {
      await given(store, { key: record('old', later()), other: record('old', later()) })
      const kept = record('new', later())
      await answers(store.update('key', bytes('old'), kept), true, 'update from the bytes that were loaded is true')
      await holds(store, 'key', kept, 'update replaces the bytes')
      await holds(store, 'other', record('old', kept.expiresAt), 'update leaves other keys alone')
    },
  },
  {
    name: 'update moves the expiry to a later moment',
    promise: 'expiry',
    async run({ store, soon, later, pass }) {
      await given(store, { key: record('old', soon()) })
      const kept = record('new', later())
      await answers(store.update('key', bytes('old'), kept), true, 'update to a later expiry is true')
      await pass()
      await holds(store, 'key', kept, 'a record that was updated lives until its new moment')
    },
  },
  {
    name: 'update moves the expiry to an earlier moment',
    promise: 'expiry',
    async run({ store, soon, later, pass }) {
      await given(store, { key: record('old', later()) })
      const kept = record('new', soon())
      await answers(store.update('key', bytes('old'), kept), true, 'update to an earlier expiry is true')
      await holds(store, 'key', kept, 'update brings the expiry forward')
      await pass()
      await isGone(store, 'key', 'a record that was updated expires at its new moment')
    },
  },
  {
    name: 'update may keep the bytes and change the expiry alone',
    promise: 'expiry',
    async run({ store, later }) {
      await given(store, { key: record('same', later()) })
      const kept = record('same', later(2))
      await answers(store.update('key', bytes('same'), kept), true, 'update with equal bytes is true')
      await holds(store, 'key', kept, 'update with equal bytes changes the expiry')
    },
  },
  {
    name: 'update to exactly what the key holds answers true',
    promise: 'repetition',
    async run({ store, later }) {
      const kept = record('same', later(), 'ada')
      await given(store, { key: kept })
      await answers(store.update('key', bytes('same'), kept), true, 'update that changes nothing is true')
      await holds(store, 'key', kept, 'update that changes nothing changes nothing')
    },
  },
  {
    name: 'update to a moment that has passed ends the record',
    promise: 'expiry',
    async run({ store, later, passed }) {
      await given(store, { key: record('old', later()) })
      await store.update('key', bytes('old'), record('new', passed()))
      await isGone(store, 'key', 'a record whose moment has passed is gone')
    },
  },
  {
    name: 'update answers false when the bytes changed, and changes nothing',
    promise: 'compare and swap',
    needs: ['compare'],
    async run({ store, later }) {
      const kept = record('data', later())
      await given(store, { key: kept })
      for (const [difference, previous] of nearMisses('data')) {
        const answer = store.update('key', previous, record('mine', later()))
        await answers(answer, false, `update is false when the bytes loaded were ${difference}`)
        await holds(store, 'key', kept, `update changes nothing when the bytes loaded were ${difference}`)
      }
    },
  },
  {
    name: 'update answers false when the key does not exist, and creates nothing',
    promise: 'compare and swap',
    async run({ store, later }) {
      await answers(store.update('key', bytes('old'), record('new', later())), false, 'update of a missing key is false')
      await isGone(store, 'key', 'update creates nothing')
      await answers(store.update('key', bytes(''), record('new', later())), false, 'update of a missing key is false, from no bytes too')
      await isGone(store, 'key', 'update creates nothing, from no bytes either')
    },
  },
  {
    name: 'update answers false when the key was deleted, and does not revive it',
    promise: 'compare and swap',
    async run({ store, later }) {
      await given(store, { key: record('old', later()) })
      await store.delete('key')
      await answers(store.update('key', bytes('old'), record('new', later())), false, 'update of a deleted key is false')
      await isGone(store, 'key', 'update does not revive a deleted key')
    },
  },
  {
    name: 'update answers false when the record has expired, and does not revive it',
    promise: 'expiry',
    async run({ store, soon, later, pass }) {
      await given(store, { key: record('old', soon()) })
      await pass()
      await answers(store.update('key', bytes('old'), record('new', later())), false, 'update of an expired record is false')
      await isGone(store, 'key', 'update does not revive an expired record')
    },
  },
  {
    name: 'update sent twice answers true twice',
    promise: 'repetition',
    async run({ store, later }) {
      await given(store, { key: record('old', later(), 'ada') })
      const kept = record('new', later(2), 'ada')
      await answers(store.update('key', bytes('old'), kept), true, 'the first update is true')
      await answers(store.update('key', bytes('old'), record('new', kept.expiresAt, 'ada')), true, 'the same update again is true')
      await holds(store, 'key', kept, 'the same update again changes nothing')
    },
  },
  {
    name: 'create, update and rename sent twice answer true twice for a record that nobody owns',
    promise: 'repetition',
    async run({ store, later }) {
      const trace = { key: ';trace', record: record('trace', later()) }
      for (const time of ['the first', 'the second']) {
        await answers(store.create('key', record('1', later())), true, `${time} create is true`)
      }
      for (const time of ['the first', 'the second']) {
        await answers(store.update('key', bytes('1'), record('2', later())), true, `${time} update is true`)
      }
      for (const time of ['the first', 'the second']) {
        await answers(store.rename('key', 'new', bytes('2'), record('3', later()), trace), true, `${time} rename is true`)
      }
      await holds(store, 'new', record('3', later()), 'commands sent twice are carried out once')
    },
  },
  {
    name: 'update answers false when the key holds the new bytes with another expiry',
    promise: 'compare and swap',
    needs: ['compare'],
    async run({ store, later }) {
      const kept = record('new', later())
      await given(store, { key: kept })
      const answer = store.update('key', bytes('old'), record('new', later(2)))
      await answers(answer, false, 'a record with another expiry is not exactly this one')
      await holds(store, 'key', kept, 'update that answers false changes nothing')
    },
  },
]
