import t from 'tap'
import { cookieOf, makeApp, setCookies, settled, watchCrashes } from '../support/app.ts'
import { SpyStore } from '../support/spy-store.ts'
import { STORE_ERROR } from '../support/store-error.ts'

t.test('a load that fails reaches a custom error handler, which decides; its look at the session fails as the load did', async (t) => {
  const store = new SpyStore('async')
  const looks: unknown[] = []
  const { app } = await makeApp({ store }, (app) => {
    app.setErrorHandler((error, request, reply) => {
      try {
        request.session.get('user')
      } catch (refusal) {
        looks.push(refusal === error)
      }
      const { cause } = error as { cause?: Error }
      return reply.code(503).send({ custom: (error as { code?: string }).code, cause: cause instanceof Error })
    })
    app.get('/', async (request) => request.session.get('user'))
  })
  const { cookie } = await app.sessions.create({ user: 'u' })
  store.fail('find', 'before')
  const reply = await app.inject({ url: '/', cookies: cookie })
  t.equal(reply.statusCode, 503)
  t.same(reply.json(), { custom: 'FST_ERR_SCS_STORE', cause: true })
  t.same(looks, [true])
  t.equal(reply.headers['vary'], 'Cookie')
  t.equal((await app.inject({ url: '/', cookies: cookie })).body, 'u')
})

t.test('a destroy that fails rejects; unless the handler says otherwise the reply is a 503, and the session lives on', async (t) => {
  const crashes = watchCrashes(t)
  const store = new SpyStore('async')
  const seen: unknown[] = []
  const { app } = await makeApp({ store }, (app) => {
    app.post('/awaited', async (request) => {
      await request.session.destroy()
      return 'bye'
    })
    app.post('/swallowed', async (request) => {
      await request.session.destroy().catch((error) => seen.push(error.code))
      seen.push(request.session.get('user'), request.session.status)
      return 'bye'
    })
    app.post('/forgotten', async (request) => {
      void request.session.destroy()
      return 'bye'
    })
    app.get('/', async (request) => request.session.get('user') ?? 'nobody')
  })
  const { cookie } = await app.sessions.create({ user: 'u' })
  for (const url of ['/awaited', '/swallowed', '/forgotten']) {
    store.fail('delete', 'before', 'before')
    const reply = await app.inject({ method: 'POST', url, cookies: cookie })
    t.same(reply.json(), STORE_ERROR, url)
    t.same(setCookies(reply), [])
    t.equal((await app.inject({ url: '/', cookies: cookie })).body, 'u', url)
  }
  t.same(seen, ['FST_ERR_SCS_STORE', undefined, 'destroyed'], 'to the handler it is over')

  // What failed once may work when the reply leaves: then the user is logged out, as was asked.
  store.fail('delete', 'before')
  const reply = await app.inject({ method: 'POST', url: '/forgotten', cookies: cookie })
  t.match(reply, { statusCode: 200, body: 'bye' })
  t.equal(cookieOf(reply), '')
  t.equal((await app.inject({ url: '/', cookies: cookie })).body, 'nobody')
  await settled()
  t.same(crashes, [])
})
