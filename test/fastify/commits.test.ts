import type { RouteHandlerMethod } from 'fastify'
import t from 'tap'
import { cookieOf, makeApp, setCookies, settled, watchCrashes } from '../support/app.ts'
import { SpyStore } from '../support/spy-store.ts'
import { read, siteOf } from './commit-site.ts'

const SET = /^session=[\w-]{43}; Path=\/; /
const codeOf = (error: unknown) => (error as { code?: unknown }).code

for (const mode of ['sync', 'async'] as const) {
  const makeOne = (handler: RouteHandlerMethod) => siteOf(mode, handler)

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
