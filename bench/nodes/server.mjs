// One of several servers on one database: `node server.mjs <engine> <port> <options>`. Says its port to the process that started it, and ends with it.
import Fastify from 'fastify'
import { Redis } from 'ioredis'
import pg from 'pg'
import scsSession from '../../dist/index.js'
import { PostgresStore } from '../../dist/stores/postgres.js'
import { RedisStore } from '../../dist/stores/redis.js'
import { VALUES } from '../cases.mjs'
import { counting } from './counting.mjs'

const connect = {
  redis: (port) => new RedisStore(new Redis({ host: '127.0.0.1', port })),
  // No connection is given up in a pause between two measurements.
  postgres: (port) =>
    new PostgresStore(
      new pg.Pool({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres', max: 10, min: 10, idleTimeoutMillis: 0 }),
    ),
}

const [engine, databasePort, options] = process.argv.slice(2)
const { store, counts, start } = counting(connect[engine](Number(databasePort)))
const app = Fastify()
await app.register(scsSession, { store, ...JSON.parse(options) })

app.post('/login', async ({ session, query }) => {
  for (const [key, value] of Object.entries({ ...VALUES, userId: query.user, visits: 0 })) session.put(key, value)
  return 'ok'
})
app.get('/visits', async ({ session }) => String(session.get('visits')))
app.post('/visits', async ({ session }) => {
  session.update('visits', (visits) => visits + 1)
  return 'ok'
})

/** Told which session is shared it counts anew; asked, it says what it counted, and its processor time so far in microseconds. */
process.on('message', ({ shared }) => {
  if (shared !== undefined) start(shared)
  const { user, system } = process.cpuUsage()
  process.send({ cpu: user + system, counts })
})
process.once('disconnect', () => process.exit())
await app.listen({ port: 0, host: '127.0.0.1' })
process.send({ port: app.server.address().port })
