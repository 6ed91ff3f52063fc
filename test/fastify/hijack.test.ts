import type { FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'
import t from 'tap'
import { cookieOf, listen, setCookies, settled } from '../support/app.ts'
import { read, siteOf } from './commit-site.ts'

const SET = /^session=[\w-]{43}; Path=\/; /
const codeOf = (error: unknown) => (error as { code?: unknown }).code

for (const mode of ['sync', 'async'] as const) {
  const makeOne = (handler: RouteHandlerMethod) => siteOf(mode, handler)

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

  t.test(
    `a commit() under way while something else sends the headers is told that its new token reached nobody (${mode} store)`,
    async (t) => {
      const refused: unknown[] = []
      const { app, store } = await makeOne(async (request, reply) => {
        reply.hijack()
        store.gate = async (verb) => {
          if (verb !== 'count' && !reply.raw.headersSent) reply.raw.write('heartbeat')
        }
        request.session.put('a', 1)
        await request.session.commit().catch((error) => refused.push(codeOf(error)))
        reply.raw.end()
      })
      const reply = await app.inject('/')
      t.same(setCookies(reply), [])
      t.same(store.take(), ['create'])
      t.same(refused, ['FST_ERR_SCS_TOO_LATE'])
    },
  )

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
      t.ok(
        warnings().every(({ msg }) =>
          /never saved: call await session\.commit\(\) .* reply\.sse of @fastify\/sse or @Sse\(\) of Nest/.test(msg),
        ),
      )
    }
    t.same(counts, [1, 0, 0, 1])
  })
}
