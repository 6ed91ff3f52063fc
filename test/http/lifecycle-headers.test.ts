import t from 'tap'
import { cookieOf, makeApp } from '../support/app.ts'
import { type Handler, startSite } from './steps.ts'

const NO_CACHE = 'no-cache="Set-Cookie"'

t.test('rule 2: Vary: Cookie is on every response of a session route, appended and never doubled', async (t) => {
  const cases: [string | string[] | undefined, string][] = [
    [undefined, 'Cookie'],
    ['Origin', 'Origin, Cookie'],
    [['Origin', 'Accept'], 'Origin, Accept, Cookie'],
    ['Cookie', 'Cookie'],
    ['Origin, cookie', 'Origin, cookie'],
    ['*', '*'],
    ['X-Cookie', 'X-Cookie, Cookie'],
  ]
  const site = await startSite()
  const token = await site.start({ a: 1 })
  for (const [vary, expected] of cases) {
    for (const cookie of [undefined, token]) {
      const reply = await site.get(cookie, (session, _request, reply) => {
        if (vary !== undefined) reply.header('vary', vary)
        session.put('b', 1)
      })
      t.equal([reply.headers.vary ?? ''].flat().join(', '), expected)
    }
  }
})

t.test('rule 2: errors, unknown routes and streams vary by cookie as well, and a route without a session does not', async (t) => {
  const { app } = await makeApp({}, (app) => {
    app.get('/throws', () => {
      throw new Error('the handler fails')
    })
    app.get('/off', { config: { session: false } }, () => ({}))
    app.get('/off-throws', { config: { session: false } }, (request) => request.session.get('a'))
    app.get('/invalid', { schema: { querystring: { type: 'object', required: ['q'] } } }, () => ({}))
  })
  for (const url of ['/throws', '/nowhere', '/invalid']) t.equal((await app.inject(url)).headers.vary, 'Cookie', url)
  t.equal((await app.inject('/off')).headers.vary, undefined)
  const used = await app.inject('/off-throws')
  t.equal(used.statusCode, 500)
  t.equal(used.json().code, 'FST_ERR_SCS_OFF')
})

t.test('rule 2: with a Set-Cookie the Cache-Control of the route is kept but for what lets a shared cache keep the reply', async (t) => {
  const cases: [string | undefined, string][] = [
    [undefined, NO_CACHE],
    ['no-store', `no-store, ${NO_CACHE}`],
    ['max-age=60', `max-age=60, ${NO_CACHE}`],
    ['public, max-age=60', `private, max-age=60, ${NO_CACHE}`],
    ['PUBLIC', `private, ${NO_CACHE}`],
    ['s-maxage=60, max-age=5', `private, max-age=5, ${NO_CACHE}`],
    ['private, s-maxage=60', `private, ${NO_CACHE}`],
    [NO_CACHE, NO_CACHE],
  ]
  for (const [given, expected] of cases) {
    const site = await startSite()
    const handler: Handler = (session, _request, reply) => {
      if (given !== undefined) reply.header('cache-control', given)
      if (!session.exists('a')) session.put('a', 1)
    }
    const first = await site.post(undefined, handler)
    t.equal(first.headers['cache-control'], expected)
    const second = await site.post(cookieOf(first), handler)
    t.equal(second.headers['cache-control'], given, 'without a Set-Cookie it stays as it was')
  }
})
