import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import { storeConformance } from '../../stores/conformance/index.ts'
import { MemoryStore, type MemoryStoreOptions } from '../../stores/memory.ts'
import type { SessionStore, StoreEntry, StoreRecord } from '../../types/store.ts'
import { fakeClock } from '../support/clock.ts'
import { LIMIT } from '../support/limit.ts'
import { manualClock, ReferenceStore } from '../support/reference-store.ts'

const HOUR = 3_600_000

t.setTimeout(LIMIT)

for (const [what, maxSessions] of [
  ['by default', undefined],
  ['with room for 300 sessions', 300],
] as const) {
  t.test(`${what}, it keeps every promise of the contract`, async (t) => {
    const createStore = () => {
      const clock = manualClock()
      return { store: new MemoryStore({ clock: () => clock.now(), ...(maxSessions && { maxSessions }) }), clock }
    }
    storeConformance({ test: (name, run) => t.test(name, (t) => t.resolves(run())), createStore })
  })
}

t.test('a bad maxSessions throws a TypeError that names the rule', async (t) => {
  for (const maxSessions of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, '10', null]) {
    const options = { maxSessions } as MemoryStoreOptions
    t.throws(() => new MemoryStore(options), new TypeError('maxSessions must be a positive whole number'), String(maxSessions))
  }
})

t.test('in a cluster worker, and in production, it warns once and says what to do', async (t) => {
  const cluster = process.getBuiltinModule('node:cluster') as unknown as { isWorker: boolean }
  const attached = (isWorker: boolean, env: string | undefined, store = new MemoryStore()) => {
    const messages: string[] = []
    t.intercept(cluster, 'isWorker', { value: isWorker })
    t.intercept(process, 'env', { value: { ...process.env, NODE_ENV: env } })
    store.attach({ log: { warn: (_fields, message) => void messages.push(message) } })
    return messages
  }
  const what = 'use a store that outlives the process, for example LmdbStore or RedisStore'
  t.strictSame(attached(false, undefined), [])
  t.strictSame(attached(false, 'development'), [])
  const worker = 'sessions are in the memory of this worker alone, and a request that reaches another worker finds none'
  for (const env of [undefined, 'production']) t.strictSame(attached(true, env), [`${worker}: ${what}`])
  const production = 'NODE_ENV is production, and sessions are in the memory of this process alone, so a restart logs everybody out'
  const store = new MemoryStore()
  t.strictSame(attached(false, 'production', store), [`${production}: ${what}`])
  t.strictSame(attached(false, 'production', store), [], 'another manager need not say it again')
})

t.test('without a clock it goes by the time of day', async (t) => {
  const store = new MemoryStore()
  store.create('alive', record('1', Date.now() + HOUR))
  store.create('dead', record('2', Date.now() - 1))
  t.ok(store.find('alive'))
  t.notOk(store.find('dead'))
})

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
    t.equal(store.find(';trace') !== undefined, maxSessions === 2)
  }
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

t.test('nothing that comes in or goes out shares bytes with what is kept', async (t) => {
  const { store } = storeOf(10)
  const mine = [bytes('create'), bytes('update'), bytes('rename'), bytes('trace')] as const
  store.create('key', { data: mine[0], expiresAt: later, owner: 'ada' })
  store.update('key', bytes('create'), { data: mine[1], expiresAt: later, owner: 'ada' })
  const trace = { key: ';trace', record: { data: mine[3], expiresAt: later } }
  store.rename('key', 'new', bytes('update'), { data: mine[2], expiresAt: later, owner: 'ada' }, trace)
  for (const data of mine) data.fill(0)
  const shown = async () => [
    store.find('new')?.data,
    store.find(';trace')?.data,
    ...(await entriesOf(store.all())).map((entry) => entry.record.data),
    ...(await entriesOf(store.ownedBy('ada'))).map((entry) => entry.record.data),
  ]
  const texts = ['rename', 'trace', 'rename', 'rename']
  const first = await shown()
  t.strictSame(first.map(String), texts)
  for (const data of first) data?.fill(0)
  t.strictSame((await shown()).map(String), texts)
})

t.test('every byte comes back, from a view into a larger buffer too', async (t) => {
  const { store } = storeOf(10)
  const every = Uint8Array.from({ length: 256 }, (_, i) => i)
  store.create('whole', { data: every, expiresAt: later })
  store.create('view', { data: every.subarray(100, 200), expiresAt: later })
  store.create('buffer', { data: Buffer.from(every), expiresAt: later })
  t.strictSame([...(store.find('whole')?.data ?? [])], [...every])
  t.strictSame([...(store.find('view')?.data ?? [])], [...every.subarray(100, 200)])
  t.equal(store.update('buffer', every, record('', later)), true, 'a Buffer and a Uint8Array of the same bytes are equal')
})

t.test('whatever its reader does to the sessions, a listing shows each once and ends', async (t) => {
  const { store } = storeOf(10)
  const keys = [...'abcdefgh']
  for (const key of keys) store.create(key, record(key, later, 'ada'))
  for (const listing of [() => store.all(), () => store.ownedBy('ada')]) {
    const seen: string[] = []
    for await (const { key, record } of listing()) {
      seen.push(key)
      store.find(key)
      store.update(key, record.data, { ...record, data: bytes(`${key}${seen.length}`) })
    }
    t.strictSame(seen.sort(), keys)
  }
})

t.test('a listing by owner does not miss what is renamed meanwhile', async (t) => {
  const { store } = storeOf(10)
  for (const key of ['a', 'b', 'c']) store.create(key, record(key, later, 'ada'))
  const seen: string[] = []
  for await (const { record } of store.ownedBy('ada')) {
    seen.push(String(record.data))
    store.rename('c', 'd', bytes('c'), { ...record, data: bytes('c') })
  }
  t.strictSame(seen.sort(), ['a', 'b', 'c'])
})

t.test('a trace with an owner is none of that owner’s sessions', async (t) => {
  const { store } = storeOf(10)
  for (const key of ['a', ';trace']) store.create(key, record(key, later, 'ada'))
  t.equal(store.deleteOwnedBy('ada'), 1)
  t.ok(store.find(';trace'))
})

t.test('of a million sessions, those that expired are found without a look at the living', async (t) => {
  let calls = 0
  let now = start
  const clock = () => {
    calls++
    return now
  }
  const store = new MemoryStore({ clock })
  const data = bytes('a session')
  for (let i = 0; i < 1_000_000; i++) store.create(`session${i}`, { data, expiresAt: i % 100 === 0 ? start + 1 + i : later })
  now += 1_000_000
  let longest = 0
  for (let batch = 0; batch < 50; batch++) {
    calls = 0
    const began = performance.now()
    t.equal(store.deleteExpired(store.cleanupBatch), store.cleanupBatch)
    longest = Math.max(longest, performance.now() - began)
    t.equal(calls, store.cleanupBatch, 'each that was looked at was removed')
  }
  calls = 0
  t.equal(store.deleteExpired(store.cleanupBatch), 0)
  t.equal(calls, 1, 'one look says that none is left')
  t.equal(store.count(), 990_000)
  t.comment(`the longest batch of a clean-up took ${longest.toFixed(2)} ms`)
})

t.test('reading does not make the memory grow', async (t) => {
  const grown = await inChild(`
    const { MemoryStore } = await import(memory)
    const store = new MemoryStore({ maxSessions: 1000 })
    const read = (times) => { for (let i = 0; i < times; i++) store.find('key' + (i % 600)) }
    for (let i = 0; i < 600; i++) store.create('key' + i, { data: Buffer.from('x'), expiresAt: Date.now() + 3600000 })
    const used = () => { gc(); return process.memoryUsage().heapUsed }
    read(100_000)
    const before = used()
    read(1_000_000)
    console.log(used() - before)
  `)
  t.ok(Number(grown) < 5_000_000, `a million reads left ${grown.trim()} bytes`)
})

t.test('importing it and making one starts nothing', async (t) => {
  const resources = await inChild(`
    const { setTimeout } = await import('node:timers/promises')
    const resources = () => setTimeout(50).then(() => process.getActiveResourcesInfo())
    const before = await resources()
    const { MemoryStore } = await import(memory)
    const store = new MemoryStore()
    store.create('key', { data: Buffer.from('x'), expiresAt: Date.now() + 3600000 })
    console.log(JSON.stringify([before, await resources()]))
  `)
  const [before, after] = JSON.parse(resources)
  t.strictSame(after, before)
})

t.test('a process whose manager cleans up ends by itself', async (t) => {
  const output = await inChild(`
    const { SessionManager } = await import(index)
    const manager = new SessionManager()
    const { token } = await manager.create({ userId: 'u1' })
    console.log((await manager.find(token)).get('userId'), process.getActiveResourcesInfo().includes('Timeout'))
  `)
  t.equal(output, 'u1 false\n')
})

t.test('close may be called again and again, and the sessions stay', async (t) => {
  const { store, living } = storeOf(10)
  store.create('key', record('1', later))
  for (let i = 0; i < 2; i++) t.equal(store.close(), undefined)
  t.strictSame(await living(), ['key'])
})

t.test('in whatever order it is used, it answers as the plainest store does', async (t) => {
  for (const maxSessions of [1000, 1_000_000]) {
    const property = fc.asyncProperty(fc.array(command, { maxLength: 60 }), async (commands) => {
      const clock = fakeClock(start)
      const stores = [new MemoryStore({ clock, maxSessions }), new ReferenceStore({ now: clock })] as const
      for (const one of commands) {
        if (one.verb === 'advance') clock.advance(one.ms)
        else assert.deepEqual(plain(await perform(stores[0], one)), plain(await perform(stores[1], one)))
      }
    })
    await t.resolves(fc.assert(property, { numRuns: 500 }), `of at most ${maxSessions}`)
  }
})

const start = Date.UTC(2030, 0, 1)
const later = start + HOUR

function bytes(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}

function record(text: string, expiresAt: number, owner?: string): StoreRecord {
  return owner === undefined ? { data: bytes(text), expiresAt } : { data: bytes(text), expiresAt, owner }
}

/** What a manager would make of a token: the same at each run. */
function keyOf(index: number): string {
  return createHash('sha256').update(String(index)).digest('base64url')
}

function storeOf(maxSessions: number) {
  const clock = fakeClock(start)
  const store = new MemoryStore({ clock, maxSessions })
  const warnings: object[] = []
  store.attach({ log: { warn: (fields) => void warnings.push(fields) } })
  return { store, clock, warnings, living: () => keysOf(store.all()) }
}

async function entriesOf(listing: AsyncIterable<StoreEntry>): Promise<StoreEntry[]> {
  const entries: StoreEntry[] = []
  for await (const entry of listing) entries.push(entry)
  return entries.sort((a, b) => (a.key < b.key ? -1 : 1))
}

async function keysOf(listing: AsyncIterable<StoreEntry>): Promise<string[]> {
  return (await entriesOf(listing)).map((entry) => entry.key)
}

/** Runs a module in a process of its own, which has to end by itself, and gives what it printed. */
async function inChild(code: string): Promise<string> {
  const place = (path: string) => JSON.stringify(new URL(path, import.meta.url).href)
  const module = `const index = ${place('../../index.js')}, memory = ${place('../../stores/memory.js')}\n${code}`
  const args = ['--expose-gc', '--input-type=module', '--eval', module]
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: LIMIT })
  return stdout
}

// Few keys, texts, owners and moments, so that they meet.
const key = fc.constantFrom('a', 'b', 'c', ';t')
const data = fc.constantFrom('', '1', '2').map(bytes)
const moment = fc.constantFrom(0, 1, 2, 5, 10).map((ms) => start + ms)
const owner = fc.constantFrom(undefined, 'ada', 'bob')
const anyRecord: fc.Arbitrary<StoreRecord> = fc.record({ data, expiresAt: moment, owner })
const command = fc.oneof(
  fc.record({ verb: fc.constant('advance' as const), ms: fc.constantFrom(1, 3) }),
  fc.record({ verb: fc.constant('find' as const), key }),
  fc.record({ verb: fc.constant('create' as const), key, record: anyRecord }),
  fc.record({ verb: fc.constant('update' as const), key, previous: data, record: anyRecord }),
  fc.record({
    verb: fc.constant('rename' as const),
    ...{ from: key, to: key, previous: data, record: anyRecord },
    trace: fc.option(fc.record({ key: fc.constant(';t'), record: anyRecord }), { nil: undefined }),
  }),
  fc.record({ verb: fc.constant('touch' as const), key, previous: data, expiresAt: moment }),
  fc.record({ verb: fc.constant('delete' as const), key, previous: fc.option(data, { nil: undefined }) }),
  fc.record({
    verb: fc.constant('deleteOwnedBy' as const),
    owner: fc.constantFrom('ada', 'bob'),
    except: fc.option(key, { nil: undefined }),
  }),
  fc.record({ verb: fc.constant('deleteExpired' as const), limit: fc.constantFrom(1, 100) }),
  fc.record({ verb: fc.constantFrom('all' as const, 'ownedBy' as const, 'count' as const) }),
)
type Command = typeof command extends fc.Arbitrary<infer T> ? Exclude<T, { verb: 'advance' }> : never

/** An answer for comparison: what kind of array the bytes are in is not promised, nor whether a missing owner is undefined. */
function plain(answer: unknown): unknown {
  return JSON.parse(
    JSON.stringify({ answer }, (_, value) => (value?.data === undefined ? value : { ...value, data: String(Buffer.from(value.data)) })),
  )
}

function perform(store: SessionStore, one: Command): unknown {
  switch (one.verb) {
    case 'find':
      return store.find(one.key, { expiry: true })
    case 'create':
      return store.create(one.key, one.record)
    case 'update':
      return store.update(one.key, one.previous, one.record)
    case 'rename':
      return store.rename(one.from, one.to, one.previous, one.record, one.trace)
    case 'touch':
      return store.touch(one.key, one.previous, one.expiresAt)
    case 'delete':
      return store.delete(one.key, one.previous)
    case 'deleteOwnedBy':
      return store.deleteOwnedBy(one.owner, one.except)
    case 'deleteExpired':
      return store.deleteExpired(one.limit)
    case 'count':
      // It may remove what has expired, which would show in the number that the next clean-up gives.
      store.deleteExpired(100)
      return store.count()
    case 'all':
      return entriesOf(store.all())
    case 'ownedBy':
      return entriesOf(store.ownedBy('ada'))
  }
}
