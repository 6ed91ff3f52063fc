import { type ChannelListener, channel, tracingChannel } from 'node:diagnostics_channel'
import t, { type Test } from 'tap'
import { cookieOf, makeApp } from '../support/app.ts'
import { SpyStore } from '../support/spy-store.ts'

interface Seen {
  readonly event: string
  readonly cookie: unknown
  readonly result: unknown
  readonly failed: unknown
  readonly all: string
}

const EVENTS = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const

/** Listens to both channels until the test ends. */
function watch(t: Test): Seen[] {
  const seen: Seen[] = []
  for (const name of ['scs:load', 'scs:commit']) {
    for (const event of EVENTS) {
      const listener: ChannelListener = (message) => {
        const { cookie, result, error } = message as { cookie: unknown; result: unknown; error?: { code?: string; message?: string } }
        const all = JSON.stringify([message, error?.message, String((error as { stack?: string } | undefined)?.stack)])
        seen.push({ event: `${name}:${event}`, cookie, result, failed: error?.code, all })
      }
      const of = channel(`tracing:${name}:${event}`)
      of.subscribe(listener)
      t.teardown(() => of.unsubscribe(listener))
    }
  }
  return seen
}

for (const mode of ['sync', 'async'] as const) {
  const start = async () => {
    const store = new SpyStore(mode)
    const test = await makeApp({ store, cookie: { name: 'sid' } }, (app) => {
      app.get('/read', async (request) => request.session.get('user') ?? 'nobody')
      app.get('/put', async (request) => request.session.put('secret', 'a value nobody may see'))
      app.get('/renew', async (request) => request.session.renewToken())
    })
    const { cookie, token } = await test.app.sessions.create({ user: 'u' })
    store.take()
    return { ...test, store, cookie, token }
  }

  t.test(`loads and commits are published from their start to their end, without tokens and values (${mode} store)`, async (t) => {
    const seen = watch(t)
    const { app, cookie, token, store } = await start()
    seen.length = 0
    const reply = await app.inject({ url: '/renew', cookies: cookie })
    const token2 = cookieOf(reply, 'sid') ?? ''
    await app.inject({ url: '/put', cookies: { sid: token2 } })
    const events = seen.map(({ event }) => event)
    for (const name of ['scs:load', 'scs:commit']) {
      for (const event of ['start', 'end']) t.equal(events.filter((each) => each === `${name}:${event}`).length, 2, `${name}:${event}`)
    }
    t.ok(events.indexOf('scs:load:start') < events.indexOf('scs:commit:start'))
    t.ok(seen.every((each) => each.cookie === 'sid'))
    const results = seen.filter(({ event }) => event === 'scs:commit:asyncEnd').map(({ result }) => result)
    t.same(results, ['rename', 'update'])
    t.same(
      seen.filter(({ event }) => event === 'scs:load:asyncEnd').map(({ result }) => result),
      ['stored', 'stored'],
    )
    t.same(
      seen.filter(({ event }) => event === 'scs:load:start').map(({ result }) => result),
      ['', ''],
      'at first nobody knows',
    )
    for (const { all } of seen) {
      for (const secret of [token, token2, 'a value nobody may see', ...store.calls.map((call) => call.split(' ')[1] ?? '-')]) {
        t.notOk(all.includes(secret))
      }
    }
  })

  t.test(`what fails is published with its error, and answered as it is without listeners (${mode} store)`, async (t) => {
    const seen = watch(t)
    const { app, cookie, token, store } = await start()
    seen.length = 0
    store.fail('find', 'before')
    const load = await app.inject({ url: '/read', cookies: cookie })
    t.match(load.json(), { statusCode: 503, code: 'FST_ERR_SCS_STORE' })
    store.fail('update', 'before')
    const commit = await app.inject({ url: '/put', cookies: cookie })
    t.match(commit.json(), { statusCode: 503, code: 'FST_ERR_SCS_STORE' })
    const errors = seen.filter(({ event }) => event.endsWith(':error'))
    t.same(
      errors.map(({ event, failed }) => [event, failed]),
      [
        ['scs:load:error', 'FST_ERR_SCS_STORE'],
        ['scs:commit:error', 'FST_ERR_SCS_STORE'],
      ],
    )
    for (const { all } of seen) t.notOk(all.includes(token))
  })

  t.test(`a request that saves nothing publishes no commit, and listeners change no reply (${mode} store)`, async (t) => {
    const { app, cookie, store } = await start()
    const plain = await app.inject({ url: '/read', cookies: cookie })
    const calls = store.take()
    const seen = watch(t)
    const watched = await app.inject({ url: '/read', cookies: cookie })
    t.same([watched.statusCode, watched.body], [plain.statusCode, plain.body])
    t.same(store.take(), calls)
    t.notOk(seen.some(({ event }) => event.startsWith('scs:commit')))
    t.ok(seen.some(({ event }) => event === 'scs:load:start'))
  })
}

t.test('nothing happens when nobody listens: a load from a store that answers at once takes no turn', async (t) => {
  t.notOk(tracingChannel('scs:load').hasSubscribers)
  const order: string[] = []
  const { app } = await makeApp(
    { store: new SpyStore('sync') },
    (app) => void app.get('/', async () => 'body'),
    {},
    (app) => {
      app.addHook('onRequest', (_request, _reply, done) => {
        queueMicrotask(() => order.push('microtask'))
        done()
        order.push('handler reached')
      })
    },
  )
  app.addHook('preHandler', (_request, _reply, done) => {
    order.push('preHandler')
    done()
  })
  const { cookie } = await app.sessions.create({ a: 1 })
  await app.inject({ url: '/', cookies: cookie })
  t.same(order, ['preHandler', 'handler reached', 'microtask'])
})

t.test('cookies that are no tokens are as none', async (t) => {
  const seen = watch(t)
  const { app } = await makeApp({ cookie: { name: 'sid' } }, (app) => void app.get('/', async () => 'body'))
  for (const cookie of ['sid=junk', 'sid=junk; sid=more', 'other=1']) await app.inject({ url: '/', headers: { cookie } })
  const results = seen.filter(({ event }) => event === 'scs:load:asyncEnd').map(({ result }) => result)
  t.same(results, ['none', 'none', 'none'])
})
