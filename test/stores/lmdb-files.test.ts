import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { open } from 'lmdb'
import t from 'tap'
import { LmdbStore, type LmdbStoreOptions } from '../../stores/lmdb.ts'
import { inChild } from '../support/child.ts'
import { LIMIT } from '../support/limit.ts'
import { environmentAt, lmdbStore, placeFor } from '../support/lmdb.ts'
import { bytes, entriesOf, keysOf, record } from '../support/records.ts'

t.setTimeout(LIMIT)

const start = Date.UTC(2030, 0, 1)
const later = start + 3_600_000

t.test('a wrong argument throws a TypeError that names the rule', async (t) => {
  for (const place of ['', undefined, null, 7, {}, new Map()]) {
    const create = () => new LmdbStore(place as string)
    t.throws(create, new TypeError('LmdbStore: the first argument must be a path, or an environment opened with lmdb'))
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

t.test('a file of another program is refused, and does not end the process', async (t) => {
  for (const name of ['sessions.mdb', 'sessions/data.mdb']) {
    const file = placeFor(t, name)
    mkdirSync(dirname(file), { recursive: true })
    const path = name === 'sessions.mdb' ? file : dirname(file)
    for (const content of ['x', 'SQLite format 3\0'.repeat(1000), Buffer.alloc(8192)]) {
      writeFileSync(file, content)
      t.throws(() => new LmdbStore(path), new TypeError(`LmdbStore: ${file} is another program's file`))
    }
    writeFileSync(file, '')
    t.equal(await lmdbStore(t, path).create('key', record('data', Date.now() + 3_600_000)), true, 'an empty file is not')
  }
})

t.test('a file of LMDB is opened, whatever its pages are', async (t) => {
  for (const pageSize of [512, 65_536]) {
    const path = placeFor(t, 'sessions.mdb')
    await open({ path, overlappingSync: false, noSubdir: true, pageSize }).close()
    t.equal(lmdbStore(t, path).count(), 0)
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

t.test('a process with an open store ends by itself', async (t) => {
  const output = await inChild(`
    const { LmdbStore } = await import('../../stores/lmdb.js')
    const store = new LmdbStore(${JSON.stringify(placeFor(t))})
    await store.create('key', { data: Buffer.from('x'), expiresAt: Date.now() + 3600000 })
    console.log(String(store.find('key').data))
  `)
  t.equal(output, 'x\n')
})
