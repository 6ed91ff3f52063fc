import t from 'tap'
import { storeConformance } from '../../stores/conformance/index.ts'
import { MemoryStore, type MemoryStoreOptions } from '../../stores/memory.ts'
import { LIMIT } from '../support/limit.ts'
import { later, start, storeOf } from '../support/memory.ts'
import { bytes, entriesOf, record } from '../support/records.ts'
import { manualClock } from '../support/reference-store.ts'

const HOUR = 3_600_000

t.setTimeout(LIMIT)

for (const [what, maxSessions] of [
  ['by default', undefined],
  ['with room for 1100 sessions', 1100],
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

t.test('bytes that its reader knows are handed out as they are while they are stored, and not copied', async (t) => {
  const store = new MemoryStore()
  const later = Date.now() + 60_000
  store.create('key', { data: Buffer.from('first'), expiresAt: later, owner: 'ada' })
  const known = { text: ['fir', 'st'].join(''), data: Buffer.from('first') }
  t.equal(store.find('key', { expiry: true, known })?.data, known.data)
  t.strictSame(store.find('key', { expiry: true, known }), { data: known.data, expiresAt: later, owner: 'ada' })
  t.not(store.find('key', { expiry: true })?.data, known.data)
  store.update('key', Buffer.from('first'), { data: Buffer.from('second'), expiresAt: later })
  t.strictSame(Buffer.from(store.find('key', { expiry: true, known })?.data ?? []), Buffer.from('second'))
  store.delete('key')
  t.equal(store.find('key', { expiry: true, known }), undefined)
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

t.test('close may be called again and again, and the sessions stay', async (t) => {
  const { store, living } = storeOf(10)
  store.create('key', record('1', later))
  for (let i = 0; i < 2; i++) t.equal(store.close(), undefined)
  t.strictSame(await living(), ['key'])
})
