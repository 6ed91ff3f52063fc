import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { cookieOf, makeApp, setCookies, settled, watchCrashes } from '../support/app.ts'
import { SpyStore } from '../support/spy-store.ts'

const ERROR = { statusCode: 500, error: 'Internal Server Error' }

function slowStore(): SpyStore {
  const store = new SpyStore('async')
  store.gate = () => settled(4)
  return store
}

for (const [kind, makeStore] of [
  ['synchronous', () => new SpyStore('sync')],
  ['asynchronous', slowStore],
] as const) {
  t.test(`with a ${kind} store, a stream that fails before its first byte gives the error, one commit and one cookie`, async (t) => {
    const crashes = watchCrashes(t)
    const store = makeStore()
    const { app } = await makeApp({ store }, (app) => {
      app.get('/', (request, reply) => {
        request.session.put('a', 1)
        reply.send(createReadStream('/there/is/no/such/file'))
      })
    })
    const reply = await app.inject('/')
    t.match(reply.json(), { ...ERROR, code: 'ENOENT' })
    t.equal(setCookies(reply).length, 1)
    t.same(store.take(), ['create'])
    await settled()
    t.same(crashes, [])
  })

  t.test(`with a ${kind} store, a stream that fails while other hooks of onSend work does no more harm`, async (t) => {
    const crashes = watchCrashes(t)
    const store = makeStore()
    const { app } = await makeApp({ store }, (app) => {
      app.get('/', async (request) => {
        request.session.put('a', 1)
        return new Readable({
          read() {
            this.destroy(new Error('at once'))
          },
        }).resume()
      })
    })
    const reply = await app.inject('/')
    t.match(reply.json(), { ...ERROR, message: 'at once' })
    t.equal(setCookies(reply).length, 1)
    await settled()
    t.same(crashes, [])
  })

  t.test(`with a ${kind} store, an onSend hook that throws after ours: one commit, one cookie, the error`, async (t) => {
    const store = makeStore()
    const { app } = await makeApp({ store }, (app) => {
      app.addHook('onSend', async (_request, reply) => {
        if (reply.statusCode === 200) throw new Error('from a hook')
      })
      counter(app)
    })
    const reply = await app.inject('/')
    t.match(reply.json(), { ...ERROR, message: 'from a hook' })
    t.equal(setCookies(reply).length, 1)
    t.equal(reply.headers['vary'], 'Cookie')
    t.same(store.take(), ['create'])
    const next = await app.inject({ url: '/', cookies: { session: cookieOf(reply) ?? '' } })
    t.equal(next.statusCode, 500)
    t.same(store.take(), ['find', 'update'])
    t.same(setCookies(next), [])
  })

  t.test(`with a ${kind} store, an onSend hook that throws twice after ours: one commit still`, async (t) => {
    const store = makeStore()
    const { app } = await makeApp({ store }, (app) => {
      app.addHook('onSend', async () => {
        throw new Error('from a hook')
      })
      counter(app)
    })
    const reply = await app.inject('/')
    t.match(reply.json(), { ...ERROR, message: 'from a hook' })
    t.equal(setCookies(reply).length, 1)
    t.same(store.take(), ['create'])
  })

  t.test(`with a ${kind} store, the empty reply to an error after the save is sent`, async (t) => {
    const { app } = await makeApp({ store: makeStore() }, (app) => {
      app.setErrorHandler((_error, _request, reply) => void reply.code(502).send())
      app.addHook('onSend', async (_request, reply) => {
        if (reply.statusCode === 200) throw new Error('from a hook')
      })
      counter(app)
    })
    const reply = await app.inject('/')
    t.match(reply, { statusCode: 502, body: '' })
    t.equal(setCookies(reply).length, 1)
  })

  t.test(`with a ${kind} store, an onSend hook that throws before ours saves nothing: the request failed`, async (t) => {
    const store = makeStore()
    const early = (app: FastifyInstance) =>
      app.addHook('onSend', async (_request, reply) => {
        if (reply.statusCode === 200) throw new Error('from a hook')
      })
    const { app } = await makeApp({ store }, counter, {}, early)
    const reply = await app.inject('/')
    t.match(reply.json(), { ...ERROR, message: 'from a hook' })
    t.same(setCookies(reply), [])
    t.same(store.take(), [])
  })
}

t.test('an async handler that sends and then throws gets one reply, which is not a mixture of two', async (t) => {
  const crashes = watchCrashes(t)
  const store = slowStore()
  const { app } = await makeApp({ store }, (app) => {
    app.get('/', async (request, reply) => {
      request.session.put('a', 1)
      reply.send('body')
      throw new Error('after it sent')
    })
  })
  const reply = await app.inject('/')
  if (reply.statusCode === 200) t.equal(reply.body, 'body')
  else t.match(reply.body, JSON.stringify({ ...ERROR, message: 'after it sent' }))
  t.equal(setCookies(reply).length, 1)
  t.same(store.take(), ['create'])
  await settled()
  t.same(crashes, [])
})

t.test('a stream whose reply an error takes over is closed', async (t) => {
  const crashes = watchCrashes(t)
  const body = Readable.from(['never read'])
  const { app } = await makeApp({ store: slowStore() }, (app) => {
    app.get('/', async (request, reply) => {
      request.session.put('a', 1)
      reply.send(body)
      throw new Error('after it sent')
    })
  })
  const reply = await app.inject('/')
  t.match(reply.json(), { ...ERROR, message: 'after it sent' })
  t.ok(body.destroyed)
  await settled()
  t.same(crashes, [])
})

function counter(app: FastifyInstance): void {
  app.get('/', async (request) => {
    request.session.update('visits', (visits) => Number(visits ?? 0) + 1)
    return 'body'
  })
}
