import type { SessionStore } from '../../types/store.ts'
import type { ConformanceCase } from './case.ts'
import { answers, bytes, collect, given, holds, holdsOrNot, record, shows, takes } from './expect.ts'

const MEBIBYTE = 2 ** 20
const PROMISE = 'data is kept whole, or all stays as it was where it is refused'

/** What the contract promises about data beyond the usual size: it is kept whole, unless the store declares `maxBytes`. */
export const largeCases: readonly ConformanceCase[] = [
  {
    name: 'a mebibyte comes back whole, whichever verb wrote it, or as much as the store declares',
    promise: 'exact bytes',
    async run({ store, later }) {
      const large = (seed: number) => record(filled(sizeOf(store), seed), later())
      const [first, second, third, trace] = [large(1), large(2), large(3), large(4)]
      await given(store, { key: first })
      await holds(store, 'key', first, 'create keeps data whole')
      await answers(store.update('key', first.data, second), true, 'update compares large data')
      await holds(store, 'key', second, 'update keeps data whole')
      await answers(store.rename('key', 'new', second.data, third, { key: ';trace', record: trace }), true, 'rename compares large data')
      await holds(store, 'new', third, 'rename keeps data whole')
      await holds(store, ';trace', trace, 'rename keeps the data of the trace whole')
      await answers(store.touch('new', third.data, later(2)), true, 'touch compares large data')
      await holds(store, 'new', { ...third, expiresAt: later(2) }, 'touch keeps data whole')
      await answers(store.delete('new', third.data), true, 'delete compares large data')
    },
  },
  {
    name: 'all lists a mebibyte whole, or as much as the store declares',
    promise: 'exact bytes',
    needs: ['list'],
    async run({ store, later }) {
      const kept = record(filled(sizeOf(store), 5), later())
      await given(store, { key: kept })
      shows(await collect(store.all()), { key: kept }, 'all')
    },
  },
  {
    name: 'ownedBy lists a mebibyte whole, or as much as the store declares',
    promise: 'exact bytes',
    needs: ['owner'],
    async run({ store, later }) {
      const kept = record(filled(sizeOf(store), 6), later(), 'ada')
      await given(store, { key: kept })
      shows(await collect(store.ownedBy('ada')), { key: kept }, 'ownedBy')
    },
  },
  {
    name: 'a mebibyte is compared up to its last byte, or as much as the store declares',
    promise: 'compare and swap',
    needs: ['compare'],
    async run({ store, later }) {
      const kept = record(filled(sizeOf(store), 7), later())
      await given(store, { key: kept })
      const other = Uint8Array.from(kept.data)
      other.fill(255, other.length - 1)
      await answers(store.update('key', other, record('mine', later())), false, 'update compares up to the last byte')
      await answers(store.touch('key', other, later(2)), false, 'touch compares up to the last byte')
      await answers(store.rename('key', 'new', other, record('mine', later())), false, 'rename compares up to the last byte')
      await answers(store.delete('key', other), false, 'delete compares up to the last byte')
      await answers(store.create('key', record(other, kept.expiresAt)), false, 'create compares up to the last byte')
      await holds(store, 'key', kept, 'what answers false changes nothing')
    },
  },
  {
    name: 'one byte more is kept whole or refused, and never cut off',
    promise: 'exact bytes',
    async run({ store, later }) {
      const large = record(filled(sizeOf(store) + 1, 8), later())
      const old = record('old', later())
      await given(store, { updated: old, renamed: old })
      const created = await takes(() => store.create('created', large))
      const updated = await takes(() => store.update('updated', bytes('old'), large))
      const renamed = await takes(() => store.rename('renamed', 'new', bytes('old'), large))
      await holdsOrNot(store, 'created', created ? large : undefined, PROMISE)
      await holdsOrNot(store, 'updated', updated ? large : old, PROMISE)
      await holdsOrNot(store, 'renamed', renamed ? undefined : old, PROMISE)
      await holdsOrNot(store, 'new', renamed ? large : undefined, PROMISE)
    },
  },
]

/** The largest data that is tried. */
function sizeOf({ maxBytes = MEBIBYTE }: SessionStore): number {
  return Math.min(maxBytes, MEBIBYTE)
}

/** Data that a database cannot compress, different for each seed. */
function filled(size: number, seed: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => (index * (seed + 6) + (index >> 8) * seed) % 251)
}
