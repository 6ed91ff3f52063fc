import { createHash } from 'node:crypto'
import t from 'tap'
import { MemoryStore } from '../../stores/memory.ts'
import { LIMIT } from '../support/limit.ts'
import { later, start, storeOf } from '../support/memory.ts'
import { bytes, keysOf, record } from '../support/records.ts'

t.setTimeout(LIMIT)

t.test('the least recently used goes first, whether it was created, read or written', async (t) => {
  const { store, living } = storeOf(4)
  for (const key of ['a', 'b', 'c', 'd']) store.create(key, record(key, later))
  store.find('a')
  store.update('b', bytes('b'), record('b2', later))
  store.create('e', record('e', later))
  t.strictSame(await living(), ['a', 'b', 'd', 'e'], 'c was neither read nor written')
  store.create('f', record('f', later))
  t.strictSame(await living(), ['a', 'b', 'e', 'f'])
  store.create('g', record('g', later))
  t.strictSame(await living(), ['b', 'e', 'f', 'g'])
})

t.test('what was used while there was room to spare counts as used', async (t) => {
  const { store, living } = storeOf(10)
  for (const key of ['a', 'b']) store.create(key, record(key, later))
  store.find('a')
  for (const key of 'cdefghijk') store.create(key, record(key, later))
  t.strictSame(await living(), [...'acdefghijk'], 'a was read, b was not')
})

t.test('expired ones go before living ones', async (t) => {
  const { store, clock, living } = storeOf(3)
  store.create('oldest', record('1', later))
  store.create('dead', record('2', start + 1000))
  store.create('newest', record('3', later))
  clock.advance(1000)
  store.create('new', record('4', later))
  t.strictSame(await living(), ['new', 'newest', 'oldest'])
})

t.test('a session under the key of an expired one drops nobody', async (t) => {
  const { store, clock, living, warnings } = storeOf(2)
  store.create('a', record('1', later))
  store.create('b', record('2', start + 1000))
  clock.advance(1000)
  t.equal(store.create('b', record('3', later)), true)
  t.strictSame(await living(), ['a', 'b'])
  t.equal(warnings.length, 0)
})

t.test('a renewal in a full store keeps the session itself', async (t) => {
  for (const maxSessions of [1, 2]) {
    const { store, living } = storeOf(maxSessions)
    store.create('old', record('1', later))
    t.equal(store.rename('old', 'new', bytes('1'), record('2', later), { key: ';trace', record: record('', later) }), true)
    t.strictSame(await living(), ['new'], `of at most ${maxSessions}`)
    t.strictSame(store.find(';trace'), record('', later))
    t.equal(store.update(';trace', bytes(''), record('again', later)), true)
    t.strictSame(await living(), maxSessions === 1 ? [] : ['new'], 'a renewal record that is written again counts')
  }
})

t.test('renewals drop no session of a full store, and as many leave a trace as it holds sessions', async (t) => {
  const { store, living, warnings } = storeOf(3)
  for (const key of ['a', 'b', 'c0']) store.create(key, record(key, later))
  for (let i = 0; i < 10; i++) {
    const trace = { key: `;c${i}`, record: record(`c${i + 1}`, later) }
    t.equal(store.rename(`c${i}`, `c${i + 1}`, bytes('c0'), record('c0', later), trace), true)
  }
  t.strictSame(await living(), ['a', 'b', 'c10'])
  t.strictSame(warnings, [])
  t.strictSame(
    Array.from({ length: 10 }, (_, i) => i).filter((i) => store.find(`;c${i}`) !== undefined),
    [7, 8, 9],
  )
})

t.test('to look at a renewal record, or to remove it, drops no session of a full store', async (t) => {
  const { store, clock, living, warnings } = storeOf(2)
  for (const key of ['a', 'b']) store.create(key, record(key, later))
  const trace = { key: ';b', record: record('c', start + 1000) }
  t.equal(store.rename('b', 'c', bytes('b'), record('b', later), trace), true)
  t.equal(store.create(';b', record('another', later)), false)
  t.equal(store.update(';b', bytes('another'), record('', later)), false)
  t.equal(store.touch(';b', bytes('another'), later), false)
  t.equal(store.touch(';b', bytes('c'), start), true, 'it lives longer already')
  t.equal(store.delete(';b', bytes('another')), false)
  t.strictSame(store.find(';b'), trace.record)
  t.equal(store.delete(';b', bytes('c')), true)
  t.equal(store.delete(';b'), false)
  store.rename('c', 'd', bytes('b'), record('b', later), trace)
  clock.advance(1000)
  t.equal(store.delete(';b'), false, 'it has expired')
  t.strictSame(await living(), ['a', 'd'])
  t.strictSame(warnings, [])
  t.equal(store.deleteExpired(10), 1)
})

t.test('a renewal record that lives longer, or that a session moves onto, is there once', async (t) => {
  const { store, clock } = storeOf(10)
  store.create('a', record('1', later))
  store.rename('a', 'b', bytes('1'), record('1', later), { key: ';a', record: record('b', start + 1000) })
  t.equal(store.touch(';a', bytes('b'), start + 2000), true)
  clock.advance(1000)
  t.strictSame(store.find(';a'), record('b', start + 2000))
  t.equal(store.rename('b', ';b', bytes('1'), record('2', later), { key: ';b', record: record('3', later) }), true)
  t.strictSame(store.find(';b'), record('2', later))
  t.equal(store.delete(';b'), true)
  t.equal(store.find(';b'), undefined)
})

t.test('a trace takes the place of one that lives under its key', async (t) => {
  const { store } = storeOf(10)
  store.create(';trace', record('before', later))
  store.create('old', record('1', later))
  store.rename('old', 'new', bytes('1'), record('2', later), { key: ';trace', record: record('after', later + 1) })
  t.equal(String(store.find(';trace')?.data), 'after')
  t.equal(store.count(), 1)
})

t.test('what was dropped is forgotten by owner, expiry and count', async (t) => {
  const { store, clock } = storeOf(2)
  store.create('a', record('1', start + 1000, 'ada'))
  for (const key of ['b', 'c']) store.create(key, record(key, later, 'ada'))
  t.strictSame(await keysOf(store.ownedBy('ada')), ['b', 'c'])
  t.equal(store.count(), 2)
  clock.advance(1000)
  t.equal(store.deleteExpired(10), 0)
  t.equal(store.deleteOwnedBy('ada'), 2)
})

t.test('the first session that had to go is told to the log, and no further one', async (t) => {
  const { store, warnings } = storeOf(2)
  for (const key of ['a', 'b']) store.create(key, record(key, later))
  t.equal(warnings.length, 0)
  for (const key of ['c', 'd', 'e']) store.create(key, record(key, later))
  t.strictSame(warnings, [{ maxSessions: 2 }])

  const silent = new MemoryStore({ maxSessions: 1, clock: () => start })
  for (const key of ['a', 'b']) t.equal(silent.create(key, record(key, later)), true, 'a store without a manager has no log')
})

t.test('of 20,000 sessions, the half that is read stays', async (t) => {
  const { store } = storeOf(20_000)
  const keys = Array.from({ length: 30_000 }, (_, i) => keyOf(i))
  for (const key of keys.slice(0, 20_000)) store.create(key, record(key, later))
  for (const key of keys.slice(0, 10_000)) store.find(key)
  for (const key of keys.slice(20_000)) store.create(key, record(key, later))
  t.equal(store.count(), 20_000)
  const stayed = keys.slice(0, 10_000).filter((key) => store.find(key) !== undefined).length
  t.comment(`${stayed / 100} % of the sessions that were read stayed`)
  t.ok(stayed > 9500)
})

/** What a manager would make of a token: the same at each run. */
function keyOf(index: number): string {
  return createHash('sha256').update(String(index)).digest('base64url')
}
