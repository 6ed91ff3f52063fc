import t from 'tap'
import { StoreError, TimeoutError } from '../../../lib/errors.ts'
import { StoreClient } from '../../../lib/store/client.ts'
import type { SessionStore } from '../../../types/store.ts'
import type { Verb } from '../../support/spy-store.ts'
import { before, CALLS, failureOf, NEW, OLD, WANT } from './calls.ts'

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
