import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import type { ScsOptions } from '../../index.ts'
import { makeApp, setCookies, settled, watchCrashes } from '../support/app.ts'
import { SpyStore } from '../support/spy-store.ts'
import { STORE_ERROR } from '../support/store-error.ts'

/** An application whose only route saves a session, which fails. */
async function failing(errorReply?: ScsOptions['errorReply'], routes = saves) {
  const store = new SpyStore('async')
  store.fail('create', 'before', 'before', 'before')
  return { store, ...(await makeApp({ store, ...(errorReply ? { errorReply } : {}) }, routes)) }
}

function saves(app: FastifyInstance): void {
  app.post('/', async (request) => {
    request.session.put('a', 1)
    return { meant: true }
  })
}

t.test('errorReply says what a reply says whose session could not be saved: an object, a text, bytes', async (t) => {
  const post = { method: 'POST', url: '/' } as const
  const object = await failing((error, request) => ({ sorry: error.code, url: request.url }))
  const asObject = await object.app.inject(post)
  t.same(asObject.json(), { sorry: 'FST_ERR_SCS_STORE', url: '/' })
  t.match(asObject.headers['content-type'], /^application\/json/)

  const text = await failing(() => 'sorry')
  const asText = await text.app.inject(post)
  t.equal(asText.body, 'sorry')
  t.match(asText.headers['content-type'], /^text\/plain/)
  t.equal(asText.headers['content-length'], '5')

  for (const bytes of [Buffer.from('sorry'), new TextEncoder().encode('sorry'), new Uint8Array(Buffer.from('-sorry-')).subarray(1, 6)]) {
    const { app } = await failing(() => bytes)
    const reply = await app.inject(post)
    t.equal(reply.statusCode, 503)
    t.equal(reply.body, 'sorry')
    t.equal(reply.headers['content-length'], '5')
  }
  for (const reply of [asObject, asText]) {
    t.equal(reply.statusCode, 503)
    t.same(setCookies(reply), [])
    t.notMatch(reply.body, 'meant')
  }
})

t.test('errorReply is called by itself, and sees nothing of the library', async (t) => {
  const { app } = await failing(function (this: unknown) {
    return { seen: String(this) }
  })
  t.same((await app.inject({ method: 'POST', url: '/' })).json(), { seen: 'undefined' })
})

t.test('an errorReply that throws itself, or gives nothing, does no more harm than the failure did', async (t) => {
  const crashes = watchCrashes(t)
  const broken = (() => undefined) as unknown as NonNullable<ScsOptions['errorReply']>
  const throwing = () => {
    throw new Error('secret of the errorReply')
  }
  for (const errorReply of [throwing, broken]) {
    const { app } = await failing(errorReply)
    const reply = await app.inject({ method: 'POST', url: '/' })
    t.ok(reply.statusCode >= 500)
    t.same(setCookies(reply), [])
    t.notMatch(reply.body, /meant|driver/)
  }
  await settled()
  t.same(crashes, [])
})

t.test('a body that was meant is closed when the reply is replaced: a stream, a web stream, a Response', async (t) => {
  const crashes = watchCrashes(t)
  const stream = new Readable({ read() {} })
  const cancelled: string[] = []
  const web = (name: string) => new ReadableStream({ cancel: () => void cancelled.push(name) })
  const bodies = [stream, web('web'), new Response(web('response'), { headers: { etag: '"1"', location: '/there', 'set-cookie': 'x=1' } })]
  for (const body of bodies) {
    const { app } = await failing(undefined, (app) => {
      app.post('/', async (request, reply) => {
        request.session.put('a', 1)
        return reply.header('content-length', 1000).header('content-type', 'video/mp4').send(body)
      })
    })
    const reply = await app.inject({ method: 'POST', url: '/' })
    t.same(reply.json(), STORE_ERROR)
    t.same(setCookies(reply), [])
    t.notOk('etag' in reply.headers)
    t.notOk('location' in reply.headers)
    t.equal(reply.headers['content-length'], String(reply.body.length))
  }
  t.ok(stream.destroyed)
  t.same(cancelled, ['web', 'response'])
  await settled()
  t.same(crashes, [])
})

t.test('a commit that fails replaces a reply that was an error already: a 401, a 404, a thrown one', async (t) => {
  const { app } = await failing(undefined, (app) => {
    app.post('/code', async (request, reply) => {
      request.session.put('a', 1)
      return reply.code(401).header('www-authenticate', 'Basic').send('who?')
    })
    app.post('/throws', async (request) => {
      request.session.put('a', 1)
      throw Object.assign(new Error('who?'), { statusCode: 401 })
    })
    app.setNotFoundHandler((request, reply) => {
      request.session.put('a', 1)
      reply.code(404).send('where?')
    })
  })
  for (const url of ['/code', '/throws', '/nowhere']) {
    const reply = await app.inject({ method: 'POST', url })
    t.equal(reply.statusCode, 503, url)
    t.same(reply.json(), STORE_ERROR)
  }
})

t.test('a commit that fails replaces replies without a body: HEAD, 204, 304, and one with trailers', async (t) => {
  const { app, store } = await failing(undefined, (app) => {
    app.get('/head', async (request) => {
      request.session.put('a', 1)
      return 'body'
    })
    for (const code of [204, 304]) {
      app.get(`/${code}`, async (request, reply) => {
        request.session.put('a', 1)
        return reply.code(code).send()
      })
    }
    app.get('/trailers', async (request, reply) => {
      request.session.put('a', 1)
      return reply.trailer('x-t', async () => 'end').send('body')
    })
  })
  store.fail('create', 'before')
  const head = await app.inject({ method: 'HEAD', url: '/head' })
  t.match(head, { statusCode: 503, body: '' })
  for (const url of ['/204', '/304', '/trailers']) t.same((await app.inject(url)).json(), STORE_ERROR, url)
})

t.test('what failed is in the log with its cause, and no token', async (t) => {
  const { app, lines } = await failing()
  await app.inject({ method: 'POST', url: '/', headers: { cookie: `session=${'t'.repeat(43)}` } })
  const logged = lines.filter((line) => line.level >= 50)
  t.equal(logged.length, 1)
  t.match(JSON.stringify(logged), /connection refused/)
  t.notMatch(JSON.stringify(lines), /t{43}/)
})
