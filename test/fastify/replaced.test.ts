import { Readable } from 'node:stream'
import { createGzip, gunzipSync } from 'node:zlib'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import t from 'tap'
import type { ErrorPayload, Failure, ScsOptions } from '../../index.ts'
import { makeApp } from '../support/app.ts'
import { SpyStore } from '../support/spy-store.ts'

const STORE_ERROR = { statusCode: 503, code: 'FST_ERR_SCS_STORE', error: 'Service Unavailable' }

type Handler = (request: FastifyRequest, reply: FastifyReply) => unknown

/** An application whose sessions cannot be saved, with one route that changes its session. */
async function makeFailing(
  handler: Handler,
  errorReply?: ScsOptions['errorReply'],
  before: (app: FastifyInstance) => unknown = () => {},
  after = before,
) {
  const store = new SpyStore('async')
  store.fail('create', 'before')
  const routes = async (app: FastifyInstance) => {
    await after(app)
    app.get('/', (request, reply) => {
      request.session.put('a', 1)
      return handler(request, reply)
    })
  }
  return makeApp({ store, ...(errorReply && { errorReply }) }, routes, {}, before)
}

/** An answer after something was said on the reply. */
const saying = <T>(_said: unknown, answer: T): T => answer

const failing = async (...args: Parameters<typeof makeFailing>) => (await makeFailing(...args)).app.inject('/')

t.test('of the reply that was meant only the headers stay that speak of no reply', async (t) => {
  const staying = { 'access-control-allow-origin': 'https://a.test', 'strict-transport-security': 'max-age=9', 'x-request-id': '7' }
  const going = {
    ...{ location: '/x', etag: '"1"', refresh: '0;url=/welcome', 'x-accel-redirect': '/secret.pdf', 'x-sendfile': '/secret' },
    ...{ 'content-digest': 'sha-256=:x:', 'content-encoding': 'gzip', 'content-length': '9', 'hx-redirect': '/welcome' },
    ...{ link: '</a.css>; rel=preload', 'www-authenticate': 'Basic', 'retry-after': '1', 'clear-site-data': '"cookies"' },
  }
  const reply = await failing(async (_request, reply) => {
    reply.raw.setHeader('sourcemap', '/a.map')
    return reply
      .headers({ ...staying, ...going, 'set-cookie': 'theme=dark' })
      .trailer('x-sum', async () => 'meant')
      .send({ meant: true })
  })
  t.match(reply.json(), STORE_ERROR)
  const { connection, date, ...headers } = reply.headers
  const length = String(reply.body.length)
  t.strictSame(headers, {
    ...{ ...staying, vary: 'Cookie', 'set-cookie': 'theme=dark' },
    ...{ 'cache-control': 'no-store', 'content-type': 'application/json; charset=utf-8', 'content-length': length },
  })
  t.strictSame(reply.trailers, {})
})

t.test('a reply without a body, and one to HEAD, are replaced as well', async (t) => {
  for (const status of [204, 304]) {
    const reply = await failing(async (_request, reply) => reply.code(status).send())
    t.match(reply.json(), STORE_ERROR)
    t.equal(reply.headers['content-length'], String(reply.body.length))
  }
  const { app } = await makeFailing(async () => 'meant')
  const head = await app.inject({ method: 'HEAD', url: '/' })
  t.match(head, { statusCode: 503, body: '' })
  t.ok(Number(head.headers['content-length']) > 0)
})

t.test('errorReply may take its time, and sends a page as a handler does', async (t) => {
  const page = '<h1>sorry</h1>'
  const says: readonly NonNullable<ScsOptions['errorReply']>[] = [
    (_error, _request, reply) => saying(reply.headers({ 'content-type': 'text/html' }), page),
    async (_error, _request, reply) => saying(reply.type('text/html'), page),
    (_error, _request, reply) => reply.type('text/html').send(page),
    (_error, _request, reply) => {
      reply.type('text/html').send(page)
      return reply
    },
  ]
  for (const say of says) {
    const reply = await failing(async () => ({ meant: true }), say)
    t.match(reply, { statusCode: 503, body: page, headers: { 'content-type': 'text/html', 'content-length': String(page.length) } })
  }
  const aways: readonly (readonly [statusCode: number, NonNullable<ScsOptions['errorReply']>])[] = [
    [303, (_error, _request, reply) => reply.redirect('/sorry', 303)],
    // The status of the error, which nobody chose, is none that a browser follows.
    [302, (_error, _request, reply) => reply.redirect('/sorry')],
    [307, (_error, _request, reply) => reply.code(307).redirect('/sorry')],
  ]
  for (const [statusCode, say] of aways) {
    const away = await failing(async () => 'meant', say)
    t.match(away, { statusCode, body: '', headers: { location: '/sorry' } })
  }
})

/** What makes one channel of two. It answers by what it sends, so what it returns is of no interest. */
const byErrorHandler = (error: Failure, request: FastifyRequest, reply: FastifyReply) =>
  request.server.errorHandler(error, request, reply) as unknown as ErrorPayload

const status = (statusCode: number) => Object.assign(new Error('thrown'), { statusCode })

t.test('the error handler of a context can be its errorReply, after an error of the handler as well', async (t) => {
  const handlers: readonly Handler[] = [
    async () => 'meant',
    async () => Readable.from(['meant']),
    async (_request, reply) => reply.code(204).header('etag', '"1"').send(),
    async () => Promise.reject(status(401)),
    async () => Promise.reject(status(500)),
  ]
  for (const handler of handlers) {
    const store = new SpyStore('async')
    const { app } = await makeApp({ store, errorReply: byErrorHandler }, (app) => {
      app.setErrorHandler((_error, _request, reply) => reply.code(500).send('not this one'))
      app.register(async (context) => {
        context.setErrorHandler<Failure>(({ code, statusCode }, { session }, reply) =>
          reply.code(statusCode).send([code, session.get('a')]),
        )
        context.get('/', (request, reply) => {
          request.session.renewToken()
          return handler(request, reply)
        })
      })
    })
    const { cookie } = await app.sessions.create({ a: 1 })
    store.fail('rename', 'before')
    const reply = await app.inject({ url: '/', cookies: cookie })
    t.equal(reply.statusCode, 503)
    t.strictSame(reply.json(), ['FST_ERR_SCS_STORE', 1])
    t.match(reply.headers, { etag: undefined, 'content-length': String(reply.body.length) })
  }
})

t.test('Fastify’s own error handler can be the errorReply, and one that throws leaves it to the default shape', async (t) => {
  const throwing = (app: FastifyInstance) =>
    app.setErrorHandler(() => {
      throw new Error('broken')
    })
  for (const routes of [() => {}, throwing]) {
    const reply = await failing(
      async () => 'meant',
      byErrorHandler,
      () => {},
      routes,
    )
    t.strictSame(reply.json(), { ...STORE_ERROR, message: 'The session store failed. Try again.' })
    t.equal(reply.statusCode, 503)
  }
})

t.test('an errorReply that rejects harms nobody, and is in the log', async (t) => {
  const { app, warnings } = await makeFailing(
    async () => 'meant',
    () => Promise.reject(new Error('translation missing')),
  )
  t.match((await app.inject('/')).json(), STORE_ERROR)
  t.match(
    warnings().find(({ level }) => level === 40),
    { err: { message: 'translation missing' } },
  )
})

t.test('a plugin that compresses, before ours or after it, leaves an error that can be read', async (t) => {
  const compress = (app: FastifyInstance) =>
    app.addHook('onSend', async (_request, reply, payload) => {
      reply.header('content-encoding', 'gzip').removeHeader('content-length')
      return (payload instanceof Readable ? payload : Readable.from([payload])).pipe(createGzip())
    })
  for (const body of [() => 'meant', () => Readable.from(['meant'])]) {
    const before = await failing(
      async () => body(),
      undefined,
      compress,
      () => {},
    )
    t.match(before.json(), STORE_ERROR)
    t.notOk('content-encoding' in before.headers)
    const after = await failing(
      async () => body(),
      undefined,
      () => {},
      compress,
    )
    t.equal(after.headers['content-encoding'], 'gzip')
    t.match(JSON.parse(gunzipSync(after.rawPayload).toString()), STORE_ERROR)
  }
})
