import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { StoreError, TimeoutError } from '../../../lib/errors.ts'
import { StoreClient } from '../../../lib/store/client.ts'
import { MemoryStore } from '../../../stores/memory.ts'
import type { SessionStore, StoreEntry } from '../../../types/store.ts'
import { settled } from '../../support/app.ts'
import { fakeClock } from '../../support/clock.ts'
import { type Fault, SpyStore, type Verb } from '../../support/spy-store.ts'

const bytes = (text: string): Uint8Array => Buffer.from(text)
const OLD = bytes('old')
const NEW = bytes('new')
const WANT = { expiry: true }

/** A client before a store with the record `old` under the key `key`, and what a call may take. */
function before(mode: 'sync' | 'async' = 'async', timeout = 20) {
  const clock = fakeClock()
  const store = new SpyStore(mode, new MemoryStore({ clock }))
  const expiresAt = clock() + 60_000
  store.inner.create('key', { data: OLD, expiresAt })
  return { client: new StoreClient(store, clock), store, clock, expiresAt, until: clock() + timeout, record: { data: NEW, expiresAt } }
}

type Set = ReturnType<typeof before>

/** Every verb with a call of it that would succeed. */
const CALLS: Readonly<Record<string, readonly [call: (set: Set) => unknown, answer: unknown]>> = {
  find: [({ client, until }) => client.find('key', WANT, until), { data: OLD }],
  create: [({ client, until, record }) => client.create('fresh', record, until), true],
  update: [({ client, until, record }) => client.update('key', OLD, record, until), true],
  rename: [({ client, until, record }) => client.rename('key', 'fresh', OLD, record, { key: ';trace', record }, until), true],
  touch: [({ client, until, expiresAt }) => client.touch('key', OLD, expiresAt + 1, until), true],
  delete: [({ client, until }) => client.delete('key', OLD, until), true],
  count: [({ client, until }) => client.call((store) => store.count(), until), 1],
}
const WRITES = ['create', 'update', 'rename', 'delete'] as const

/** What a call threw or rejected with, or what it did instead. */
async function failureOf(call: () => unknown): Promise<unknown> {
  const over = new AbortController()
  const hangs = sleep(10_000, 'it hangs', { signal: over.signal }).catch(() => undefined)
  try {
    return (await Promise.race([call(), hangs])) === 'it hangs' ? 'it hangs' : 'it did not fail'
  } catch (error) {
    return error
  } finally {
    over.abort()
  }
}

t.test('a store that answers at once is answered at once, and another when it answers', async (t) => {
  for (const [verb, [call, answer]] of Object.entries(CALLS)) {
    t.match(call(before('sync')), answer, verb)
    const later = call(before('async'))
    t.type(later, Promise)
    t.match(await later, answer, verb)
  }
})

t.test('of two calls at once each gets its own answer', async (t) => {
  const { client, store, expiresAt, until } = before('async', 60_000)
  store.inner.create('other', { data: NEW, expiresAt })
  const [first, second] = ['key', 'other'].map((key) => client.find(key, WANT, until))
  t.match(await second, { data: NEW })
  t.match(await first, { data: OLD })
})

t.test('what the store says no to is no error', async (t) => {
  for (const mode of ['sync', 'async'] as const) {
    const { client, store, until, record, expiresAt } = before(mode)
    t.equal(await client.find('missing', WANT, until), undefined)
    t.equal(await client.create('key', record, until), false)
    t.equal(await client.update('key', NEW, record, until), false)
    t.equal(await client.rename('key', 'fresh', NEW, record, { key: ';trace', record }, until), false)
    t.equal(await client.touch('key', NEW, expiresAt + 1, until), false)
    t.equal(await client.delete('key', NEW, until), false)
    t.equal(await client.delete('missing', undefined, until), false)
    t.strictSame(store.take(), ['find', 'create', 'update', 'rename', 'touch', 'delete', 'delete'], 'and nothing is looked up again')
  }
})

t.test('what a driver throws, at once or later, is wrapped once with its cause, and its words stay out of the message', async (t) => {
  const driver = new Error('connection refused to db.internal:6379')
  const throwing = {
    at: () => {
      throw driver
    },
    later: () => Promise.reject(driver),
  }
  for (const [when, fail] of Object.entries(throwing)) {
    for (const [verb, [call]] of Object.entries(CALLS)) {
      const broken = Object.fromEntries(
        ['find', 'create', 'update', 'rename', 'touch', 'delete', 'count'].map((name) => [name, fail]),
      ) as unknown as SessionStore
      const set = before()
      const error = await failureOf(() => call({ ...set, client: new StoreClient(broken, set.clock) }))
      t.type(error, StoreError)
      t.match(error, { code: 'FST_ERR_SCS_STORE', statusCode: 503, cause: driver }, `${verb}, ${when}`)
      t.notMatch((error as Error).message, 'db.internal')
    }
  }
})

t.test('an answer that is late is given up', async (t) => {
  for (const [verb, [call]] of Object.entries(CALLS)) {
    const set = before()
    set.store.fail(verb as Verb, 'hang')
    set.store.fail('find', 'hang')
    const error = await failureOf(() => call(set))
    t.type(error, TimeoutError, verb)
    t.match(error, { code: 'FST_ERR_SCS_TIMEOUT', statusCode: 503 })
  }
})

t.test('an answer or an error in time leaves no timer behind', async (t) => {
  const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length
  for (const fault of [undefined, 'before'] as const) {
    const set = before('async', 60_000)
    if (fault !== undefined) set.store.fail('touch', fault)
    const idle = timers()
    const answer = Promise.resolve(set.client.touch('key', OLD, set.expiresAt + 1, set.until))
    t.equal(timers(), idle + 1)
    await answer.catch(() => {})
    t.equal(timers(), idle)
  }
})

t.test('a call whose time is over already is given up with the next turn', async (t) => {
  const set = before('async', -1000)
  set.store.fail('find', 'hang')
  t.type(await failureOf(() => CALLS['find']?.[0](set)), TimeoutError)
})

t.test('an answer that comes after the time-out, good or bad, disturbs nobody', async (t) => {
  const unhandled: unknown[] = []
  const note = (error: unknown) => unhandled.push(error)
  process.on('unhandledRejection', note)
  t.teardown(() => process.off('unhandledRejection', note))
  for (const settle of ['resolve', 'reject'] as const) {
    const set = before()
    let release = { resolve: () => {}, reject: () => {} }
    set.store.gate = () => new Promise((resolve, reject) => (release = { resolve, reject }))
    t.type(await failureOf(() => CALLS['find']?.[0](set)), TimeoutError)
    release[settle]()
    await new Promise(setImmediate)
  }
  t.strictSame(unhandled, [])
})

t.test('a write whose outcome is unknown is decided by one look', async (t) => {
  const driver = { code: 'FST_ERR_SCS_STORE', cause: { message: /driver:/ } }
  const table: readonly (readonly [verb: (typeof WRITES)[number], fault: Fault, outcome: unknown])[] = [
    ['create', 'before', driver],
    ['create', 'after', true],
    ['update', 'before', driver],
    ['update', 'after', true],
    ['rename', 'before', driver],
    ['rename', 'after', true],
    ['delete', 'before', driver],
    ['delete', 'after', false],
  ]
  for (const [verb, fault, outcome] of table) {
    const set = before()
    set.store.fail(verb, fault)
    const call = () => CALLS[verb]?.[0](set)
    if (typeof outcome === 'boolean') t.equal(await call(), outcome, `${verb} ${fault}`)
    else t.match(await failureOf(call), outcome, `${verb} ${fault}`)
    t.strictSame(set.store.calls, [
      `${verb} key`.replace('create key', 'create fresh'),
      verb === 'update' || verb === 'delete' ? 'find key' : 'find fresh',
    ])
  }
})

t.test(
  'after a deletion that failed, other bytes mean that the record is gone, and with none given any record is there still',
  async (t) => {
    const set = before()
    set.store.fail('delete', 'before', 'before')
    t.equal(await set.client.delete('key', NEW, set.until), false)
    t.match(await failureOf(() => set.client.delete('key', undefined, set.until)), { code: 'FST_ERR_SCS_STORE' })
  },
)

t.test('a write that a store at once fails is looked after at once', async (t) => {
  const { clock, store, until, record } = before('sync')
  const failing: SessionStore = Object.assign(Object.create(store), {
    update: () => {
      store.inner.update('key', OLD, record)
      throw new Error('driver')
    },
    find: (key: string) => store.inner.find(key, WANT),
  })
  t.equal(new StoreClient(failing, clock).update('key', OLD, record, until), true)
})

t.test('the look asks for the bytes alone, after a touch for the expiry too', async (t) => {
  for (const [verb, expiry] of [
    ['update', false],
    ['delete', false],
    ['touch', true],
  ] as const) {
    const set = before()
    const find = set.store.inner.find.bind(set.store.inner)
    const wants: unknown[] = []
    set.store.inner.find = (key, want) => {
      wants.push(want)
      return find(key, want)
    }
    set.store.fail(verb, 'after')
    await CALLS[verb]?.[0](set)
    t.strictSame(wants, [{ expiry, owner: false }], verb)
  }
})

t.test('when the look fails too, the error of the write stands', async (t) => {
  for (const verb of WRITES) {
    for (const look of ['before', 'hang'] as const) {
      const set = before()
      set.store.fail(verb, 'after')
      set.store.fail('find', look)
      t.match(
        await failureOf(() => CALLS[verb]?.[0](set)),
        { code: 'FST_ERR_SCS_STORE', cause: { message: /connection lost/ } },
        `${verb}, ${look}`,
      )
    }
  }
})

t.test('nothing is looked up when the budget is over', async (t) => {
  for (const verb of WRITES) {
    const set = before()
    set.store.fail(verb, 'after')
    set.store.gate = () => {
      set.clock.advance(20)
      return undefined
    }
    t.match(await failureOf(() => CALLS[verb]?.[0](set)), { code: 'FST_ERR_SCS_STORE' })
    t.strictSame(set.store.take(), [verb])
  }
})

t.test('a touch that fails with its outcome unknown is settled by one look as well', async (t) => {
  const set = before()
  set.store.fail('touch', 'after', 'before')
  t.equal(await CALLS['touch']?.[0](set), true)
  t.strictSame(set.store.take(), ['touch', 'find'])
})

t.test(
  'a touch that did nothing, or whose record is gone, has other bytes or does not say until when, is no success: its error stands',
  async (t) => {
    const driver = { code: 'FST_ERR_SCS_STORE', cause: { message: /driver:/ } }
    const meanwhile: Readonly<Record<string, (set: Set) => unknown>> = {
      nothing: () => undefined,
      gone: ({ store }) => store.inner.delete('key'),
      'expiry not told': ({ store }) => Object.assign(store.inner, { find: () => ({ data: OLD }) }),
      'other bytes': ({ store, expiresAt }) => store.inner.update('key', OLD, { data: NEW, expiresAt: expiresAt + 1 }),
    }
    for (const [what, happens] of Object.entries(meanwhile)) {
      const set = before()
      set.store.fail('touch', 'before')
      await happens(set)
      t.match(await failureOf(() => CALLS['touch']?.[0](set)), driver, what)
      t.strictSame(set.store.take(), ['touch', 'find'], what)
    }
  },
)

// --- listings ---

const entry = (key: string): StoreEntry => ({ key, record: { data: OLD, expiresAt: 1 } })

/** A client before a store whose listing is this. */
function listing(all: () => AsyncIterable<StoreEntry>) {
  const clock = fakeClock()
  return new StoreClient({ all } as unknown as SessionStore, clock).each((store) => store.all(), 20)
}

async function keysOf(entries: AsyncIterable<StoreEntry>): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of entries) keys.push(key)
  return keys
}

t.test('a listing gives every entry', async (t) => {
  const all = async function* () {
    yield entry('a')
    yield entry('b')
  }
  t.strictSame(await keysOf(listing(all)), ['a', 'b'])
  const bare = { [Symbol.asyncIterator]: () => all()[Symbol.asyncIterator]() }
  t.strictSame(await keysOf(listing(() => bare)), ['a', 'b'])
})

t.test('a consumer that stops closes the iterator, also one that has no return', async (t) => {
  let closed = 0
  const all = async function* () {
    try {
      for (;;) yield entry('a')
    } finally {
      closed++
    }
  }
  for await (const _ of listing(all)) break
  t.equal(closed, 1)
  await t.rejects(
    async () => {
      for await (const _ of listing(all)) throw new Error('the consumer’s own')
    },
    { message: 'the consumer’s own' },
  )
  t.equal(closed, 2)
  const endless = { [Symbol.asyncIterator]: () => ({ next: async () => ({ done: false as const, value: entry('a') }) }) }
  for await (const { key } of listing(() => endless)) {
    t.equal(key, 'a')
    break
  }
})

t.test('what a listing throws is wrapped, at its start, midway, and when it is closed', async (t) => {
  const driver = new Error('driver')
  const fails = {
    start: () => {
      throw driver
    },
    first: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(driver) }) }),
    async *midway() {
      yield entry('a')
      throw driver
    },
  }
  for (const [when, all] of Object.entries(fails)) await t.rejects(keysOf(listing(all)), { code: 'FST_ERR_SCS_STORE', cause: driver }, when)
  const closing = async function* () {
    try {
      yield entry('a')
    } finally {
      // biome-ignore lint/correctness/noUnsafeFinally: a cursor that cannot be closed
      throw driver
    }
  }
  await t.rejects(
    async () => {
      for await (const _ of listing(closing)) break
    },
    { code: 'FST_ERR_SCS_STORE', cause: driver },
  )
})

t.test('a listing that hangs is given up, and so is one that hangs when it is closed', async (t) => {
  const hang = () => new Promise<never>(() => {})
  const never = async function* () {
    yield entry('a')
    await hang()
  }
  await t.rejects(keysOf(listing(never)), { code: 'FST_ERR_SCS_TIMEOUT' })
  const sticky = { [Symbol.asyncIterator]: () => ({ next: async () => ({ done: false as const, value: entry('a') }), return: hang }) }
  await t.rejects(
    async () => {
      for await (const _ of listing(() => sticky)) break
    },
    { code: 'FST_ERR_SCS_TIMEOUT' },
  )
})

t.test('a listing that hangs is given up without waiting until it is closed, which hangs too', async (t) => {
  const timers: (() => void)[] = []
  t.intercept(globalThis, 'setTimeout', { value: (fire: () => void) => void timers.push(fire) })
  const hang = () => new Promise<never>(() => {})
  const failures: unknown[] = []
  keysOf(listing(() => ({ [Symbol.asyncIterator]: () => ({ next: hang, return: hang }) }))).catch((error) => failures.push(error))
  await settled()
  timers.shift()?.()
  await settled()
  t.match(failures, [{ code: 'FST_ERR_SCS_TIMEOUT' }])
})

t.test('a listing may take its time over each step, and over closing', async (t) => {
  const closed: string[] = []
  const slow = async function* () {
    try {
      for (const key of ['a', 'b']) {
        await sleep(5)
        yield entry(key)
      }
    } finally {
      await sleep(5)
      closed.push('slow')
    }
  }
  for await (const { key } of new StoreClient({ all: slow } as unknown as SessionStore, fakeClock()).each((store) => store.all(), 5000)) {
    if (key === 'b') break
  }
  t.strictSame(closed, ['slow'])
})

t.test('of a listing that fails, and again when it is closed, the first failure counts', async (t) => {
  const first = new Error('first')
  let step = 0
  const next = async () => {
    if (step++ > 0) throw first
    return { done: false as const, value: entry('a') }
  }
  const twice = { [Symbol.asyncIterator]: () => ({ next, return: () => Promise.reject(new Error('second')) }) }
  await t.rejects(keysOf(listing(() => twice)), { cause: first })
})

t.test('each step of a listing has the whole time, for the consumer works in between', async (t) => {
  const clock = fakeClock()
  const all = async function* () {
    for (const key of ['a', 'b', 'c']) yield entry(key)
  }
  const keys: string[] = []
  for await (const { key } of new StoreClient({ all } as unknown as SessionStore, clock).each((store) => store.all(), 20)) {
    keys.push(key)
    clock.advance(1000)
  }
  t.strictSame(keys, ['a', 'b', 'c'])
})

t.test('after a failure that the store knows to be one, nothing is looked up', async (t) => {
  for (const verb of [...WRITES, 'touch'] as const) {
    const set = before()
    const known = Object.assign(new Error('no replica has it'), { final: true })
    Object.assign(set.store, { [verb]: () => Promise.reject(known) })
    t.match(await failureOf(() => CALLS[verb]?.[0](set)), { code: 'FST_ERR_SCS_STORE', cause: known }, verb)
    t.strictSame(set.store.take(), [], verb)
  }
})

t.test('a store is told by the clock of the machine until when somebody waits, whatever clock the sessions go by', async (t) => {
  const told: (number | undefined)[] = []
  const { clock, expiresAt } = before()
  const note = (...args: unknown[]) => {
    told.push(Number(args.at(-1)))
    return true
  }
  const verbs = ['find', 'create', 'update', 'rename', 'touch', 'delete', 'deleteOwnedBy']
  const store = Object.fromEntries(verbs.map((verb) => [verb, note])) as unknown as SessionStore
  const client = new StoreClient(store, clock)
  const [until, record] = [clock() + 60_000, { data: NEW, expiresAt }]
  const start = Date.now()
  client.find('key', WANT, until)
  client.create('key', record, until)
  client.update('key', OLD, record, until)
  client.rename('key', 'new', OLD, record, { key: ';trace', record }, until)
  client.touch('key', OLD, expiresAt, until)
  client.delete('key', undefined, until)
  client.deleteOwnedBy('ada', undefined, until)
  t.equal(told.length, verbs.length)
  for (const moment of told) t.ok(Number(moment) >= start + 60_000 && Number(moment) <= Date.now() + 60_000)
})
