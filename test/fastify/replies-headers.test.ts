import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { cookieOf, makeApp, setCookies } from '../support/app.ts'
import { SpyStore } from '../support/spy-store.ts'

const NO_COOKIE = 'no-cache="Set-Cookie"'

for (const mode of ['sync', 'async'] as const) {
  t.test(`the headers of a Response do not undo what the session says of caching (${mode} store)`, async (t) => {
    const headers = new Headers({ vary: 'Accept', 'cache-control': 'public, max-age=60' })
    headers.append('set-cookie', 'a=1')
    headers.append('set-cookie', 'b=2')
    const { app } = await makeApp({ store: new SpyStore(mode) }, (app) => {
      app.get('/write', async (request) => {
        request.session.put('a', 1)
        return new Response('body', { status: 201, headers })
      })
      app.get('/read', async () => new Response('body', { headers: { vary: 'Accept', 'cache-control': 'public, max-age=60' } }))
      app.get('/covered', async () => new Response(null, { status: 204, headers: { vary: 'cookie, Accept' } }))
    })
    const reply = await app.inject('/write')
    t.match(reply, { statusCode: 201, body: 'body' })
    t.equal(reply.headers['vary'], 'Accept, Cookie')
    t.same(directives(reply.headers['cache-control']), ['max-age=60', NO_COOKIE, 'private'])
    t.equal(setCookies(reply).length, 3)
    t.ok(cookieOf(reply))
    t.equal(cookieOf(reply, 'a'), '1')
    t.equal(cookieOf(reply, 'b'), '2')

    const read = await app.inject('/read')
    t.equal(read.headers['vary'], 'Accept, Cookie')
    t.equal(read.headers['cache-control'], 'public, max-age=60', 'no cookie, no change')
    t.match(await app.inject('/covered'), { statusCode: 204, headers: { vary: 'cookie, Accept' } })
  })

  t.test(`a route's Vary and Cache-Control are completed, not replaced (${mode} store)`, async (t) => {
    const { app } = await makeApp({ store: new SpyStore(mode) }, (app) => {
      app.get('/write', async (request, reply) => {
        request.session.put('a', 1)
        return reply.header('vary', 'Accept-Encoding').header('cache-control', 's-maxage=10, max-age=5').send('body')
      })
      app.get('/star', async (_request, reply) => reply.header('vary', '*').send('body'))
      app.get('/list', async (_request, reply) => reply.header('vary', ['Origin', 'COOKIE']).send('body'))
    })
    const reply = await app.inject('/write')
    t.equal(reply.headers['vary'], 'Accept-Encoding, Cookie')
    t.same(directives(reply.headers['cache-control']), ['max-age=5', NO_COOKIE, 'private'])
    t.equal((await app.inject('/star')).headers['vary'], '*')
    t.same([(await app.inject('/list')).headers['vary']].flat().join(', '), 'Origin, COOKIE')
  })

  t.test(`cookies that others set by any means arrive beside ours (${mode} store)`, async (t) => {
    const { app } = await makeApp({ store: new SpyStore(mode) }, (app: FastifyInstance) => {
      app.get('/header', async (request, reply) => {
        request.session.put('a', 1)
        return reply.header('set-cookie', 'x=1').header('set-cookie', 'y=2').send('body')
      })
      app.get('/raw', async (request, reply) => {
        request.session.put('a', 1)
        reply.raw.setHeader('set-cookie', ['x=1', 'y=2'])
        return 'body'
      })
    })
    for (const url of ['/header', '/raw']) {
      const reply = await app.inject(url)
      t.ok(cookieOf(reply), url)
      t.equal(cookieOf(reply, 'x'), '1', url)
      t.equal(cookieOf(reply, 'y'), '2', url)
      t.equal(setCookies(reply).length, 3, url)
    }
  })
}

function directives(header: unknown): string[] {
  return String(header).split(', ').sort()
}
