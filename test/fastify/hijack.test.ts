import type { FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'
import t from 'tap'
import { cookieOf, listen, makeApp, setCookies, settled, watchCrashes } from '../support/app.ts'
import { SpyStore } from '../support/spy-store.ts'

const SET = /^session=[\w-]{43}; Path=\/; /
const codeOf = (error: unknown) => (error as { code?: unknown }).code

for (const mode of ['sync', 'async'] as const) {
  const makeOne = (handler: RouteHandlerMethod) => {
    const store = new SpyStore(mode)
    return makeApp({ store }, (app) => {
      app.get('/', handler)
      app.get('/read', async (request) => request.session.data())
    }).then((test) => ({ ...test, store }))
  }
  const read = async (app: Awaited<ReturnType<typeof makeOne>>['app'], token = '') => (await app.sessions.find(token))?.data()

  t.test(`a hijacked reply saves with commit(), and its raw headers carry the cookie (${mode} store)`, async (t) => {
    const { app, store, warnings } = await makeOne(async (request, reply) => {
      request.session.put('a', 1)
      reply.hijack()
      const cookie = await request.session.commit()
      t.match(cookie, SET)
      t.equal(cookie, reply.getHeader('set-cookie'))
      reply.raw.writeHead(201, reply.getHeaders() as Record<string, string>)
      reply.raw.end('raw')
    })
    const reply = await app.inject('/')
    t.match(reply, { statusCode: 201, body: 'raw' })
    t.equal(setCookies(reply).length, 1)
    t.equal(reply.headers['cache-control'], 'no-cache="Set-Cookie"')
    t.equal(reply.headers['vary'], 'Cookie')
    t.same(store.take(), ['create'])
    t.same(await read(app, cookieOf(reply)), { a: 1 })
    t.same(warnings(), [])
  })

  t.test(
    `server-sent events: the session is saved before the first byte, and unchanged tokens may be saved after (${mode} store)`,
    async (t) => {
      const seen: unknown[] = []
      const { app, store } = await makeOne(async (request, reply) => {
        request.session.update('streams', (n) => Number(n ?? 0) + 1)
        await request.session.commit()
        reply.hijack()
        reply.raw.writeHead(200, { ...(reply.getHeaders() as Record<string, string>), 'content-type': 'text/event-stream' })
        for (const event of [1, 2]) {
          reply.raw.write(`data: ${event}\n\n`)
          request.session.put('event', event)
          seen.push(await request.session.commit())
        }
        reply.raw.end()
      })
      const base = await listen(t, app)
      const reply = await fetch(base)
      t.equal(await reply.text(), 'data: 1\n\ndata: 2\n\n')
      t.equal(reply.headers.getSetCookie().length, 1)
      t.same(seen, [undefined, undefined])
      t.same(store.take(), ['create', 'update', 'update'])
      const token = /^session=([^;]+)/.exec(reply.headers.getSetCookie()[0] ?? '')?.[1]
      t.same(await read(app, token), { streams: 1, event: 2 })
    },
  )

  t.test(`after the headers a new token is refused with FST_ERR_SCS_TOO_LATE, before anything is written (${mode} store)`, async (t) => {
    const refused: unknown[] = []
    const { app, store, cookies } = await (async () => {
      const test = await makeOne(async (request, reply) => {
        reply.hijack()
        reply.raw.writeHead(200)
        reply.raw.write('started')
        request.session.put('a', 1)
        if (!request.session.isNew) request.session.renewToken()
        await request.session.commit().catch((error) => refused.push(codeOf(error)))
        reply.raw.end()
      })
      const { cookie } = await test.app.sessions.create({ user: 'u' })
      return { ...test, cookies: cookie }
    })()
    store.take()
    const fresh = await app.inject('/')
    t.same(setCookies(fresh), [])
    t.same(store.take(), [])
    const renewed = await app.inject({ url: '/', cookies })
    t.same(setCookies(renewed), [])
    t.same(store.take(), ['find'])
    t.same(refused, ['FST_ERR_SCS_TOO_LATE', 'FST_ERR_SCS_TOO_LATE'])
    t.same(await read(app, cookies['session']), { user: 'u' }, 'the session is as it was')
  })

  t.test(`commit() twice writes once, and gives the cookie only when there is news (${mode} store)`, async (t) => {
    const given: unknown[] = []
    const { app, store } = await makeOne(async (request) => {
      given.push(await request.session.commit())
      request.session.put('a', 1)
      const commits = [request.session.commit(), request.session.commit()]
      given.push(...(await Promise.all(commits)))
      given.push(request.session.status)
      return 'body'
    })
    const reply = await app.inject('/')
    t.equal(setCookies(reply).length, 1)
    t.same(store.take(), ['create'])
    t.match(given, [undefined, SET, undefined, 'unmodified'])
  })

  t.test(`what a handler says of caching after commit() does not open its Set-Cookie to shared caches (${mode} store)`, async (t) => {
    const { app } = await makeOne(async (request, reply) => {
      request.session.put('a', 1)
      await request.session.commit()
      reply.header('cache-control', 'public, max-age=60')
      return 'body'
    })
    const reply = await app.inject('/')
    t.ok(cookieOf(reply))
    t.equal(reply.headers['cache-control'], 'private, max-age=60, no-cache="Set-Cookie"')
  })

  t.test(`commit(), a change, and a normal reply: one Set-Cookie, the later one (${mode} store)`, async (t) => {
    let first: string | undefined
    const { app, store } = await makeOne(async (request, reply) => {
      reply.header('set-cookie', 'other=1')
      request.session.put('a', 1)
      first = await request.session.commit()
      request.session.renewToken()
      request.session.put('a', 2)
      return 'body'
    })
    const reply = await app.inject('/')
    t.equal(setCookies(reply).length, 2)
    t.equal(cookieOf(reply, 'other'), '1')
    t.notOk(setCookies(reply).includes(String(first)))
    t.same(store.take(), ['create', 'rename'])
    t.same(await read(app, cookieOf(reply)), { a: 2 })
  })

  t.test(`commit(), a plain change, and a normal reply: the change is saved, the cookie stays (${mode} store)`, async (t) => {
    const { app, store } = await makeOne(async (request) => {
      request.session.put('a', 1)
      await request.session.commit()
      request.session.put('a', 2)
      return 'body'
    })
    const reply = await app.inject('/')
    t.equal(setCookies(reply).length, 1)
    t.same(store.take(), ['create', 'update'])
    t.same(await read(app, cookieOf(reply)), { a: 2 })
  })

  t.test(`a commit() that nobody awaits is awaited before the reply leaves (${mode} store)`, async (t) => {
    const { app, store } = await makeOne((request, reply) => {
      request.session.put('a', 1)
      void request.session.commit()
      reply.send('body')
    })
    const reply = await app.inject('/')
    t.equal(setCookies(reply).length, 1)
    t.same(store.take(), ['create'])
  })

  t.test(`a hijacked reply whose changes were never saved logs one warning; a saved or unchanged one none (${mode} store)`, async (t) => {
    const answer = (reply: FastifyReply) => {
      reply.hijack()
      reply.raw.end('raw')
    }
    const changes: Array<(request: FastifyRequest) => unknown> = [
      (request) => request.session.put('a', 1),
      (request) => request.session.get('a'),
      async (request) => {
        request.session.put('a', 1)
        await request.session.commit()
      },
    ]
    changes.push((request) => {
      request.session.put('a', 1)
      request.session.put('b', 2)
    })
    const counts: number[] = []
    for (const change of changes) {
      const { app, warnings } = await makeOne(async (request, reply) => {
        await change(request)
        answer(reply)
      })
      await app.inject('/')
      await settled()
      counts.push(warnings().length)
      t.ok(warnings().every(({ msg }) => /never saved/.test(msg)))
    }
    t.same(counts, [1, 0, 0, 1])
  })
}

t.test('changes that could not be saved are not said to have been forgotten', async (t) => {
  const store = new SpyStore('async')
  const { app, warnings } = await makeApp({ store }, (app) => {
    app.get('/', async (request) => request.session.put('a', 1))
  })
  store.fail('create', 'before')
  t.equal((await app.inject('/')).statusCode, 503)
  await settled()
  t.notOk(warnings().some(({ msg }) => /never saved/.test(msg)))
})

t.test('a commit() that fails rejects, sets no cookie, and can be tried again', async (t) => {
  const crashes = watchCrashes(t)
  const store = new SpyStore('async')
  const codes: unknown[] = []
  const { app } = await makeApp({ store }, (app) => {
    app.get('/', async (request, reply) => {
      request.session.put('a', 1)
      await request.session.commit().catch((error) => codes.push(codeOf(error)))
      t.equal(reply.getHeader('set-cookie'), undefined)
      const cookie = await request.session.commit()
      t.match(cookie, SET)
      return 'body'
    })
  })
  store.fail('create', 'before')
  const reply = await app.inject('/')
  t.same(codes, ['FST_ERR_SCS_STORE'])
  t.equal(setCookies(reply).length, 1)
  t.same(await app.sessions.find(cookieOf(reply) ?? '').then((session) => session?.data()), { a: 1 })
  await settled()
  t.same(crashes, [])
})

t.test('the cookie of a commit() that worked stays on a reply whose later changes could not be saved', async (t) => {
  const store = new SpyStore('async')
  const { app } = await makeApp({ store }, (app) => {
    app.get('/', async (request) => {
      request.session.put('a', 1)
      await request.session.commit()
      request.session.put('a', 2)
    })
  })
  store.fail('update', 'before')
  const reply = await app.inject('/')
  t.equal(reply.statusCode, 503)
  t.same((await app.sessions.find(cookieOf(reply) ?? ''))?.data(), { a: 1 })
})

t.test('after destroy(), commit() gives the cookie that clears, once', async (t) => {
  const { app } = await makeApp({}, (app) => {
    app.get('/', async (request, reply) => {
      await request.session.destroy()
      const cookie = await request.session.commit()
      t.match(cookie, /^session=; Path=\/; Expires=Thu, 01 Jan 1970 .*Max-Age=0/)
      reply.hijack()
      reply.raw.writeHead(200, reply.getHeaders() as Record<string, string>)
      reply.raw.end()
    })
  })
  const { cookie } = await app.sessions.create({ a: 1 })
  const reply = await app.inject({ url: '/', cookies: cookie })
  t.equal(setCookies(reply).length, 1)
  t.equal(cookieOf(reply), '')
})
