import mysql from 'mysql2/promise'
import t from 'tap'
import { MysqlStore } from '../../stores/mysql.ts'
import { cutsInReplies } from '../support/faults/cuts.ts'
import { databaseOf } from '../support/faults/databases.ts'
import { isolation } from '../support/faults/isolation.ts'
import { blackHole, exhaustedPool, killedInTraffic, resetInTraffic } from '../support/faults/outages.ts'
import { behindProxy, silentConnecting, silentLoss, silentSingle, untilRecovered } from '../support/faults/silence.ts'
import { LIMIT } from '../support/limit.ts'
import { openMysql } from '../support/sql-mysql.ts'

t.setTimeout(LIMIT)

const database = databaseOf('MariaDB')
const USER = { host: '127.0.0.1', user: 'root', database: 'test' }

t.test('a connection reset after any number of bytes of a reply', (t) => cutsInReplies(t, database))
t.test('the server killed and started again in mid-traffic', (t) => killedInTraffic(t, database))
t.test('all connections reset in mid-traffic', (t) => resetInTraffic(t, database))
t.test('a server that accepts and never answers', (t) => blackHole(t, database))
t.test('3,000 requests of 200 users over a bad network', (t) => isolation(t, database))
t.test('a pool that is in use elsewhere', (t) =>
  exhaustedPool(t, database, async (port) => {
    const connection = await mysql.createConnection({ port, ...USER })
    await connection.query('LOCK TABLES sessions WRITE')
    return async () => {
      await connection.query('UNLOCK TABLES')
      await connection.end()
    }
  }),
)
t.test('all connections of a pool go silent at once', (t) => silentLoss(t, database, (t, port) => database.connect(t, port)))
t.test('the only connection of a pool goes silent', (t) => silentLoss(t, database, (t, port) => database.connect(t, port, 1)))
t.test('a single connection goes silent', (t) =>
  silentSingle(t, database, async (t, port) => {
    const connection = await mysql.createConnection({ port, ...USER })
    connection.on('error', () => {})
    t.teardown(() => connection.destroy())
    return new MysqlStore(connection)
  }),
)
t.test('a server that is silent while connections are opened', (t) =>
  silentConnecting(t, database, (t, port) => new MysqlStore(openMysql(t, { port, ...USER, connectTimeout: 1000 }))),
)
t.test(
  'the connection of the very first statement goes silent: nobody else waits for it, and it is looked at the server again',
  async (t) => {
    let pool: mysql.Pool | undefined
    const { store, proxy, site } = await behindProxy(t, database, (t, port) => {
      pool = openMysql(t, { port, ...USER })
      return new MysqlStore(pool)
    })
    await pool?.query('SELECT 1')
    proxy.freeze('both')
    const first = store.find('key', { expiry: false }, Date.now() + 60_000)
    const refused = t.rejects(async () => first)
    await t.resolves(async () => store.find('key', { expiry: false }, Date.now() + 30_000), 'another verb has a connection of its own')
    proxy.freeze('both')
    await t.rejects(async () => store.find('key', { expiry: false }, Date.now() + 50), /did not answer/)
    await untilRecovered(t, site, 'x'.repeat(43))
    proxy.reset()
    await refused
  },
)
