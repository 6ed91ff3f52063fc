import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { makeApp, setCookies, watchCrashes } from '../support/app.ts'
import { fakeClock } from '../support/clock.ts'
import { SpyStore } from '../support/spy-store.ts'

for (const mode of ['sync', 'async'] as const) {
  t.test(`a route whose config turns the session off reads nothing, says no Vary, and refuses every use (${mode} store)`, async (t) => {
    const crashes = watchCrashes(t)
    const store = new SpyStore(mode)
    const codes: unknown[] = []
    const { app } = await makeApp({ store, idleTimeout: '20m' }, (app) => {
      app.get('/quiet', { config: { session: false } }, async () => 'body')
      app.get('/used', { config: { session: false } }, async (request) => {
        const { session } = request
        for (const use of [
          () => session.get('a'),
          () => session.put('a', 1),
          () => session.keys(),
          () => session.renewToken(),
          () => session.token,
        ]) {
          try {
            use()
          } catch (error) {
            codes.push((error as { code: string }).code)
          }
        }
        for (const ask of [session.destroy(), session.commit(), session.mergeSession('a'.repeat(43))])
          await ask.catch((error) => codes.push(error.code))
        return session.get('a')
      })
    })
    const { cookie } = await app.sessions.create({ a: 1 })
    store.take()
    const quiet = await app.inject({ url: '/quiet', cookies: cookie })
    t.match(quiet, { statusCode: 200, body: 'body' })
    t.equal(quiet.headers['vary'], undefined)
    const used = await app.inject({ url: '/used', cookies: cookie })
    t.match(used.json(), { statusCode: 500, code: 'FST_ERR_SCS_OFF' })
    t.equal(codes.length, 8)
    t.ok(codes.every((code) => code === 'FST_ERR_SCS_OFF'))
    t.same(setCookies(used), [])
    t.same(store.take(), [])
    t.same(crashes, [])
  })

  t.test(`a route with touch: false does not prolong the idle time, not by reading and not by writing (${mode} store)`, async (t) => {
    const clock = fakeClock()
    const store = new SpyStore(mode)
    const { app } = await makeApp({ store, idleTimeout: '20m', clock }, (app) => {
      const config = { session: { touch: false } }
      app.get('/poll', { config }, async (request) => request.session.get('a') ?? 'nobody')
      app.put('/poll', { config }, async (request) => request.session.update('n', (n) => Number(n ?? 0) + 1))
      app.get('/use', async (request) => request.session.get('a') ?? 'nobody')
    })
    const { cookie } = await app.sessions.create({ a: 'yes' })
    store.take()
    clock.advance(15 * 60_000)
    t.equal((await app.inject({ url: '/use', cookies: cookie })).body, 'yes')
    t.same(store.take(), ['find', 'touch'])
    clock.advance(15 * 60_000)
    t.equal((await app.inject({ url: '/poll', cookies: cookie })).body, 'yes')
    t.same(store.take(), ['find'])
    await app.inject({ method: 'PUT', url: '/poll', cookies: cookie })
    t.same(store.take(), ['find', 'update'])
    for await (const entry of app.sessions.all()) t.equal(entry.expiresAt, clock() + 5 * 60_000)
  })
}

t.test("secure: 'auto' follows request.protocol: https behind a trusted proxy, http for what an untrusted one claims", async (t) => {
  const forwarded = { 'x-forwarded-proto': 'https' }
  for (const [trustProxy, headers, secure] of [
    [true, forwarded, true],
    [true, {}, false],
    [false, forwarded, false],
    ['10.0.0.1', forwarded, false],
    ['127.0.0.1', forwarded, true],
  ] as const) {
    const { app } = await makeApp(
      {},
      (app) => {
        app.get('/', async (request) => request.session.put('a', 1))
        app.get('/out', async (request) => request.session.destroy())
      },
      { trustProxy },
    )
    const [cookie] = setCookies(await app.inject({ url: '/', headers }))
    t.equal(/; Secure/.test(cookie ?? ''), secure)
    const { cookie: cookies } = await app.sessions.create({ a: 1 })
    const [cleared] = setCookies(await app.inject({ url: '/out', headers, cookies }))
    t.match(cleared, /^session=;/)
    t.equal(/; Secure/.test(cleared ?? ''), secure, 'the clear-cookie has the same attributes')
  }
})

t.test('a reply that a hook before ours sends says Vary, but not where the session is off, and reads no session', async (t) => {
  const store = new SpyStore()
  const early = (app: FastifyInstance) => app.addHook('onRequest', async (_request, reply) => reply.code(401).send('early'))
  const { app } = await makeApp(
    { store },
    (app) => {
      app.get('/', async () => 'body')
      app.get('/off', { config: { session: false } }, async () => 'body')
    },
    {},
    early,
  )
  const { cookie } = await app.sessions.create({ a: 1 })
  store.take()
  for (const [url, vary] of [
    ['/', 'Cookie'],
    ['/off', undefined],
  ] as const) {
    const reply = await app.inject({ url, cookies: cookie })
    t.match(reply, { statusCode: 401, body: 'early' })
    t.equal(reply.headers['vary'], vary, url)
    t.same(setCookies(reply), [])
  }
  t.same(store.take(), [])
})

t.test('a setting of a route that is none is refused when the route is added', async (t) => {
  const { app } = await makeApp()
  for (const session of [true, null, 'off', 0, [], { tuch: false }, { touch: 'no' }, { touch: false, off: true }])
    t.throws(() => app.get(`/${JSON.stringify(session)}`, { config: { session: session as false } }, async () => ({})), {
      code: 'FST_ERR_SCS_OPTION',
      message: /config\.session.* of the route GET/,
    })
  for (const [i, session] of [undefined, false, {}, { touch: true }, { touch: undefined }].entries())
    t.doesNotThrow(() => app.get(`/good/${i}`, { config: { session: session as false } }, async () => ({})))
})
