import assert from 'node:assert/strict'
import type { ConformanceCase } from './case.ts'
import { bytes, given, holds, isGone, record, sameBytes } from './expect.ts'

/** What `find` promises. */
export const findCases: readonly ConformanceCase[] = [
  {
    name: 'find returns undefined for a key that was never written',
    promise: 'exact keys',
    async run({ store, later }) {
      await given(store, { there: record('data', later()) })
      await isGone(store, 'elsewhere', 'find returns undefined for a key that was never written')
    },
  },
  {
    name: 'find with expiry brings the bytes and the moment of expiry, to the millisecond',
    promise: 'expiry',
    async run({ store, later }) {
      const kept = record('data', later())
      await given(store, { key: kept })
      await holds(store, 'key', kept, 'find brings what was written')
    },
  },
  {
    name: 'find without expiry brings the bytes, and no wrong moment of expiry',
    promise: 'expiry',
    async run({ store, later }) {
      const kept = record('data', later())
      await given(store, { key: kept })
      const found = await store.find('key', { expiry: false })
      assert.ok(found, 'broken: find without expiry finds the record')
      sameBytes(found.data, kept.data, 'find without expiry brings the bytes')
      assert.ok(found.expiresAt === undefined || found.expiresAt === kept.expiresAt, 'broken: an expiresAt that was not asked for is right')
    },
  },
  {
    name: 'find brings the owner, with expiry or without, and undefined where there is none',
    promise: 'owners',
    needs: ['owner'],
    async run({ store, later }) {
      await given(store, { hers: record('1', later(), 'ada'), nobodys: record('2', later()) })
      for (const expiry of [true, false]) {
        assert.equal((await store.find('hers', { expiry }))?.owner, 'ada', `broken: find brings the owner (expiry ${expiry})`)
        const other = await store.find('nobodys', { expiry })
        assert.ok(other, 'broken: a record needs no owner to be found')
        assert.equal(other.owner, undefined, `broken: the owner of a record that has none is undefined (expiry ${expiry})`)
      }
    },
  },
  {
    name: 'find without owner brings the bytes, and no wrong owner',
    promise: 'owners',
    needs: ['owner'],
    async run({ store, later }) {
      const kept = record('data', later(), 'ada')
      await given(store, { key: kept })
      for (const expiry of [true, false]) {
        const found = await store.find('key', { expiry, owner: false })
        assert.ok(found, `broken: find without owner finds the record (expiry ${expiry})`)
        sameBytes(found.data, kept.data, 'find without owner brings the bytes')
        assert.ok(found.owner === undefined || found.owner === 'ada', 'broken: an owner that was not asked for is right')
      }
    },
  },
  {
    name: 'find brings the bytes that are stored, whatever bytes the caller knows',
    promise: 'exact bytes',
    async run({ store, later }) {
      const kept = record('\u0000\u00ff\u20ac', later())
      await given(store, { key: kept })
      const text = Buffer.from(kept.data).toString('latin1')
      const known = [
        { text, data: kept.data },
        { text: `${text}x`, data: bytes('other') },
      ]
      // A store that does not ask for it is never told.
      for (const each of store.takesKnown === true ? known : [undefined]) {
        const found = await store.find('key', { expiry: true, known: each })
        assert.ok(found, 'broken: a record is found whatever the caller knows')
        sameBytes(found.data, kept.data, 'find brings the bytes that are stored')
        assert.equal(found.expiresAt, kept.expiresAt, 'broken: the expiry is the one that is stored')
      }
    },
  },
  {
    name: 'find returns a record until just before it expires',
    promise: 'expiry',
    async run({ store, soon, almost }) {
      const kept = record('data', soon())
      await given(store, { key: kept })
      await almost()
      await holds(store, 'key', kept, 'a record lives until its moment')
    },
  },
  {
    name: 'find returns undefined for a record that has expired, cleaned up or not',
    promise: 'expiry',
    async run({ store, soon, pass }) {
      await given(store, { key: record('data', soon()) })
      await pass()
      await isGone(store, 'key', 'a record whose moment has passed is gone')
    },
  },
  {
    name: 'find prolongs nothing',
    promise: 'expiry',
    async run({ store, soon, almost, pass }) {
      await given(store, { key: record('data', soon()) })
      await almost()
      assert.ok(await store.find('key', { expiry: true }), 'broken: a record lives until its moment')
      await pass()
      await isGone(store, 'key', 'a record that was read expires at its moment all the same')
    },
  },
]
