import t from 'tap'
import { LmdbStore } from '../../stores/lmdb.ts'
import { LIMIT } from '../support/limit.ts'
import { disagreements, environmentAt, lmdbStore, placeFor } from '../support/lmdb.ts'
import { bytes, keysOf, record } from '../support/records.ts'

t.setTimeout(LIMIT)

const start = Date.UTC(2030, 0, 1)
const later = start + 3_600_000

t.test('an owner is any well-formed text, and taken literally', async (t) => {
  const environment = environmentAt(t, placeFor(t))
  const store = new LmdbStore(environment, { clock: () => start })
  const owners = [
    '',
    ' ',
    'ada',
    'ada ',
    'Ada',
    '\0',
    'a\0b',
    'é',
    'e\u0301',
    '😀',
    '__proto__',
    '%',
    "'; --",
    '\uffff',
    'x'.repeat(100_000),
    'x'.repeat(100_001),
  ]
  for (const [index, owner] of owners.entries()) await store.create(`key${index}`, record('1', later, owner))
  for (const [index, owner] of owners.entries()) {
    t.equal(store.find(`key${index}`)?.owner, owner)
    t.strictSame(await keysOf(store.ownedBy(owner)), [`key${index}`])
    t.equal(await store.deleteOwnedBy(owner), 1)
  }
  t.equal(store.count(), 0)
  t.strictSame(disagreements(environment), [])
  for (const owner of ['\ud800', 'a\udc00b']) {
    t.throws(() => store.create('key', record('1', later, owner)), RangeError)
    t.throws(() => store.deleteOwnedBy(owner), RangeError)
    await t.rejects(keysOf(store.ownedBy(owner)), RangeError)
  }
})

t.test('a key that could be taken for another is refused by every verb', async (t) => {
  const store = lmdbStore(t, placeFor(t), { clock: () => start })
  const good = record('1', later)
  for (const key of ['', ' ', 'a ', 'a\0', 'a\n', 'ключ', 'é', 'x'.repeat(44)]) {
    t.throws(() => store.find(key), RangeError)
    t.throws(() => store.create(key, good), RangeError)
    t.throws(() => store.update(key, bytes('1'), good), RangeError)
    t.throws(() => store.rename(key, 'new', bytes('1'), good), RangeError)
    t.throws(() => store.rename('old', key, bytes('1'), good), RangeError)
    t.throws(() => store.rename('old', 'new', bytes('1'), good, { key, record: good }), RangeError)
    t.throws(() => store.touch(key, bytes('1'), later), RangeError)
    t.throws(() => store.delete(key), RangeError)
  }
  t.equal(store.count(), 0)
})

t.test('the sessions of an owner are told from those of one with a like digest', async (t) => {
  const environment = environmentAt(t, placeFor(t))
  const store = new LmdbStore(environment, { clock: () => start })
  await store.create('hers', record('1', later, 'ada'))
  await store.create('his', record('1', later, 'bob'))
  const owners = environment.openDB<Buffer, Buffer>('sessions:owner', { encoding: 'binary', keyEncoding: 'binary' })
  const [hers = bytes('')] = Array.from(owners.getKeys({})).filter((key) => String(key).endsWith('hers'))
  await owners.put(Buffer.concat([hers.subarray(0, 16), bytes('his')]), bytes(''))
  t.strictSame(await keysOf(store.ownedBy('ada')), ['hers'])
  t.equal(await store.deleteOwnedBy('ada'), 1)
  t.equal(String(store.find('his')?.data), '1')
})
