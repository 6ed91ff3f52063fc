import { Readable } from 'node:stream'
import type { RouteHandlerMethod } from 'fastify'
import t, { type Test } from 'tap'
import { listen, makeApp, settled, watchCrashes } from '../support/app.ts'
import { LIMIT } from '../support/limit.ts'
import { SpyStore } from '../support/spy-store.ts'

t.setTimeout(LIMIT)

/** A store that answers at once, and one that takes a turn of the event loop. */
const STORES: Readonly<Record<string, () => SpyStore>> = {
  'a synchronous store': () => new SpyStore('sync'),
  'an asynchronous store': () => {
    const store = new SpyStore('async')
    store.gate = () => new Promise((resolve) => setImmediate(resolve))
    return store
  },
}

interface Case {
  readonly name: string
  readonly handler: RouteHandlerMethod
  readonly method?: 'GET' | 'HEAD'
  readonly status?: number
  readonly body?: string
}

const webStream = (...chunks: string[]) =>
  new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk))
      controller.close()
    },
  })

/** A stream whose first byte comes some turns later. */
const slowStream = () =>
  Readable.from(
    (async function* () {
      await settled(3)
      yield 'bo'
      await settled(1)
      yield 'dy'
    })(),
  )

const puts = (handler: RouteHandlerMethod): RouteHandlerMethod =>
  function (request, reply) {
    request.session.put('visits', 1)
    return handler.call(this, request, reply)
  }

const CASES: readonly Case[] = [
  { name: 'a string that is returned', handler: async () => 'body' },
  { name: 'an object that is returned', handler: async () => ({ a: 1 }), body: '{"a":1}' },
  { name: 'a buffer that is returned', handler: async () => Buffer.from('body') },
  { name: 'a node stream that is returned', handler: async () => slowStream() },
  { name: 'a web stream that is returned', handler: async () => webStream('bo', 'dy') },
  { name: 'a Response that is returned', handler: async () => new Response('body') },
  { name: 'nothing', handler: async (_request, reply) => reply.code(204).send(), status: 204, body: '' },
  { name: 'a 304', handler: async (_request, reply) => reply.code(304).send(), status: 304, body: '' },
  { name: 'a redirect', handler: async (_request, reply) => reply.redirect('/there'), status: 302, body: '' },
  { name: 'a HEAD', handler: async () => 'body', method: 'HEAD', body: '' },
  { name: 'a HEAD with a stream', handler: async () => slowStream(), method: 'HEAD', body: '' },
  { name: 'a reply with trailers', handler: async (_request, reply) => reply.trailer('x-t', async () => 'end').send('body') },
  {
    name: 'reply.send() of a string, not returned by an async handler',
    handler: async (_request, reply) => {
      reply.send('body')
    },
  },
  {
    name: 'reply.send() of an object, not returned by an async handler',
    handler: async (_request, reply) => {
      reply.send({ a: 1 })
    },
    body: '{"a":1}',
  },
  {
    name: 'reply.send() of a stream, not returned by an async handler',
    handler: async (_request, reply) => {
      reply.send(slowStream())
    },
  },
  {
    name: 'reply.send() of a web stream, not returned by an async handler',
    handler: async (_request, reply) => {
      reply.send(webStream('bo', 'dy'))
    },
  },
  {
    name: 'reply.send() of a Response, not returned by an async handler',
    handler: async (_request, reply) => {
      reply.send(new Response('body'))
    },
  },
  { name: 'reply.send() in a callback', handler: (_request, reply) => void setImmediate(() => reply.send('body')) },
  { name: 'reply.send() of a stream in a callback', handler: (_request, reply) => void setImmediate(() => reply.send(slowStream())) },
  { name: 'reply.send() at once, without async', handler: (_request, reply) => void reply.send('body') },
]

interface Seen {
  readonly status: number
  readonly body: string
  readonly cookies: readonly string[]
  readonly vary: string | null
}

type Client = (method: 'GET' | 'HEAD', headers?: Record<string, string>, url?: string) => Promise<Seen>

for (const kind of Object.keys(STORES)) {
  for (const way of ['inject', 'a socket']) {
    t.test(`with ${kind}, through ${way}`, async (t) => {
      for (const each of CASES) await t.test(`${each.name}: one commit, one cookie, the right body`, (t) => check(t, each, kind, way))
    })
  }
}

async function check(t: Test, each: Case, kind: string, way: string): Promise<void> {
  const store = STORES[kind]?.() ?? new SpyStore()
  const crashes = watchCrashes(t)
  const { app } = await makeApp({ store }, (app) => {
    app.get('/', puts(each.handler))
    app.get('/visits', async (request) => String(request.session.get('visits')))
  })
  const client: Client = way === 'inject' ? injecting(app) : fetching(await listen(t, app))
  const { method = 'GET', status = 200, body = 'body' } = each
  const reply = await client(method)
  t.equal(reply.status, status)
  t.equal(reply.body, body)
  t.equal(reply.cookies.length, 1)
  t.match(reply.cookies[0], /^session=[\w-]{43}; Path=\/; Expires=.*; HttpOnly; SameSite=Lax$/)
  t.equal(reply.vary, 'Cookie')
  await settled()
  t.same(store.take(), ['create'])

  const cookie = String(reply.cookies[0]).split(';')[0] ?? ''
  const next = await client('GET', { cookie }, '/visits')
  t.match(next, { status: 200, body: '1', cookies: [] })
  t.same(store.take(), ['find'])
  t.same(crashes, [])
  await app.close()
}

function injecting(app: Awaited<ReturnType<typeof makeApp>>['app']): Client {
  return async (method, headers = {}, url = '/') => {
    const reply = await app.inject({ method, url, headers })
    const { vary } = reply.headers
    return {
      status: reply.statusCode,
      body: reply.body,
      cookies: [reply.headers['set-cookie'] ?? []].flat(),
      vary: vary === undefined ? null : String(vary),
    }
  }
}

function fetching(base: string): Client {
  return async (method, headers = {}, url = '/') => {
    const reply = await fetch(base + url, { method, headers, redirect: 'manual' })
    return { status: reply.status, body: await reply.text(), cookies: reply.headers.getSetCookie(), vary: reply.headers.get('vary') }
  }
}
