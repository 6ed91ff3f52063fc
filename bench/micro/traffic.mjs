import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import Fastify from 'fastify'
import scsSession from '../../dist/index.js'
import { onServer } from '../../test/support/databases.mjs'
import { mean } from '../runner.mjs'
import { VALUES } from '../values.mjs'

const [TIMES, WARM_UPS] = [50, 3]

/** A proxy before a port that counts what passes in each direction. */
async function startCounter(mine, target) {
  const counter = { sent: 0, received: 0 }
  const pass = (from, to, way) =>
    from
      .setNoDelay(true)
      .on('data', (chunk) => {
        counter[way] += chunk.length
        to.write(chunk)
      })
      .on('error', () => {})
      .on('close', () => to.destroy())
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1')
    pass(client, upstream, 'sent')
    pass(upstream, client, 'received')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  mine.teardown(() => server.close())
  return Object.assign(counter, server.address())
}

async function startApp(options) {
  const app = Fastify()
  await app.register(scsSession, options)
  const fill = (session, visits) => {
    for (const [key, value] of Object.entries({ ...VALUES, visits })) session.put(key, value)
  }
  const actions = {
    'first write': (session) => fill(session, 1),
    login: (session) => {
      session.renewToken()
      fill(session, 2)
    },
    read: (session) => session.get('userId'),
    write: (session) => session.update('visits', (visits) => visits + 1),
    logout: (session) => session.destroy(),
  }
  app.post('/', async ({ session, query }) => `${await actions[query.kind](session)}`)
  return { app, kinds: Object.keys(actions) }
}

/** One user, from the first write to the logout. Returns the bytes of each request, both directions. */
async function visit({ app, kinds }, counter) {
  const seen = {}
  let cookies = {}
  for (const kind of kinds) {
    const { sent, received } = counter
    const reply = await app.inject({ method: 'POST', url: '/', query: { kind }, cookies })
    if (reply.statusCode !== 200) throw new Error(`${kind}: ${reply.statusCode} ${reply.body}`)
    const [set] = reply.cookies
    if (set !== undefined) cookies = { [set.name]: set.value }
    seen[kind] = { sent: counter.sent - sent, received: counter.received - received }
  }
  return seen
}

async function measureStore(store, title, options, times) {
  return onServer(store, [], async ({ mine, port, connect }) => {
    const counter = await startCounter(mine, port)
    const made = await startApp({ store: await connect(1, counter.port), ...options })
    mine.teardown(() => made.app.close())
    const visits = []
    // In the first visits scripts and statements get known.
    for (let i = 0; i < WARM_UPS + times; i++) visits.push(await visit(made, counter))
    const meanOf = (kind, way) => Math.round(mean(visits.slice(WARM_UPS).map((seen) => seen[kind][way])))
    return made.kinds.map((kind) => ({ store, options: title, kind, sent: meanOf(kind, 'sent'), received: meanOf(kind, 'received') }))
  })
}

/** Bytes between application and database for each kind of request, TCP's own left out. */
export async function measureTraffic(share) {
  const rows = []
  for (const store of ['Redis', 'PostgreSQL', 'MariaDB']) {
    for (const [title, options] of Object.entries({ plain: {}, 'owner and idleTimeout': { owner: 'userId', idleTimeout: '30m' } }))
      rows.push(...(await measureStore(store, title, options, Math.ceil(TIMES * share))))
  }
  return rows
}
