import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { connect as connectH2 } from 'node:http2'
import { type AddressInfo, connect } from 'node:net'
import { Readable } from 'node:stream'
import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import scsSession from '../../index.ts'
import { listen, makeApp, settled, watchCrashes } from '../support/app.ts'
import { SpyStore } from '../support/spy-store.ts'

/** A promise with its key outside. */
function latch(): { readonly opened: Promise<void>; open(): void } {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open: () => open() }
}

for (const mode of ['sync', 'async'] as const) {
  t.test(`a handler that goes on after its time is up meets FST_ERR_SCS_COMMITTED, and nothing crashes (${mode} store)`, async (t) => {
    const crashes = watchCrashes(t)
    const store = new SpyStore(mode)
    const late: unknown[] = []
    const answered = latch()
    const done = latch()
    const { app } = await makeApp({ store }, (app) => {
      app.get('/', { handlerTimeout: 20 }, async (request) => {
        request.session.put('before', 1)
        await answered.opened
        for (const use of [() => request.session.put('after', 1), () => request.session.destroy(), () => request.session.commit()]) {
          late.push(await (async () => use())().catch((error: { code: string }) => error.code))
        }
        late.push(request.session.get('before'))
        done.open()
        request.session.put('after', 1)
      })
    })
    const base = await listen(t, app)
    const reply = await fetch(base)
    t.match(await reply.json(), { statusCode: 503, code: 'FST_ERR_HANDLER_TIMEOUT' })
    t.same(reply.headers.getSetCookie(), [])
    answered.open()
    await done.opened
    t.same(late, ['FST_ERR_SCS_COMMITTED', 'FST_ERR_SCS_COMMITTED', 'FST_ERR_SCS_COMMITTED', 1])
    t.same(store.take(), [], 'the request failed, so nothing is saved')
    await settled()
    t.same(crashes, [])
  })

  t.test(`a client that leaves during the handler does no harm, and what the handler saved holds (${mode} store)`, async (t) => {
    const crashes = watchCrashes(t)
    const store = new SpyStore(mode)
    const entered = latch()
    const left = latch()
    const { app } = await makeApp({ store }, (app) => {
      app.addHook('onRequest', async (request) => void request.raw.socket.once('close', left.open))
      app.route({
        method: ['GET', 'POST'],
        url: '/',
        handler: async (request) => {
          entered.open()
          await left.opened
          request.session.put('a', 1)
          return 'body'
        },
      })
    })
    const base = await listen(t, app)
    const { token } = await app.sessions.create({ user: 'u' })
    for (const method of ['GET', 'POST']) {
      store.take()
      const client = httpRequest(base, { method, headers: { cookie: `session=${token}` } })
      client.on('error', () => {})
      client.end(method === 'POST' ? 'a body' : undefined)
      await entered.opened
      client.destroy()
      await left.opened
      await settled()
    }
    t.same((await app.sessions.find(token))?.data(), { user: 'u', a: 1 })
    t.same(crashes, [])
  })
}

t.test('a stream that fails in the middle, and a client that leaves there: one commit, no crash, and the stream is closed', async (t) => {
  const crashes = watchCrashes(t)
  const store = new SpyStore('async')
  const endless = new Readable({ read() {} })
  const routes = (app: FastifyInstance) => {
    app.get('/endless', async (request) => {
      request.session.put('a', 1)
      endless.push('first ')
      return endless
    })
    app.get('/fails', async (request) => {
      request.session.put('a', 1)
      return Readable.from(
        (async function* () {
          yield 'first '
          await settled(3)
          throw new Error('in the middle')
        })(),
      )
    })
  }
  const { app } = await makeApp({ store }, routes, { forceCloseConnections: true })
  const base = await listen(t, app)
  const failed = await fetch(`${base}/fails`)
  t.equal(failed.status, 200)
  t.equal(failed.headers.getSetCookie().length, 1)
  await t.rejects(failed.text())
  t.same(store.take(), ['create'])

  const controller = new AbortController()
  const left = await fetch(`${base}/endless`, { signal: controller.signal })
  t.equal(left.headers.getSetCookie().length, 1)
  controller.abort()
  await once(endless, 'close')
  t.same(store.take(), ['create'])
  await settled()
  t.same(crashes, [])
})

t.test('the time-out of a connection during the handler does no harm', async (t) => {
  const crashes = watchCrashes(t)
  const store = new SpyStore('async')
  const left = latch()
  const sent = latch()
  const { app } = await makeApp(
    { store },
    (app) => {
      app.addHook('onTimeout', async () => left.open())
      app.addHook('onSend', async () => sent.open())
      app.get('/', async (request) => {
        request.session.put('a', 1)
        await left.opened
        return 'body'
      })
    },
    { connectionTimeout: 1000 },
  )
  await listen(t, app)
  const { port } = app.server.address() as AddressInfo
  const socket = connect(port, '127.0.0.1').on('error', () => {})
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  socket.resume()
  await once(socket, 'close')
  await sent.opened
  await settled()
  t.same(store.take(), ['create'])
  t.same(crashes, [])
})

t.test('HTTP/2: the session is saved, the cookie sent once, and found again in a Cookie header that came in pieces', async (t) => {
  const crashes = watchCrashes(t)
  for (const mode of ['sync', 'async'] as const) {
    const store = new SpyStore(mode)
    const app = Fastify({ http2: true })
    await app.register(scsSession, { store })
    app.get('/', async (request) => {
      request.session.update('visits', (visits) => Number(visits ?? 0) + 1)
      return String(request.session.get('visits'))
    })
    app.get('/fails', async (request) => {
      request.session.put('a', 1)
      return Readable.from(['body'])
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    const client = connectH2(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}`)
    const get = async (path: string, cookie?: string[]) => {
      const stream = client.request({ ':path': path, ...(cookie ? { cookie } : {}) })
      const [headers] = (await once(stream, 'response')) as [Record<string, string | string[]>]
      return { headers, body: await new Response(Readable.toWeb(stream) as ReadableStream).text() }
    }
    const first = await get('/')
    t.equal(first.body, '1')
    t.equal(first.headers['vary'], 'Cookie')
    t.equal([first.headers['set-cookie']].flat().length, 1)
    const cookie = String(first.headers['set-cookie']).split(';')[0] ?? ''
    const second = await get('/', ['a=1', cookie, 'b=2'])
    t.equal(second.body, '2')
    t.equal(second.headers['set-cookie'], undefined)
    t.same(store.take(), ['create', 'find', 'update'])

    store.fail('create', 'before')
    const failed = await get('/fails')
    t.equal(Number(failed.headers[':status']), 503)
    t.match(JSON.parse(failed.body), { code: 'FST_ERR_SCS_STORE' })
    t.equal(failed.headers['set-cookie'], undefined)
    client.close()
    await app.close()
  }
  t.same(crashes, [])
})
