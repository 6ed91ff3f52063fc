import type { Socket } from 'node:net'
import mysql from 'mysql2'
import t from 'tap'
import { MysqlStore } from '../../stores/mysql.ts'
import { PostgresStore } from '../../stores/postgres.ts'
import { settled, watchCrashes } from '../support/app.ts'
import { LIMIT } from '../support/limit.ts'
import { mysqlSite } from '../support/sql-mysql.ts'
import { postgresSite } from '../support/sql-postgres.ts'

t.setTimeout(LIMIT)

const WANT = { expiry: true }
/** Resolves when a connection is lost, and what its driver does about that has happened. */
const lost = (stream: Socket) => new Promise((resolve) => stream.prependOnceListener('close', resolve)).then(() => settled())

t.test('a single client of PostgreSQL that is lost while it is idle does not end the process', async (t) => {
  const { pool, connected, given } = await postgresSite(t)
  const crashes = watchCrashes(t)
  const client = await connected()
  const { store, table } = await given(client)
  const [{ pid } = {}] = (await client.query('SELECT pg_backend_pid() AS pid')).rows
  const losing = lost((client as unknown as { connection: { stream: Socket } }).connection.stream)
  await pool.query('SELECT pg_terminate_backend($1)', [pid])
  await losing
  await t.rejects(store.find('key', WANT))
  t.strictSame(crashes, [])
  new PostgresStore(client, { table })
  t.equal(client.listenerCount('error'), 1)
})

t.test('a single connection of MySQL that is lost while it is idle does not end the process', async (t) => {
  const { url, pool, given } = await mysqlSite(t)
  const crashes = watchCrashes(t)
  const connection = mysql.createConnection(url)
  const { store, table } = await given(t, connection)
  const losing = lost((connection as unknown as { stream: Socket }).stream)
  await pool.query(`KILL ${connection.threadId}`)
  await losing
  await t.rejects(store.find('key', WANT))
  t.strictSame(crashes, [])
  new MysqlStore(connection, { table })
  t.equal(connection.listenerCount('error'), 1)
})
