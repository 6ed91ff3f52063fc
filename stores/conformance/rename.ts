import type { ConformanceCase } from './case.ts'
import { answers, bytes, given, holds, isGone, record } from './expect.ts'
import { nearMisses } from './near-misses.ts'

/** What `rename` promises, except about traces and owners. */
export const renameCases: readonly ConformanceCase[] = [
  {
    name: 'rename moves a session to the new key with its new record, and the old key is dead',
    promise: 'renewal',
    async run({ store, later }) {
      const other = record('other', later())
      await given(store, { old: record('before', later()), other })
      const kept = record('after', later(2))
      await answers(store.rename('old', 'new', bytes('before'), kept), true, 'rename from the bytes that were loaded is true')
      await holds(store, 'new', kept, 'rename puts the record under the new key')
      await isGone(store, 'old', 'the old key does not work after a rename')
      await holds(store, 'other', other, 'rename leaves other keys alone')
    },
  },
  {
    name: 'rename may keep the bytes and the expiry',
    promise: 'renewal',
    async run({ store, later }) {
      const kept = record('same', later())
      await given(store, { old: kept })
      await answers(store.rename('old', 'new', bytes('same'), kept), true, 'rename with an equal record is true')
      await holds(store, 'new', kept, 'rename puts the record under the new key')
      await isGone(store, 'old', 'the old key does not work after a rename')
    },
  },
  {
    name: 'rename moves the expiry to an earlier moment',
    promise: 'expiry',
    async run({ store, soon, later, pass }) {
      await given(store, { old: record('before', later()) })
      const kept = record('after', soon())
      await answers(store.rename('old', 'new', bytes('before'), kept), true, 'rename to an earlier expiry is true')
      await holds(store, 'new', kept, 'rename brings the expiry forward')
      await pass()
      await isGone(store, 'new', 'a record that was renamed expires at its new moment')
    },
  },
  {
    name: 'rename moves the expiry to a later moment',
    promise: 'expiry',
    async run({ store, soon, later, pass }) {
      await given(store, { old: record('before', soon()) })
      const kept = record('after', later())
      await answers(store.rename('old', 'new', bytes('before'), kept), true, 'rename to a later expiry is true')
      await pass()
      await holds(store, 'new', kept, 'a record that was renamed lives until its new moment')
    },
  },
  {
    name: 'after a rename nothing reaches the session by the old key',
    promise: 'renewal',
    async run({ store, later }) {
      await given(store, { old: record('same', later()) })
      const kept = record('same', later())
      await store.rename('old', 'new', bytes('same'), kept)
      await answers(store.update('old', bytes('same'), record('mine', later())), false, 'update of the old key is false')
      await answers(store.touch('old', bytes('same'), later(2)), false, 'touch of the old key is false')
      await answers(store.rename('old', 'third', bytes('same'), record('mine', later())), false, 'rename of the old key is false')
      await answers(store.delete('old'), false, 'delete of the old key is false')
      await holds(store, 'new', kept, 'the session is as the rename left it')
      await isGone(store, 'old', 'the old key stays dead')
      await isGone(store, 'third', 'a rename that answers false writes nothing')
    },
  },
  {
    name: 'rename answers false when the bytes changed, and changes nothing',
    promise: 'compare and swap',
    needs: ['compare'],
    async run({ store, later }) {
      const kept = record('data', later())
      const trace = { key: ';trace', record: record('trace', later()) }
      await given(store, { old: kept })
      for (const [difference, previous] of nearMisses('data')) {
        const answer = store.rename('old', 'new', previous, record('mine', later()), trace)
        await answers(answer, false, `rename is false when the bytes loaded were ${difference}`)
        await holds(store, 'old', kept, `rename changes nothing when the bytes loaded were ${difference}`)
        await isGone(store, 'new', `rename writes nothing when the bytes loaded were ${difference}`)
        await isGone(store, ';trace', `rename leaves no trace when the bytes loaded were ${difference}`)
      }
    },
  },
  {
    name: 'rename answers false when the old key is gone, and leaves neither record nor trace',
    promise: 'renewal',
    async run({ store, later }) {
      await given(store, { old: record('before', later()) })
      await store.delete('old')
      const trace = { key: ';trace', record: record('trace', later()) }
      const answer = store.rename('old', 'new', bytes('before'), record('after', later()), trace)
      await answers(answer, false, 'rename of a key that is gone is false')
      for (const key of ['old', 'new', ';trace']) await isGone(store, key, 'rename of a key that is gone writes nothing')
    },
  },
  {
    name: 'rename answers false when the old record has expired, and leaves neither record nor trace',
    promise: 'expiry',
    async run({ store, soon, later, pass }) {
      await given(store, { old: record('before', soon()) })
      await pass()
      const trace = { key: ';trace', record: record('trace', later()) }
      const answer = store.rename('old', 'new', bytes('before'), record('after', later()), trace)
      await answers(answer, false, 'rename of an expired record is false')
      for (const key of ['old', 'new', ';trace']) await isGone(store, key, 'rename of an expired record writes nothing')
    },
  },
  {
    name: 'rename answers false when the new key lives already, and changes nothing',
    promise: 'unique keys',
    async run({ store, later }) {
      const mine = record('mine', later())
      const theirs = record('theirs', later())
      await given(store, { old: mine, new: theirs })
      const trace = { key: ';trace', record: record('trace', later()) }
      const answer = store.rename('old', 'new', bytes('mine'), record('after', later()), trace)
      await answers(answer, false, 'rename to a key that lives is false')
      await holds(store, 'old', mine, 'rename that answers false leaves the old key as it was')
      await holds(store, 'new', theirs, 'rename that answers false leaves the new key as it was')
      await isGone(store, ';trace', 'rename that answers false leaves no trace')
    },
  },
  {
    name: 'rename to a key whose record has expired works',
    promise: 'expiry',
    async run({ store, soon, later, pass }) {
      await given(store, { old: record('before', later()), new: record('expired', soon()) })
      await pass()
      const kept = record('after', later())
      await answers(store.rename('old', 'new', bytes('before'), kept), true, 'an expired record does not hold its key')
      await holds(store, 'new', kept, 'rename replaces an expired record')
      await isGone(store, 'old', 'the old key does not work after a rename')
    },
  },
  {
    name: 'rename sent twice answers true twice',
    promise: 'repetition',
    async run({ store, later }) {
      await given(store, { old: record('before', later(), 'ada') })
      const kept = record('after', later(), 'ada')
      const trace = { key: ';trace', record: record('trace', later()) }
      await answers(store.rename('old', 'new', bytes('before'), kept, trace), true, 'the first rename is true')
      await answers(store.rename('old', 'new', bytes('before'), kept, trace), true, 'the same rename again is true')
      await holds(store, 'new', kept, 'the same rename again changes nothing')
      await isGone(store, 'old', 'the same rename again does not revive the old key')
      await holds(store, ';trace', trace.record, 'the same rename again keeps the trace')
    },
  },
]
