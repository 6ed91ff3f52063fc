import Fastify from 'fastify'
import scsSession from '../../dist/index.js'
import { clients, storeOn } from '../../test/support/databases.mjs'
import { cpuTime } from '../runner.mjs'
import { VALUES } from '../values.mjs'

/** No connection is given up in a pause between two measurements. */
const CLIENT = { PostgreSQL: { max: 10, min: 10, idleTimeoutMillis: 0 } }

const none = () => ({ finds: 0, updates: 0, conflicts: 0 })

/** Counts what is asked of a store, from inside of it: for the session that all share, and for the others. */
function counting(store) {
  let counts
  let sharedKey
  const start = (key) => {
    sharedKey = key
    counts = { shared: none(), own: none() }
  }
  start()
  const of = (key) => counts[key === sharedKey ? 'shared' : 'own']
  const [find, update] = [store.find.bind(store), store.update.bind(store)]
  store.find = (key, ...rest) => {
    of(key).finds++
    return find(key, ...rest)
  }
  store.update = async (key, ...rest) => {
    const count = of(key)
    count.updates++
    const done = await update(key, ...rest)
    if (!done) count.conflicts++
    return done
  }
  return { start, counts: () => counts }
}

/** One of several servers on one database. Told which session is shared, it starts counting again; asked, it says what it counted, and its processor time so far. */
export async function serveNode({ engine, port, options }) {
  const store = await storeOn(engine, clients[engine](port, CLIENT[engine]))
  const counter = counting(store)
  const app = Fastify()
  await app.register(scsSession, { store, ...options })
  app.post('/login', async ({ session, query }) => {
    for (const [key, value] of Object.entries({ ...VALUES, userId: query.user, visits: 0 })) session.put(key, value)
    return 'ok'
  })
  app.get('/visits', async ({ session }) => String(session.get('visits')))
  app.post('/visits', async ({ session }) => {
    session.update('visits', (visits) => visits + 1)
    return 'ok'
  })
  const ask = ({ shared }) => {
    if (shared !== undefined) counter.start(shared)
    return { cpu: cpuTime(), ...counter.counts() }
  }
  await app.listen({ port: 0, host: '127.0.0.1' })
  return { port: app.server.address().port, ask }
}
