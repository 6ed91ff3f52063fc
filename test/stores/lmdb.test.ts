import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { open } from 'lmdb'
import t from 'tap'
import { storeConformance } from '../../stores/conformance/index.ts'
import { LmdbStore, type LmdbStoreOptions } from '../../stores/lmdb.ts'
import { inChild } from '../support/child.ts'
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

t.test('a wrong argument throws a TypeError that names the rule', async (t) => {
  for (const place of ['', undefined, null, 7, {}, new Map()]) {
    const create = () => new LmdbStore(place as string)
    t.throws(create, new TypeError('LmdbStore: the first argument must be a path, or an environment that was opened with lmdb'))
  }
  for (const name of ['', 'a:b', 'a b', 'ä', 'x'.repeat(65), null, 7.5]) {
    const create = () => new LmdbStore(placeFor(t), { name } as LmdbStoreOptions)
    t.throws(create, new TypeError('LmdbStore: the option name must be 1 to 64 of A-Z, a-z, 0-9, - and _'), String(name))
  }
})

t.test('an environment that could lose what was answered is refused', async (t) => {
  const settings = ['overlappingSync', 'noSync', 'noMetaSync', 'mapAsync', 'useWritemap', 'readOnly']
  const path = placeFor(t)
  await open({ path, overlappingSync: false }).close()
  for (const setting of settings) {
    const environment = open({ path, overlappingSync: false, [setting]: true })
    t.throws(() => new LmdbStore(environment), {
      name: 'TypeError',
      message: `LmdbStore: the environment must be opened with overlappingSync: false, and without noSync, noMetaSync, mapAsync, useWritemap and readOnly; this one has ${setting}`,
    })
    await environment.close()
  }
})

t.test('what was acknowledged is there when the store is opened again', async (t) => {
  const path = placeFor(t)
  const first = lmdbStore(t, path)
  const kept = { ...record('data', Date.now() + 3_600_000, 'ada') }
  await first.create('key', kept)
  await first.close()
  const second = lmdbStore(t, path)
  t.strictSame(second.find('key'), kept)
  t.strictSame(await entriesOf(second.ownedBy('ada')), [{ key: 'key', record: kept }])
})

t.test(
  'what it makes can be read by its user alone, and what is there it leaves as it is',
  { skip: process.platform === 'win32' },
  async (t) => {
    const mode = (path: string) => (statSync(path).mode & 0o777).toString(8)
    const folder = placeFor(t, 'new/sessions')
    lmdbStore(t, folder)
    t.strictSame([dirname(folder), folder, join(folder, 'data.mdb'), join(folder, 'lock.mdb')].map(mode), ['700', '700', '600', '600'])
    const file = placeFor(t, 'new/sessions.mdb')
    lmdbStore(t, file)
    t.strictSame([dirname(file), file, `${file}-lock`].map(mode), ['700', '600', '600'])
    const dotted = placeFor(t, 'sessions.d')
    mkdirSync(dotted, { mode: 0o755 })
    lmdbStore(t, dotted)
    t.strictSame([dotted, join(dotted, 'data.mdb')].map(mode), ['755', '600'], 'a folder with an extension is a folder')
  },
)

t.test('stores with different names in one environment never see each other', async (t) => {
  const path = placeFor(t)
  const [one, two] = [lmdbStore(t, path, { name: 'one', clock: () => start }), lmdbStore(t, path, { name: 'two', clock: () => later })]
  await one.create('key', record('1', start + 1, 'ada'))
  await two.create('key', record('2', later + 1, 'ada'))
  t.equal(await two.deleteExpired(10), 0)
  t.equal(await two.deleteOwnedBy('ada'), 1)
  t.equal(String(one.find('key')?.data), '1')
  t.equal(one.count() + two.count(), 1)
})

t.test('a second store on a path that is being written to is opened at once, and lives on when the first is closed', async (t) => {
  const path = placeFor(t)
  const first = lmdbStore(t, path, { clock: () => start })
  const written = first.create('key', record('1', later))
  // The write holds LMDB's lock when this turn ends; an environment of its own would wait for it, and the write for this thread.
  await new Promise(setImmediate)
  for (const until = Date.now() + 50; Date.now() < until; );
  const second = lmdbStore(t, path, { clock: () => start })
  t.equal(await written, true)
  await first.close()
  t.equal(String(second.find('key')?.data), '1')
  t.equal(await second.delete('key'), true)
})

t.test('a closed store waits for its writes and then throws at every verb; closed again it says nothing', async (t) => {
  const store = lmdbStore(t, placeFor(t), { clock: () => start })
  const written = [...'abc'].map((key) => store.create(key, record('1', later)))
  const closed = store.close()
  t.strictSame(await Promise.all(written), [true, true, true])
  await closed
  await store.close()
  const verbs = {
    find: () => store.find('a'),
    create: () => store.create('d', record('1', later)),
    update: () => store.update('a', bytes('1'), record('2', later)),
    rename: () => store.rename('a', 'd', bytes('1'), record('2', later)),
    touch: () => store.touch('a', bytes('1'), later),
    delete: () => store.delete('a'),
    deleteOwnedBy: () => store.deleteOwnedBy('ada'),
    all: () => keysOf(store.all()),
    ownedBy: () => keysOf(store.ownedBy('ada')),
    count: () => store.count(),
    deleteExpired: () => store.deleteExpired(1),
  }
  for (const [verb, run] of Object.entries(verbs)) await t.rejects(async () => run(), new Error('LmdbStore: the store is closed'), verb)
})

t.test('an environment that was given stays open when its store has ended its writes, and the store works on', async (t) => {
  const environment = environmentAt(t, placeFor(t))
  const store = new LmdbStore(environment, { clock: () => start })
  const ended: string[] = []
  const written = Promise.resolve(store.create('key', record('1', later))).then(() => ended.push('write'))
  await Promise.all([written, store.close().then(() => ended.push('close'))])
  t.strictSame(ended, ['write', 'close'])
  t.equal(String(store.find('key')?.data), '1')
})

t.test('an environment that has no room for another name says so, and is closed with the last store in it', async (t) => {
  const path = placeFor(t)
  const stores = Array.from({ length: 16 }, (_, index) => new LmdbStore(path, { name: `store${index}` }))
  t.throws(() => new LmdbStore(path, { name: 'one-more' }), /MDB_DBS_FULL/)
  for (const store of stores) await store.close()
  rmSync(path, { recursive: true })
  lmdbStore(t, path)
  t.ok(existsSync(join(path, 'data.mdb')), 'a new environment was opened')
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
    await t.rejects(async () => write, new Error('LmdbStore: nothing was written, for nobody waits for it any more'))
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
  const moments = [start + 0.25, start + 0.5, 2 ** 52 + 0.5, Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY]
  for (const [index, moment] of moments.entries()) await store.create(`key${index}`, record('1', moment))
  for (const [index, moment] of moments.entries()) t.equal(store.find(`key${index}`)?.expiresAt, moment)
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

t.test('a process with an open store ends by itself', async (t) => {
  const output = await inChild(`
    const { LmdbStore } = await import('../../stores/lmdb.js')
    const store = new LmdbStore(${JSON.stringify(placeFor(t))})
    await store.create('key', { data: Buffer.from('x'), expiresAt: Date.now() + 3600000 })
    console.log(String(store.find('key').data))
  `)
  t.equal(output, 'x\n')
})
