import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { cookieOf, makeApp, setCookies, settled, type TestApp, watchCrashes } from '../support/app.ts'
import { fakeClock } from '../support/clock.ts'
import { type Fault, SpyStore, type Verb } from '../support/spy-store.ts'
import { virtualTime } from '../support/virtual-time.ts'

const BUDGET = 30
const DRIVER = /driver|db\.internal|6379|refused|lost/

/** What a failed reply must be: plain, and with nothing left of the reply that was meant. */
function checkFailure(t: Test, reply: Awaited<ReturnType<FastifyInstance['inject']>>, code: string): void {
  t.equal(reply.statusCode, 503)
  const { message, ...rest } = reply.json()
  t.same(rest, { statusCode: 503, code, error: 'Service Unavailable' })
  t.match(message, /^The session store .*Try again\.$/)
  t.notMatch(reply.body, DRIVER)
  t.same(setCookies(reply), [])
  t.match(reply.headers['content-type'], /^application\/json/)
  t.equal(reply.headers['vary'], 'Cookie')
  for (const name of ['location', 'etag', 'last-modified', 'content-language', 'expires']) t.notOk(name in reply.headers, name)
  t.notMatch(String(reply.headers['cache-control'] ?? ''), /max-age=60|public/)
}

const codeOf = (fault: Fault) => (fault === 'hang' ? 'FST_ERR_SCS_TIMEOUT' : 'FST_ERR_SCS_STORE')

interface Running extends TestApp {
  readonly store: SpyStore
  readonly cookies: Record<string, string>
  readonly clock: ReturnType<typeof fakeClock>
  handled: number
}

/** An application whose routes each lead to one write, with a reply full of headers. */
async function start(clock = fakeClock()): Promise<Running> {
  const store = new SpyStore('async')
  const running = { handled: 0 }
  const test = await makeApp({ store, storeTimeout: BUDGET, idleTimeout: '20m', clock }, (app) => {
    app.addHook('preHandler', async (_request, reply) => {
      running.handled++
      reply.headers({ etag: '"1"', 'last-modified': 'yesterday', 'cache-control': 'public, max-age=60', 'content-language': 'de' })
      reply.header('expires', 'tomorrow')
    })
    app.get('/read', async (request) => request.session.get('user') ?? 'nobody')
    app.post('/put', async (request, reply) => {
      request.session.put('n', 1)
      return reply.redirect('/there', 303)
    })
    app.post('/renew', async (request, reply) => {
      request.session.renewToken()
      return reply.redirect('/there', 303)
    })
    app.post('/destroy', async (request, reply) => {
      void request.session.destroy()
      return reply.redirect('/there', 303)
    })
  })
  const { cookie } = await test.app.sessions.create({ user: 'u' })
  store.take()
  return Object.assign(running, test, { store, clock, cookies: cookie })
}

const WRITES: ReadonlyArray<readonly [verb: Verb, url: string, method: 'GET' | 'POST', stored: boolean]> = [
  ['create', '/put', 'POST', false],
  ['update', '/put', 'POST', true],
  ['rename', '/renew', 'POST', true],
  ['touch', '/read', 'GET', true],
  ['delete', '/destroy', 'POST', true],
]

for (const fault of ['before', 'after', 'hang'] as const) {
  t.test(
    `a load that meets a fault (${fault}) is a 503, no handler runs as a stranger, and the cookie works again afterwards`,
    async (t) => {
      const crashes = watchCrashes(t)
      const running = await start()
      const { app, store, cookies } = running
      for (const [, url, method] of WRITES) {
        store.fail('find', fault)
        checkFailure(t, await app.inject({ method, url, cookies }), codeOf(fault))
        t.same(store.take(), ['find'])
      }
      t.equal(running.handled, 0)
      t.equal((await app.inject({ url: '/read', cookies })).body, 'u')
      await settled()
      t.same(crashes, [])
    },
  )
}

for (const fault of ['before', 'hang'] as const) {
  for (const [verb, url, method, stored] of WRITES) {
    t.test(`a commit whose ${verb} meets a fault (${fault}) is a 503, and the same cookie works again afterwards`, async (t) => {
      const crashes = watchCrashes(t)
      const { app, store, cookies, clock } = await start()
      clock.advance(600_000)
      // A destroy that failed is tried once more when the reply leaves.
      store.fail(verb, ...(verb === 'delete' ? [fault, fault] : [fault]))
      const reply = await app.inject({ method, url, ...(stored ? { cookies } : {}) })
      checkFailure(t, reply, codeOf(fault))
      t.equal(store.take().filter((called) => called === 'create').length, verb === 'create' ? 1 : 0)
      const again = await app.inject({ url: '/read', cookies })
      t.match(again, { statusCode: 200, body: 'u' })
      t.equal((await app.sessions.find(cookies['session'] ?? ''))?.get('user'), 'u')
      await settled()
      t.same(crashes, [])
    })
  }
}

for (const [verb, url, method, stored] of WRITES) {
  t.test(`a ${verb} that was done although its answer was lost is a success: one look decides`, async (t) => {
    const { app, store, cookies, clock } = await start()
    clock.advance(600_000)
    store.fail(verb, 'after')
    const reply = await app.inject({ method, url, ...(stored ? { cookies } : {}) })
    t.equal(reply.statusCode, method === 'GET' ? 200 : 303)
    const calls = store.take()
    t.equal(calls.filter((called) => called === verb).length, 1)
    if (verb === 'create' || verb === 'rename') {
      t.equal(setCookies(reply).length, 1)
      t.ok(await app.sessions.find(cookieOf(reply) ?? ''))
    }
    if (verb === 'delete') {
      t.equal(cookieOf(reply), '')
      t.equal(await app.sessions.find(cookies['session'] ?? ''), undefined)
    }
    if (verb === 'update') t.equal((await app.sessions.find(cookies['session'] ?? ''))?.get('n'), 1)
  })
}

t.test('a write that was lost, when the look that is to decide fails too, is a 503', async (t) => {
  const { app, store, cookies } = await start()
  for (const fault of ['before', 'hang'] as const) {
    store.fail('update', 'before')
    store.gate = (verb) => {
      if (verb === 'update') store.fail('find', fault)
      return undefined
    }
    const reply = await app.inject({ method: 'POST', url: '/put', cookies })
    t.equal(reply.statusCode, 503)
    t.same(setCookies(reply), [])
    t.same(store.take(), ['find', 'update', 'find'])
  }
})

t.test('a store that throws at its load instead of rejecting is a 503 as well, and the session stays out of reach', async (t) => {
  const codes: unknown[] = []
  const { app, store, cookies } = await start()
  const throwing: SpyStore = Object.assign(Object.create(store), {
    find: () => {
      throw new Error('driver: connection refused to db.internal:6379')
    },
  })
  const { app: failing } = await makeApp({ store: throwing }, (app) => {
    app.setErrorHandler(async (error, request) => {
      try {
        request.session.put('a', 1)
      } catch (refused) {
        codes.push((refused as { code?: unknown }).code)
      }
      throw error
    })
    app.get('/read', async () => 'read')
  })
  store.take()
  checkFailure(t, await failing.inject({ url: '/read', cookies }), 'FST_ERR_SCS_STORE')
  t.same(codes, ['FST_ERR_SCS_STORE'])
  t.same(store.take(), [])
  t.equal((await app.inject({ url: '/read', cookies })).body, 'u')
})

t.test('a hang of the load and one of the commit each have the whole budget, and no more', async (t) => {
  const { app, store, cookies } = await start(Object.assign(() => Date.now(), { advance() {} }))
  const time = virtualTime(t)
  const put = async () => (await app.inject({ method: 'POST', url: '/put', cookies })).statusCode
  for (const verb of ['find', 'update'] as const) {
    store.fail(verb, 'hang')
    // The load takes most of its own before a commit that hangs.
    if (verb === 'update') store.gate = (called) => (called === 'find' ? later(BUDGET - 1) : undefined)
    let status: number | undefined
    put().then((answered) => {
      status = answered
    })
    await settled()
    if (verb === 'update') await time.pass(BUDGET - 1)
    await time.pass(BUDGET - 1)
    t.equal(status, undefined, verb)
    await time.pass(1)
    t.equal(status, 503, verb)
  }
  store.gate = undefined
  t.equal(await put(), 303)
})

const later = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds))
