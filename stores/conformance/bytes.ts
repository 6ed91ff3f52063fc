import type { StoreRecord } from '../../types/store.ts'
import type { ConformanceCase } from './case.ts'
import { answers, bytes, collect, given, holds, isGone, record, sameBytes } from './expect.ts'

const MAX_BYTES = 65_535

/** What the contract promises about bytes: they come back as they went in, and nobody shares them. */
export const bytesCases: readonly ConformanceCase[] = [
  {
    name: 'every byte from 0 to 255 comes back as it went in, and can be compared with',
    promise: 'exact bytes',
    async run({ store, later }) {
      const kept = record(
        Uint8Array.from({ length: 512 }, (_, index) => index % 256),
        later(),
      )
      await given(store, { key: kept })
      await holds(store, 'key', kept, 'bytes of every value come back')
      const turned = record(Uint8Array.from(kept.data).reverse(), kept.expiresAt)
      await answers(store.update('key', kept.data, turned), true, 'bytes of every value can be compared with')
      await holds(store, 'key', turned, 'bytes of every value can be written by update')
      await answers(store.delete('key', turned.data), true, 'bytes of every value can be deleted with')
    },
  },
  {
    name: 'empty data is data: it is found, compared with and replaced',
    promise: 'exact bytes',
    async run({ store, later }) {
      const empty = record('', later())
      await given(store, { key: empty })
      await holds(store, 'key', empty, 'empty data is found')
      await answers(store.touch('key', bytes(''), later(2)), true, 'empty data can be touched')
      await answers(store.update('key', bytes(''), record('full', later())), true, 'empty data can be replaced')
      await answers(store.update('key', bytes('full'), empty), true, 'data can be replaced with empty data')
      await answers(store.rename('key', 'new', bytes(''), empty), true, 'empty data can be renamed')
      await answers(store.delete('new', bytes('')), true, 'empty data can be deleted with')
    },
  },
  {
    name: 'data of the largest size comes back as it went in',
    promise: 'exact bytes',
    async run({ store, later }) {
      const size = Math.min(MAX_BYTES, store.maxBytes ?? MAX_BYTES)
      const kept = record(
        Uint8Array.from({ length: size }, (_, index) => (index * 7) % 251),
        later(),
      )
      await given(store, { key: kept })
      await holds(store, 'key', kept, `${size} bytes come back`)
      const changed = lastByteChanged(kept)
      await answers(store.update('key', kept.data, changed), true, `${size} bytes can be replaced`)
      await holds(store, 'key', changed, `${size} bytes can be written by update`)
    },
  },
  {
    name: 'data of the largest size is compared up to its last byte',
    promise: 'exact bytes',
    needs: ['compare'],
    async run({ store, later }) {
      const kept = record(new Uint8Array(Math.min(MAX_BYTES, store.maxBytes ?? MAX_BYTES)).fill(65), later())
      await given(store, { key: kept })
      const changed = lastByteChanged(kept)
      await answers(store.update('key', changed.data, record('mine', later())), false, 'update compares up to the last byte')
      await answers(store.delete('key', changed.data), false, 'delete compares up to the last byte')
      await holds(store, 'key', kept, 'what answers false changes nothing')
    },
  },
  {
    name: 'a view into a larger buffer is taken for the view alone',
    promise: 'exact bytes',
    async run({ store, later }) {
      const large = Buffer.from('--before--after--trace--')
      const [before, after, left] = [large.subarray(2, 8), large.subarray(10, 15), large.subarray(17, 22)]
      await given(store, { key: record(before, later()) })
      await holds(store, 'key', record('before', later()), 'create takes the view alone')
      await answers(store.update('key', before, record(after, later())), true, 'update compares with the view alone')
      await holds(store, 'key', record('after', later()), 'update takes the view alone')
      const trace = { key: ';trace', record: record(left, later()) }
      await answers(store.rename('key', 'new', after, record(before, later()), trace), true, 'rename compares with the view alone')
      await holds(store, 'new', record('before', later()), 'rename takes the view alone')
      await holds(store, ';trace', record('trace', later()), 'the trace is the view alone')
      await answers(store.delete('new', before), true, 'delete compares with the view alone')
    },
  },
  {
    name: 'what the caller does to bytes after handing them in changes nothing in the store',
    promise: 'exact bytes',
    async run({ store, later }) {
      const handedIn = ['one', 'two', 'six', 'tag'].map(bytes)
      const [created = bytes(''), updated = bytes(''), renamed = bytes(''), trace = bytes('')] = handedIn
      await given(store, { key: record(created, later()) })
      created.fill(0)
      await holds(store, 'key', record('one', later()), 'create keeps bytes of its own')
      await store.update('key', bytes('one'), record(updated, later()))
      updated.fill(0)
      await holds(store, 'key', record('two', later()), 'update keeps bytes of its own')
      await store.rename('key', 'new', bytes('two'), record(renamed, later()), { key: ';trace', record: record(trace, later()) })
      for (const data of handedIn) data.fill(0)
      await holds(store, 'new', record('six', later()), 'rename keeps bytes of its own')
      await holds(store, ';trace', record('tag', later()), 'rename keeps bytes of its own for the trace')
      await isGone(store, 'key', 'the old key does not work after a rename')
    },
  },
  {
    name: 'what a finder does to the bytes it got changes nothing in the store',
    promise: 'exact bytes',
    async run({ store, later }) {
      const kept = record('data', later())
      await given(store, { key: kept })
      for (const expiry of [true, false]) {
        const found = await store.find('key', { expiry })
        found?.data.fill(0)
        await holds(store, 'key', kept, `find with expiry ${expiry} hands out a copy`)
      }
      await answers(store.update('key', bytes('data'), record('new', later())), true, 'the comparison is with the bytes as written')
    },
  },
  {
    name: 'what a reader of all does to the bytes it got changes nothing in the store',
    promise: 'exact bytes',
    needs: ['list'],
    async run({ store, later }) {
      const kept = record('data', later())
      await given(store, { key: kept })
      for await (const entry of store.all()) entry.record.data.fill(0)
      await holds(store, 'key', kept, 'all hands out copies')
    },
  },
  {
    name: 'what a reader of ownedBy does to the bytes it got changes nothing in the store',
    promise: 'exact bytes',
    needs: ['owner'],
    async run({ store, later }) {
      const kept = record('data', later(), 'ada')
      await given(store, { key: kept })
      for await (const entry of store.ownedBy('ada')) entry.record.data.fill(0)
      await holds(store, 'key', kept, 'ownedBy hands out copies')
    },
  },
  {
    name: 'the bytes that are handed in stay as they were',
    promise: 'exact bytes',
    async run({ store, later }) {
      const [first, second, third, trace] = [bytes('first'), bytes('second'), bytes('third'), bytes('trace')]
      await store.create('key', record(first, later()))
      await store.update('key', first, record(second, later()))
      await store.touch('key', second, later(2))
      await store.rename('key', 'new', second, record(third, later()), { key: ';trace', record: record(trace, later()) })
      await answers(store.delete('new', third), true, 'the record went through every verb')
      sameBytes(first, bytes('first'), 'create and update leave the caller’s bytes alone')
      sameBytes(second, bytes('second'), 'update, touch and rename leave the caller’s bytes alone')
      sameBytes(third, bytes('third'), 'rename and delete leave the caller’s bytes alone')
      sameBytes(trace, bytes('trace'), 'rename leaves the bytes of the trace alone')
    },
  },
  {
    name: 'what the listings hand out can be compared with',
    promise: 'exact bytes',
    needs: ['list'],
    async run({ store, later }) {
      await given(store, { key: record('data', later()) })
      for (const { key, record: shown } of await collect(store.all())) {
        await answers(store.delete(key, shown.data), true, 'delete takes the bytes that all handed out')
      }
      await isGone(store, 'key', 'delete with the bytes that all handed out removes the record')
    },
  },
]

function lastByteChanged(from: StoreRecord): StoreRecord {
  const data = Uint8Array.from(from.data)
  return record(data.fill(1, data.length - 1), from.expiresAt)
}
