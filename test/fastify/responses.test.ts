import { Readable } from 'node:stream'
import t from 'tap'
import { makeApp, setCookies } from '../support/app.ts'
import { ForeignResponse } from '../support/foreign-response.ts'
import { SpyStore } from '../support/spy-store.ts'

/** A Response of this realm's class, and one of another's. */
const RESPONSES = { 'this realm': Response, 'another package': ForeignResponse } as const

for (const [realm, Class] of Object.entries(RESPONSES)) {
  t.test(`the Response of ${realm} does not let a shared cache keep our cookie`, async (t) => {
    const headers: [string, string][] = [
      ['vary', 'accept'],
      ['cache-control', 'public, s-maxage=9'],
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
    ]
    const { app } = await makeApp({}, (app) => {
      app.get('/', async (request) => {
        request.session.put('a', 1)
        return new Class(Readable.toWeb(Readable.from(['bo', 'dy'])) as ReadableStream, { status: 201, headers })
      })
    })
    const reply = await app.inject('/')
    t.match(reply, {
      statusCode: 201,
      body: 'body',
      headers: { vary: 'accept, Cookie', 'cache-control': 'private, no-cache="Set-Cookie"' },
    })
    t.strictSame(
      setCookies(reply).map((cookie) => cookie.slice(0, 3)),
      ['ses', 'a=1', 'b=2'],
    )
  })

  t.test(`the Response of ${realm} says that it depends on the header with the token as well`, async (t) => {
    const { app } = await makeApp({ token: { header: 'x-session-token' } }, (app) => {
      app.get('/', async () => new Class('body', { headers: { vary: 'accept' } as Record<string, string> }))
    })
    t.equal((await app.inject('/')).headers['vary'], 'accept, Cookie, x-session-token')
  })

  t.test(`the Response of ${realm} is let go of when its session cannot be saved`, async (t) => {
    let isCancelled = false
    const body = new ReadableStream({
      cancel() {
        isCancelled = true
      },
    })
    const store = new SpyStore('async')
    store.fail('create', 'before')
    const { app } = await makeApp({ store }, (app) => {
      app.get('/', async (request) => {
        request.session.put('a', 1)
        return new Class(body, { headers: { location: '/x', 'cache-control': 'public' } as Record<string, string> })
      })
    })
    const reply = await app.inject('/')
    t.match(reply.json(), { statusCode: 503, code: 'FST_ERR_SCS_STORE' })
    t.match(reply.headers, { location: undefined, 'cache-control': 'no-store' })
    t.ok(isCancelled)
  })

  t.test(`the status of the Response of ${realm} says whether the request failed`, async (t) => {
    const { app } = await makeApp({}, (app) => {
      app.setErrorHandler((_error, request, reply) => {
        const [inReply, inResponse] = request.url.slice(1).split('/').map(Number)
        reply.code(inReply ?? 0)
        return new Class('sorry', { status: inResponse ?? 0 })
      })
      app.get('/:a/:b', async (request) => {
        request.session.put('half', true)
        throw new Error('broken')
      })
    })
    for (const [inReply, inResponse, isSaved] of [
      [200, 500, false],
      [500, 200, true],
      [500, 503, false],
      [200, 404, true],
    ]) {
      const { cookie, token } = await app.sessions.create({ a: 1 })
      t.equal((await app.inject({ url: `/${inReply}/${inResponse}`, cookies: cookie })).statusCode, inResponse)
      t.equal((await app.sessions.find(token))?.get('half') === true, isSaved)
    }
  })
}
