import { setTimeout as sleep } from 'node:timers/promises'
import fastifyCookie from '@fastify/cookie'
import fastifySession, { Store } from '@fastify/session'
import fastify from 'fastify'
import scsSession, { MemoryStore } from '../../dist/index.js'
import { requestBytes, Wire } from '../../test/support/wire.mjs'
import { inLanes } from '../runner.mjs'
import { SECRET, VALUES } from '../values.mjs'
import { keyOf, PlainMap, recordOf } from './data.mjs'

const KEY = 43
const CLIENTS = 10

/** What is kept, once everything is gone that is not. */
async function used() {
  for (let i = 0; i < 4; i++) {
    globalThis.gc()
    await sleep(20)
  }
  const { heapUsed, external, rss } = process.memoryUsage()
  return { heap: heapUsed + external, rss }
}

const STORES = {
  MemoryStore: (size) => new MemoryStore({ maxSessions: size }),
  Map: () => new PlainMap(),
}

/** Bytes a session: the whole, and what is above payload and key. */
export async function ofStore({ kind, size, owned }) {
  // Whatever is made once is made now.
  STORES[kind](1).create(keyOf(0), recordOf(0, owned))
  const before = await used()
  const store = STORES[kind](size)
  let payload = 0
  for (let i = 0; i < size; i++) {
    const record = recordOf(i, owned)
    payload += record.data.length + KEY + (owned ? record.owner.length : 0)
    store.create(keyOf(i), record)
  }
  const after = await used()
  if (store.count() !== size) throw new Error(`${kind} holds ${store.count()} of ${size}`)
  const heap = (after.heap - before.heap) / size
  const rssAbove = (after.rss - before.rss - payload) / size
  return { kind, size, owned, payload: payload / size, heap, above: heap - payload / size, rssAbove }
}

const PLUGINS = {
  async 'fastify-scs'(app) {
    await app.register(scsSession, { cookie: { secure: false } })
    return { put: ({ session }, key, value) => session.put(key, value), count: () => app.sessions.count() }
  },
  async '@fastify/session'(app) {
    const store = new Store()
    await app.register(fastifyCookie)
    await app.register(fastifySession, { secret: SECRET, store, cookie: { secure: false, maxAge: 86_400_000 } })
    return { put: (request, key, value) => request.session.set(key, value), count: () => store.store.size }
  },
}

/** Bytes that each request leaves behind, by real HTTP: from strangers without a cookie, or from users that log in. */
export async function ofPlugin({ kind, requests, loggedIn }) {
  const app = fastify()
  const { put, count } = await PLUGINS[kind](app)
  app.get('/', async () => 'hello')
  app.get('/login', async (request) => {
    for (const [key, value] of Object.entries(VALUES)) put(request, key, value)
    return 'hello'
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const bytes = requestBytes('GET', loggedIn ? '/login' : '/')
  const wires = await Promise.all(Array.from({ length: CLIENTS }, () => Wire.open(app.server.address().port)))
  const visit = (visits) =>
    inLanes(CLIENTS, visits, async (i, lane) => {
      const { status } = await wires[lane].send(bytes)
      if (status !== 200) throw new Error(`status ${status} at request ${i}`)
    })
  await visit(500)
  const [before, kept] = [await used(), await count()]
  await visit(requests)
  const [after, now] = [await used(), await count()]
  for (const wire of wires) wire.close()
  await app.close()
  const each = (name) => (after[name] - before[name]) / requests
  return { kind, loggedIn, requests, sessions: now - kept, heap: each('heap'), rss: each('rss') }
}
