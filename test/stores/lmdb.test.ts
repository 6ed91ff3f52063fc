import { rmSync } from 'node:fs'
import t from 'tap'
import { storeConformance } from '../../stores/conformance/index.ts'
import { LmdbStore } from '../../stores/lmdb.ts'
import { LATEST } from '../../stores/shared/text.ts'
import { fakeClock } from '../support/clock.ts'
import { LIMIT } from '../support/limit.ts'
import { disagreements, environmentAt, lmdbStore, placeFor } from '../support/lmdb.ts'
import { bytes, entriesOf, keysOf, record } from '../support/records.ts'
import { manualClock } from '../support/reference-store.ts'
import { conforms } from '../support/store-suite.ts'

t.setTimeout(LIMIT)

const start = Date.UTC(2030, 0, 1)
const later = start + 3_600_000

t.test('on a path, it keeps every promise of the contract', async (t) => {
  const path = placeFor(t)
  let stores = 0
  const createStore = () => {
    const clock = manualClock(start)
    const name = `store${stores++ % 8}`
    const open = () => new LmdbStore(path, { clock: () => clock.now(), name })
    return { store: open(), clock, second: open, close: () => rmSync(path, { recursive: true }) }
  }
  storeConformance({ test: (name, run) => t.test(name, (t) => t.resolves(run())), createStore })
})

t.test('in a file, by the time of day', async (t) => {
  const environment = environmentAt(t, placeFor(t, 'sessions.mdb'))
  let stores = 0
  // Beside each other in one environment, their writes share commits: this is not the place to find out how slow the disk is.
  await conforms(t, 'it keeps every promise of the contract', {
    shortLife: 1500,
    createStore() {
      const name = `store${stores++}`
      return { store: new LmdbStore(environment, { name }), second: () => new LmdbStore(environment, { name }) }
    },
  })
})

t.test('in an environment that was given, it keeps every promise of the contract', async (t) => {
  const environment = environmentAt(t, placeFor(t))
  const createStore = () => {
    const clock = manualClock(start)
    const open = () => new LmdbStore(environment, { clock: () => clock.now() })
    const close = async () => {
      t.strictSame(disagreements(environment), [], 'the indexes agree with the records')
      for (const name of ['sessions', 'sessions:expiry', 'sessions:owner']) await environment.openDB(name, {}).drop()
    }
    return { store: open(), second: open, clock, close }
  }
  storeConformance({ test: (name, run) => t.test(name, (t) => t.resolves(run())), createStore })
})

t.test('a write whose turn comes when nobody waits any more writes nothing', async (t) => {
  const store = lmdbStore(t, placeFor(t), { clock: () => start })
  await store.create('key', record('1', later))
  const until = Date.now() + 20
  const late = [
    store.create('late', record('1', later), until),
    store.update('key', bytes('1'), record('2', later), until),
    store.rename('key', 'late', bytes('1'), record('2', later), undefined, until),
    store.touch('key', bytes('1'), later + 1, until),
    store.delete('key', undefined, until),
    store.deleteOwnedBy('ada', undefined, until),
  ]
  const inTime = store.create('other', record('1', later), Date.now() + 60_000)
  while (Date.now() <= until);
  for (const write of late.slice(0, -1)) {
    await t.rejects(async () => write, new Error('LmdbStore: nothing was written, because the time was up'))
  }
  t.equal(late.at(-1), 0, 'where there is nothing to write the answer came at once')
  t.equal(await inTime, true)
  t.strictSame(await entriesOf(store.all()), [
    { key: 'key', record: record('1', later) },
    { key: 'other', record: record('1', later) },
  ])
})

t.test('a write that throws half-way leaves nothing behind, and the others of its commit stand', async (t) => {
  const environment = environmentAt(t, placeFor(t))
  let looks = Number.POSITIVE_INFINITY
  const clock = () => {
    if (looks-- <= 0) throw new Error('the clock broke')
    return start + 1
  }
  const [broken, whole] = [new LmdbStore(environment, { clock }), new LmdbStore(environment, { clock: () => start })]
  for (const key of ['a', 'b', 'c']) await whole.create(key, record('1', start + 1, 'ada'))
  // One look says that something has expired, one asks for what, and one for each of the records.
  looks = 4
  const results = await Promise.allSettled([
    whole.create('before', record('1', later)),
    broken.deleteExpired(10),
    whole.create('after', record('1', later)),
  ])
  t.strictSame(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  )
  t.match(results[1], { reason: new Error('the clock broke') })
  t.strictSame(await keysOf(whole.all()), ['a', 'after', 'b', 'before', 'c'])
  t.strictSame(disagreements(environment), [])
})

t.test('a verb with nothing to write answers at once', async (t) => {
  const store = lmdbStore(t, placeFor(t), { clock: () => start })
  const kept = record('1', later, 'ada')
  await store.create('key', kept)
  t.equal(store.create('key', kept), true)
  t.equal(store.create('key', record('2', later)), false)
  t.equal(store.update('key', bytes('0'), kept), true)
  t.equal(store.update('key', bytes('0'), record('2', later)), false)
  t.equal(store.update('none', bytes('0'), kept), false)
  t.equal(store.rename('none', 'new', bytes('0'), kept), false)
  t.equal(store.rename('none', 'key', bytes('0'), kept), true)
  t.equal(store.touch('key', bytes('1'), later), true)
  t.equal(store.touch('key', bytes('0'), later), false)
  t.equal(store.delete('none'), false)
  t.equal(store.delete('key', bytes('0')), false)
  t.equal(store.deleteOwnedBy('bob'), 0)
  t.equal(store.deleteExpired(10), 0)
})

t.test('a listing of many pages shows each session once, and what is renamed meanwhile is not missed by owner', async (t) => {
  const store = lmdbStore(t, placeFor(t), { clock: () => start })
  const keys = Array.from({ length: 300 }, (_, index) => `k${String(index).padStart(3, '0')}`)
  const traces = Array.from({ length: 150 }, (_, index) => `;${index}`)
  await Promise.all(keys.map((key) => store.create(key, record(key, later, 'ada'))))
  await Promise.all(traces.map((key) => store.create(key, record('', later))))
  t.strictSame(await keysOf(store.all()), keys)
  const seen: string[] = []
  for await (const { record: shown } of store.ownedBy('ada')) {
    seen.push(String(shown.data))
    if (seen.length === 1) await store.rename('k250', 'a250', bytes('k250'), record('k250', later, 'ada'))
  }
  t.strictSame(seen.sort(), keys)
})

t.test('it counts what lives and is no trace, whatever waits for the clean-up', async (t) => {
  const clock = fakeClock(start)
  const store = lmdbStore(t, placeFor(t), { clock })
  for (const key of ['a', 'b', ';a', ';b']) await store.create(key, record('1', start + 1000))
  for (const key of ['c', 'd', 'e', ';c']) await store.create(key, record('1', later))
  t.equal(store.count(), 5)
  clock.advance(999)
  t.equal(store.count(), 5)
  clock.advance(1)
  t.equal(store.count(), 3)
  t.equal(await store.deleteExpired(3), 3)
  t.equal(store.count(), 3)
  t.equal(await store.deleteExpired(3), 1)
  t.equal(store.count(), 3)
})

t.test('moments keep their exact value and their order, those before 1970 too', async (t) => {
  const clock = fakeClock(start)
  const store = lmdbStore(t, placeFor(t), { clock })
  const moments = [start + 0.25, start + 0.5, 2 ** 52 + 0.5, LATEST - 1, LATEST]
  for (const [index, moment] of moments.entries()) await store.create(`key${index}`, record('1', moment))
  for (const [index, moment] of moments.entries()) t.equal(store.find(`key${index}`)?.expiresAt, moment)
  for (const moment of [LATEST + 1, Number.POSITIVE_INFINITY, Number.NaN]) {
    t.throws(() => store.create('never', record('1', moment)), RangeError)
    t.throws(() => store.touch('key0', bytes('1'), moment), RangeError)
  }
  for (const [index, moment] of [-1, 0, Number.NEGATIVE_INFINITY].entries()) await store.create(`past${index}`, record('1', moment))
  t.equal(await store.deleteExpired(10), 3)
  clock.advance(1)
  t.equal(await store.deleteExpired(1), 1)
  t.equal(await store.deleteExpired(10), 1)
  t.equal(store.count(), 3)
})

t.test('a place in the index by expiry that no record has is removed by the clean-up, and no living record with it', async (t) => {
  const environment = environmentAt(t, placeFor(t))
  const store = new LmdbStore(environment, { clock: () => start })
  await store.create('alive', record('1', later))
  const expiry = environment.openDB<Buffer, Buffer>('sessions:expiry', { encoding: 'binary', keyEncoding: 'binary' })
  for (const key of ['alive', 'gone']) await expiry.put(Buffer.concat([Buffer.alloc(8), bytes(key)]), bytes(''))
  t.equal(await store.deleteExpired(10), 2)
  t.equal(await store.deleteExpired(10), 0)
  t.equal(store.count(), 1)
  t.strictSame(disagreements(environment), [])
})

t.test('a value that another release wrote is no session and no silence', async (t) => {
  const environment = environmentAt(t, placeFor(t))
  const store = new LmdbStore(environment)
  await environment.openDB<Buffer, Buffer>('sessions', { encoding: 'binary', keyEncoding: 'binary' }).put(bytes('key'), Buffer.alloc(20, 2))
  t.throws(() => store.find('key'), new Error('LmdbStore: a session of format 2, written by another release or another program'))
})
