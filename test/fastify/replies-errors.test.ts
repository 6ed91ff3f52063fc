import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest, FastifyServerOptions, RouteHandlerMethod } from 'fastify'
import t from 'tap'
import { cookieOf, makeApp, setCookies, settled, watchCrashes } from '../support/app.ts'
import { SpyStore } from '../support/spy-store.ts'

const failing =
  (error: Error): RouteHandlerMethod =>
  async (request) => {
    request.session.put('a', 1)
    throw error
  }

for (const mode of ['sync', 'async'] as const) {
  t.test(`an error of the server saves nothing, one of the client does (${mode} store)`, async (t) => {
    const store = new SpyStore(mode)
    const { app } = await makeApp({ store }, (app) => {
      app.get('/500', failing(new Error('broken')))
      app.get('/503', failing(Object.assign(new Error('busy'), { statusCode: 503 })))
      app.get('/401', failing(Object.assign(new Error('who?'), { statusCode: 401 })))
    })
    for (const status of [500, 503]) {
      const reply = await app.inject(`/${status}`)
      t.equal(reply.statusCode, status)
      t.same(setCookies(reply), [])
      t.same(store.take(), [])
    }
    const reply = await app.inject('/401')
    t.match(reply.json(), { statusCode: 401, message: 'who?' })
    t.equal(setCookies(reply).length, 1)
    t.same(store.take(), ['create'])
  })

  t.test(`a 404, of the default handler and of a custom one, loads and saves the session (${mode} store)`, async (t) => {
    const store = new SpyStore(mode)
    const { app } = await makeApp({ store })
    const plain = await app.inject('/nowhere')
    t.match(plain.json(), { statusCode: 404, message: 'Route GET:/nowhere not found' })
    t.equal(plain.headers['vary'], 'Cookie')
    t.same(setCookies(plain), [])
    t.same(store.take(), [])

    const custom = await makeApp({ store }, (app) => {
      app.setNotFoundHandler(async (request, reply) => {
        request.session.update('misses', (misses) => Number(misses ?? 0) + 1)
        return reply.code(404).send(`misses: ${request.session.get('misses')}`)
      })
      app.get('/gone', (_request, reply) => reply.callNotFound())
    })
    const first = await custom.app.inject('/nowhere')
    t.match(first, { statusCode: 404, body: 'misses: 1' })
    const second = await custom.app.inject({ url: '/gone', cookies: { session: cookieOf(first) ?? '' } })
    t.match(second, { statusCode: 404, body: 'misses: 2' })
    t.same(store.take(), ['create', 'find', 'update'])
  })

  t.test(`a custom error handler can use the session, and what it answers decides what is saved (${mode} store)`, async (t) => {
    const store = new SpyStore(mode)
    const { app } = await makeApp({ store }, (app) => {
      app.setErrorHandler(async (error, request, reply) => {
        request.session.put('error', String(error))
        return reply.code((error as Error).message === 'mend' ? 200 : 500).send('handled')
      })
      app.get('/mend', failing(new Error('mend')))
      app.get('/fail', failing(new Error('fail')))
    })
    const mended = await app.inject('/mend')
    t.match(mended, { statusCode: 200, body: 'handled' })
    t.same(store.take(), ['create'])
    const session = await app.sessions.find(cookieOf(mended) ?? '')
    t.same(session?.data(), { a: 1, error: 'Error: mend' })
    store.take()
    const failed = await app.inject('/fail')
    t.match(failed, { statusCode: 500, body: 'handled' })
    t.same(setCookies(failed), [])
    t.same(store.take(), [])
  })

  t.test(`a body that does not parse or does not validate is a 400 with the session untouched (${mode} store)`, async (t) => {
    const store = new SpyStore(mode)
    const { app } = await makeApp({ store }, (app) => {
      const schema = { body: { type: 'object', required: ['a'] } }
      app.post('/', { schema }, async (request) => request.session.put('a', 1))
    })
    const { cookie } = await app.sessions.create({ user: 'u' })
    store.take()
    for (const payload of ['{"a"', '{"b":1}']) {
      const headers = { 'content-type': 'application/json' }
      const reply = await app.inject({ method: 'POST', url: '/', headers, payload, cookies: cookie })
      t.equal(reply.statusCode, 400)
      t.same(setCookies(reply), [])
      t.equal(reply.headers['vary'], 'Cookie')
      t.same(store.take(), ['find'])
    }
  })
}

t.test('an earlier hook of onRequest that fails or answers: the session says that it was not loaded, and nothing crashes', async (t) => {
  const crashes = watchCrashes(t)
  const codes: unknown[] = []
  const look = (session: { get(key: string): unknown }) => {
    try {
      session.get('a')
    } catch (error) {
      codes.push((error as { code?: unknown }).code)
    }
  }
  const store = new SpyStore('async')
  const before = (app: FastifyInstance) => {
    app.addHook('onRequest', async (request, reply) => {
      if (request.url === '/throws') throw Object.assign(new Error('not today'), { statusCode: 418 })
      if (request.url === '/answers') return reply.code(202).send('early')
      if (request.url === '/uses') request.session.put('a', 1)
      return undefined
    })
    app.setErrorHandler((error, request, reply) => {
      look(request.session)
      return reply.send(error)
    })
  }
  const { app } = await makeApp(
    { store },
    (app) => {
      app.addHook('onSend', async (request) => look(request.session))
      for (const url of ['/throws', '/answers', '/uses']) app.get(url, async () => 'never')
    },
    {},
    before,
  )
  const headers = { cookie: `session=${'a'.repeat(43)}` }
  t.equal((await app.inject({ url: '/throws', headers })).statusCode, 418)
  t.match(await app.inject({ url: '/answers', headers }), { statusCode: 202, body: 'early' })
  t.match((await app.inject({ url: '/uses', headers })).json(), { statusCode: 500, code: 'FST_ERR_SCS_NOT_LOADED' })
  t.equal(codes.length, 5)
  t.ok(codes.every((code) => code === 'FST_ERR_SCS_NOT_LOADED'))
  t.same(store.take(), [])
  await settled()
  t.same(crashes, [])
})

t.test('an error handler that uses a session which was not loaded ends in a plain error', async (t) => {
  const crashes = watchCrashes(t)
  const before = (app: FastifyInstance) => {
    app.addHook('onRequest', async () => {
      throw new Error('first')
    })
    app.setErrorHandler((_error, request, reply) => reply.send(request.session.get('user')))
  }
  const { app } = await makeApp({}, (app) => void app.get('/', async () => 'never'), {}, before)
  const reply = await app.inject('/')
  t.equal(reply.statusCode, 500)
  t.match(reply.json(), { code: 'FST_ERR_SCS_NOT_LOADED' })
  t.same(crashes, [])
})

t.test('a malformed URL is a 400 for which no session is made, also with a handler of framework errors', async (t) => {
  const crashes = watchCrashes(t)
  const store = new SpyStore('async')
  const frameworkErrors = (error: FastifyError, _request: FastifyRequest, reply: FastifyReply) => void reply.send(error)
  for (const server of [{}, { frameworkErrors }]) {
    const { app } = await makeApp({ store }, () => {}, server as FastifyServerOptions)
    const reply = await app.inject({ url: '/%zz', headers: { cookie: `session=${'a'.repeat(43)}` } })
    t.match(reply.json(), { code: 'FST_ERR_BAD_URL' })
    t.same(setCookies(reply), [])
  }
  t.same(store.take(), [])
  await settled()
  t.same(crashes, [])
})
