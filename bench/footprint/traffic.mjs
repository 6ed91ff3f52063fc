import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import Fastify from 'fastify'
import { VALUES } from '../cases.mjs'

const TIMES = 50

/** A proxy before a port that counts what passes in each direction. */
async function startCounter(mine, target) {
  const counter = { port: 0, sent: 0, received: 0 }
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1')
    pass(client, upstream, (bytes) => {
      counter.sent += bytes
    })
    pass(upstream, client, (bytes) => {
      counter.received += bytes
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  counter.port = server.address().port
  mine.teardown(() => server.close())
  return counter
}

function pass(from, to, count) {
  from.setNoDelay(true)
  from.on('data', (chunk) => {
    count(chunk.length)
    to.write(chunk)
  })
  from.on('error', () => {})
  from.on('close', () => to.destroy())
}

async function startApp(scsSession, options) {
  const app = Fastify()
  await app.register(scsSession, options)
  const fill = (session, visits) => {
    for (const [key, value] of Object.entries({ ...VALUES, visits })) session.put(key, value)
    return 'ok'
  }
  app.post('/first', async ({ session }) => fill(session, 1))
  app.post('/login', async ({ session }) => {
    session.renewToken()
    return fill(session, 2)
  })
  app.get('/read', async ({ session }) => session.get('userId'))
  app.post('/write', async ({ session }) => {
    session.update('visits', (visits) => visits + 1)
    return 'ok'
  })
  app.post('/logout', async ({ session }) => {
    await session.destroy()
    return 'ok'
  })
  return app
}

/** One user: his first write, a log-in with a new token, a read, a write, a log-out. Gives the bytes of each, both directions. */
async function round(app, counter) {
  const seen = {}
  let cookies = {}
  for (const [kind, method, url] of [
    ['first write', 'POST', '/first'],
    ['log-in', 'POST', '/login'],
    ['read', 'GET', '/read'],
    ['write', 'POST', '/write'],
    ['log-out', 'POST', '/logout'],
  ]) {
    const { sent, received } = counter
    const reply = await app.inject({ method, url, cookies })
    if (reply.statusCode !== 200) throw new Error(`${kind}: ${reply.statusCode} ${reply.body}`)
    const [set] = reply.cookies
    if (set !== undefined) cookies = { [set.name]: set.value }
    seen[kind] = { sent: counter.sent - sent, received: counter.received - received }
  }
  return seen
}

const mean = (numbers) => Math.round(numbers.reduce((a, b) => a + b, 0) / numbers.length)

async function measureStore({ startDatabase, databaseOf }, name, options, scsSession, owner) {
  const mine = owner()
  try {
    const engine = databaseOf(name)
    const server = await startDatabase(mine, engine)
    const counter = await startCounter(mine, server.port)
    const app = await startApp(scsSession, { store: await engine.connect(mine, counter.port, 1), ...options })
    mine.teardown(() => app.close())
    // Scripts and statements are known by then.
    for (let i = 0; i < 3; i++) await round(app, counter)
    const rounds = []
    for (let i = 0; i < TIMES; i++) rounds.push(await round(app, counter))
    const kinds = Object.keys(rounds[0])
    const meanOf = (kind, way) => mean(rounds.map((seen) => seen[kind][way]))
    return kinds.map((kind) => ({ kind, sent: meanOf(kind, 'sent'), received: meanOf(kind, 'received') }))
  } finally {
    await mine.end()
  }
}

/** Bytes between application and database for each kind of request, TCP's own left out. */
export async function measureTraffic(loaded, owner) {
  const { default: scsSession } = await import('../../build/index.js')
  const rows = []
  for (const store of ['Redis', 'PostgreSQL', 'MariaDB']) {
    for (const [title, options] of [
      ['plain', {}],
      ['owner and idleTimeout', { owner: 'userId', idleTimeout: '30m' }],
    ]) {
      rows.push({ store, options: title, kinds: await measureStore(loaded, store, options, scsSession, owner) })
    }
  }
  return rows
}
