import assert from 'node:assert/strict'
import type { ConformanceCase } from './case.ts'
import { answers, bytes, given, holds, record } from './expect.ts'

/** What the contract promises about a store as a whole. */
export const lifecycleCases: readonly ConformanceCase[] = [
  {
    name: 'the store declares what it lacks, no more and no less',
    promise: 'declared lacks',
    async run({ store, lacks }) {
      assert.deepEqual([...(store.lacks ?? [])].sort(), [...lacks].sort(), 'broken: store.lacks says what the suite was told')
    },
  },
  {
    name: 'the store serves several managers: attach may be called by each',
    promise: 'life cycle',
    async run({ store, later }) {
      const log = { warn() {} }
      store.attach?.({ log })
      store.attach?.({ log })
      const kept = record('data', later())
      await given(store, { key: kept })
      await holds(store, 'key', kept, 'a store works after it was attached twice')
    },
  },
  {
    name: 'a moment until which an answer is useful changes no answer that comes in time',
    promise: 'late commands',
    async run({ store, later }) {
      const until = Math.max(Date.now() + 60_000, later())
      const trace = { key: ';trace', record: record('trace', later()) }
      await answers(store.create('key', record('1', later()), until), true, 'create in time is true')
      assert.ok(await store.find('key', { expiry: true }, until), 'broken: find in time finds')
      await answers(store.update('key', bytes('1'), record('2', later()), until), true, 'update in time is true')
      await answers(store.touch('key', bytes('2'), later(2), until), true, 'touch in time is true')
      await answers(store.rename('key', 'new', bytes('2'), record('3', later()), trace, until), true, 'rename in time is true')
      await answers(store.delete('new', bytes('3'), until), true, 'delete in time is true')
      await answers(store.delete(';trace', undefined, until), true, 'delete without bytes in time is true')
    },
  },
  {
    name: 'close may be called again',
    promise: 'life cycle',
    async run({ store, later }) {
      await given(store, { key: record('data', later()) })
      await answers(store.close(), undefined, 'close answers nothing')
      await answers(store.close(), undefined, 'close may be called again')
    },
  },
]
