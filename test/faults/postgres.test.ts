import pg from 'pg'
import t from 'tap'
import { PostgresStore } from '../../stores/postgres.ts'
import { cutsInReplies } from '../support/faults/cuts.ts'
import { databaseOf } from '../support/faults/databases.ts'
import { isolation } from '../support/faults/isolation.ts'
import { blackHole, exhaustedPool, killedInTraffic, resetInTraffic } from '../support/faults/outages.ts'
import { silentConnecting, silentLoss, silentSingle } from '../support/faults/silence.ts'
import { LIMIT } from '../support/limit.ts'
import { openPostgres } from '../support/sql-postgres.ts'

t.setTimeout(LIMIT)

const database = databaseOf('PostgreSQL')
const USER = { host: '127.0.0.1', user: 'postgres', database: 'postgres' }

t.test('a connection reset after any number of bytes of a reply', (t) => cutsInReplies(t, database))
t.test('the server killed and started again in mid-traffic', (t) => killedInTraffic(t, database))
t.test('all connections reset in mid-traffic', (t) => resetInTraffic(t, database))
t.test('a server that accepts and never answers', (t) => blackHole(t, database))
t.test('3,000 requests of 200 users over a bad network', (t) => isolation(t, database))
t.test('a pool that is in use elsewhere', (t) =>
  exhaustedPool(t, database, async (port) => {
    const client = new pg.Client({ port, ...USER })
    await client.connect()
    await client.query('BEGIN; LOCK TABLE sessions IN ACCESS EXCLUSIVE MODE')
    return async () => {
      await client.query('COMMIT')
      await client.end()
    }
  }),
)
t.test('all connections of a pool go silent at once', (t) => silentLoss(t, database, (t, port) => database.connect(t, port)))
t.test('the only connection of a pool goes silent', (t) => silentLoss(t, database, (t, port) => database.connect(t, port, 1)))
t.test('a single client goes silent', (t) =>
  silentSingle(t, database, async (t, port) => {
    const client = new pg.Client({ port, ...USER })
    client.on('error', () => {})
    await client.connect()
    t.teardown(() => client.end())
    return new PostgresStore(client)
  }),
)
t.test('a server that is silent while connections are opened', (t) =>
  silentConnecting(t, database, (t, port) => new PostgresStore(openPostgres(t, { port, ...USER, connectionTimeoutMillis: 1000 }))),
)
