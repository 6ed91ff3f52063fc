import assert from 'node:assert/strict'
import type { LackCase } from './case.ts'
import { answers, bytes, collect, given, holds, isGone, record } from './expect.ts'

/** What a store that declares a lack must do instead. */
export const lackCases: readonly LackCase[] = [
  {
    shows: 'compare',
    name: 'a store that cannot compare says so: the last update of a living key wins',
    promise: 'declared lacks',
    async run({ store, later }) {
      await given(store, { key: record('data', later()) })
      const kept = record('mine', later())
      await answers(store.update('key', bytes('else'), kept), true, 'update without comparison is true on a living key')
      await holds(store, 'key', kept, 'update without comparison writes')
    },
  },
  {
    shows: 'compare',
    name: 'a store that cannot compare says so: rename moves a living key',
    promise: 'declared lacks',
    async run({ store, later }) {
      await given(store, { old: record('data', later()) })
      const kept = record('mine', later())
      await answers(store.rename('old', 'new', bytes('else'), kept), true, 'rename without comparison is true on a living key')
      await holds(store, 'new', kept, 'rename without comparison moves')
      await isGone(store, 'old', 'the old key does not work after a rename')
    },
  },
  {
    shows: 'compare',
    name: 'a store that cannot compare says so: touch prolongs and delete removes a living key',
    promise: 'declared lacks',
    async run({ store, later }) {
      await given(store, { key: record('data', later()) })
      const expiresAt = later(2)
      await answers(store.touch('key', bytes('else'), expiresAt), true, 'touch without comparison is true on a living key')
      await holds(store, 'key', record('data', expiresAt), 'touch without comparison prolongs')
      await answers(store.delete('key', bytes('else')), true, 'delete without comparison is true on a living key')
      await isGone(store, 'key', 'delete without comparison removes')
    },
  },
  {
    shows: 'owner',
    name: 'a store that keeps no owners throws from ownedBy and deleteOwnedBy',
    promise: 'declared lacks',
    async run({ store }) {
      await throws(() => collect(store.ownedBy('ada')), 'ownedBy throws')
      await throws(async () => store.deleteOwnedBy('ada'), 'deleteOwnedBy throws')
    },
  },
  {
    shows: 'list',
    name: 'a store that cannot list throws from all and count',
    promise: 'declared lacks',
    async run({ store }) {
      await throws(() => collect(store.all()), 'all throws')
      await throws(async () => store.count(), 'count throws')
    },
  },
]

async function throws(run: () => Promise<unknown>, promise: string): Promise<void> {
  await assert.rejects(async () => run(), Error, `broken: ${promise}`)
}
