import { setTimeout as sleep } from 'node:timers/promises'
import mysql from 'mysql2/promise'
import type { Test } from 'tap'
import { MysqlStore, type MysqlStoreOptions } from '../../stores/mysql.ts'
import { useMysql } from './servers/mysql.ts'
import { dropTable, type SqlTestDatabase, type SqlTestPool, tableName } from './sql.ts'

/** MySQL or MariaDB, for the tests that both SQL stores share. */
export function mysqlDatabase(t: Test, url: string): SqlTestDatabase {
  const main = openMysql(t, { uri: url, connectionLimit: 4 })
  const query: SqlTestDatabase['query'] = async (sql, values = []) => {
    const [rows] = await main.query({ sql, values: [...values], rowsAsArray: true })
    return Array.isArray(rows) ? (rows as unknown[][]) : []
  }
  return {
    name: 'MysqlStore',
    pool: (t, connectionLimit) => testPool(openMysql(t, { uri: url, connectionLimit })),
    async limitedPool(t, tables) {
      const user = `limited_${process.pid}`
      await main.query(`CREATE USER ${user}`)
      t.teardown(() => main.query(`DROP USER ${user}`))
      for (const table of tables) await main.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ${table} TO ${user}`)
      return testPool(openMysql(t, { uri: url.replace('root@', `${user}@`), connectionLimit: 2 }))
    },
    query,
    quoted: (table) => `\`${table.replace('.', '`.`')}\``,
    async lock(table, where) {
      const connection = await main.getConnection()
      await connection.query('START TRANSACTION')
      await connection.query(`SELECT 1 FROM \`${table}\` WHERE ${where} FOR UPDATE`)
      return async (last = 'SELECT 1') => {
        await connection.query(last)
        await connection.query('COMMIT')
        connection.release()
      }
    },
    async untilWaiting(table) {
      const text = "SELECT 1 FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT' AND trx_query LIKE ?"
      // Whoever asks more often is told what was so before.
      while ((await query(text, [`%${table}%`])).length === 0) await sleep(200)
    },
    scsTable: [
      'CREATE TABLE % (token CHAR(43) PRIMARY KEY, data BLOB NOT NULL, expiry TIMESTAMP(6) NOT NULL)',
      'CREATE INDEX %_expiry_idx ON % (expiry)',
    ],
    scsCommit: 'INSERT INTO % (token, data, expiry) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE data = VALUES(data), expiry = VALUES(expiry)',
    scsFind: 'SELECT data FROM % WHERE token = ? AND UTC_TIMESTAMP(6) < expiry',
    // Go's driver writes the parts of the time that it is given, which SCS gives in UTC.
    scsExpiry: (moment) => new Date(moment).toISOString().replace('T', ' ').replace('Z', '789'),
    inSeconds: (seconds) => `TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6) + INTERVAL ${seconds} SECOND) DIV 1000`,
    migrating: (table) => `
      import mysql from 'mysql2/promise'
      import { MysqlStore } from '../../stores/mysql.js'
      const pool = mysql.createPool('${url}')
      await new MysqlStore(pool, { table: '${table}' }).migrate()
      await pool.end()`,
  }
}

/** A pool that is closed with the test, whatever becomes then of a connection that is being opened. */
export function openMysql(t: Test, options: mysql.PoolOptions): mysql.Pool {
  const pool = mysql.createPool(options)
  t.teardown(() => pool.end().catch(() => {}))
  return pool
}

function testPool(pool: mysql.Pool): SqlTestPool {
  const sent: string[] = []
  let opened = 0
  pool.pool.on('connection', (connection) => {
    opened++
    for (const method of ['query', 'execute'] as const) {
      const original = connection[method].bind(connection) as (...values: unknown[]) => unknown
      const spy = (options: { sql: string } | string, ...rest: unknown[]) => {
        sent.push(typeof options === 'string' ? options : options.sql)
        return original(options, ...rest)
      }
      Object.assign(connection, { [method]: spy })
    }
  })
  return {
    store: (options) => new MysqlStore(pool, options),
    async take() {
      const connection = await pool.getConnection()
      return () => connection.release()
    },
    opened: () => opened,
    prepared: async () => {
      const [rows] = await pool.query({ sql: "SHOW SESSION STATUS LIKE 'Com_stmt_prepare'", rowsAsArray: true })
      return Number((rows as unknown[][])[0]?.[1])
    },
    sent: () => sent.splice(0),
  }
}

/** A MySQL or MariaDB, pools of two processes, and stores with tables of their own. */
export async function mysqlSite(t: Test) {
  const url = await useMysql(t)
  const database = mysqlDatabase(t, url)
  const pool = openMysql(t, { uri: url, connectionLimit: 20 })
  /** As another process would have it. */
  const otherPool = openMysql(t, { uri: url, connectionLimit: 10 })
  async function made(client: ConstructorParameters<typeof MysqlStore>[0], options: MysqlStoreOptions) {
    const table = tableName()
    const store = new MysqlStore(client, { table, ...options })
    await store.migrate()
    return { store, table }
  }
  async function given(t: Test, client: ConstructorParameters<typeof MysqlStore>[0], options: MysqlStoreOptions = {}) {
    const { store, table } = await made(client, options)
    t.teardown(() => dropTable(database, table))
    return { store, table }
  }
  /** What the conformance suite asks for. */
  async function subject(client: mysql.Pool | mysql.Connection, options: MysqlStoreOptions = {}) {
    const { store, table } = await made(client, options)
    return { store, second: () => new MysqlStore(otherPool, { table }), close: async () => void (await dropTable(database, table)) }
  }
  return { url, database, pool, otherPool, given, subject }
}
