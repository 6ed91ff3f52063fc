import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { Test } from 'tap'
import { PostgresStore } from '../../stores/postgres.ts'
import { usePostgres } from './servers/postgres.ts'
import { dropTable, type SqlTestDatabase, type SqlTestPool, tableName } from './sql.ts'

/** How an application may have values read. */
const types = { getTypeParser: () => () => 'not what it was' }
/** Everything that an application may have set, so that it does not matter. */
export const ODD = {
  max: 20,
  binary: true,
  options:
    '-c default_transaction_isolation=serializable -c timezone=Asia/Kathmandu -c datestyle=German,DMY -c bytea_output=escape -c intervalstyle=sql_standard -c extra_float_digits=-15',
  types,
}

/** PostgreSQL, for the tests that both SQL stores share. */
export function postgresDatabase(t: Test, url: string): SqlTestDatabase {
  const main = openPostgres(t, { connectionString: url, max: 4 })
  return {
    name: 'PostgresStore',
    pool: (t, max) => testPool(openPostgres(t, { connectionString: url, max })),
    async limitedPool(t, tables) {
      const role = `limited_${process.pid}`
      await main.query(`CREATE ROLE ${role} LOGIN`)
      t.teardown(() => main.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`))
      for (const table of tables) await main.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ${table} TO ${role}`)
      const limited = new URL(url)
      limited.username = role
      return testPool(openPostgres(t, { connectionString: String(limited), max: 2 }))
    },
    query: async (text, values = []) => (await main.query({ text, values: [...values], rowMode: 'array' })).rows,
    quoted: (table) => `"${table.replace('.', '"."')}"`,
    async lock(table, where) {
      const client = await main.connect()
      await client.query(`BEGIN; SELECT FROM "${table}" WHERE ${where} FOR UPDATE`)
      return async (last = 'SELECT 1') => {
        await client.query(last)
        await client.query('COMMIT')
        client.release()
      }
    },
    async untilWaiting(table) {
      const text = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE $1"
      while ((await main.query(text, [`%${table}%`])).rows.length === 0) await sleep(5)
    },
    scsTable: [
      'CREATE TABLE % (token TEXT PRIMARY KEY, data BYTEA NOT NULL, expiry TIMESTAMPTZ NOT NULL)',
      'CREATE INDEX %_expiry_idx ON % (expiry)',
    ],
    scsCommit: `INSERT INTO % (token, data, expiry) VALUES ($1, $2, $3)
      ON CONFLICT (token) DO UPDATE SET data = EXCLUDED.data, expiry = EXCLUDED.expiry`,
    scsFind: 'SELECT data FROM % WHERE token = $1 AND current_timestamp < expiry',
    scsExpiry: (moment) => new Date(moment),
    inSeconds: (seconds) => `now() + interval '${seconds} seconds'`,
    migrating: (table) => `
      import pg from 'pg'
      import { PostgresStore } from '../../stores/postgres.js'
      const pool = new pg.Pool({ connectionString: '${url}' })
      await new PostgresStore(pool, { table: '${table}' }).migrate()
      await pool.end()`,
  }
}

/** A pool that is closed with the test, and keeps quiet when a server goes away. */
export function openPostgres(t: Test, config: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool({ connectionTimeoutMillis: 60_000, ...config })
  pool.on('error', () => {})
  t.teardown(() => pool.end())
  return pool
}

function testPool(pool: pg.Pool): SqlTestPool {
  const sent: string[] = []
  let opened = 0
  pool.on('connect', (client) => {
    opened++
    const query = client.query.bind(client) as (...values: unknown[]) => unknown
    const spy = (config: { text: string }, ...rest: unknown[]) => {
      sent.push(config.text)
      return query(config, ...rest)
    }
    Object.assign(client, { query: spy })
  })
  return {
    store: (options) => new PostgresStore(pool, options),
    async take() {
      const client = await pool.connect()
      return () => client.release()
    },
    opened: () => opened,
    prepared: async () => (await pool.query('SELECT FROM pg_prepared_statements')).rows.length,
    sent: () => sent.splice(0),
  }
}

/** A PostgreSQL, pools of two processes, and stores with tables of their own. */
export async function postgresSite(t: Test) {
  const url = await usePostgres(t)
  const database = postgresDatabase(t, url)
  const pool = openPostgres(t, { connectionString: url, max: 20 })
  /** As another process would have it. */
  const otherPool = openPostgres(t, { connectionString: url, max: 10 })
  async function connected(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    return client
  }
  async function made(client: pg.Pool | pg.Client) {
    const table = tableName()
    const store = new PostgresStore(client, { table })
    await store.migrate()
    return { store, table }
  }
  async function given(client: pg.Pool | pg.Client) {
    const { store, table } = await made(client)
    t.teardown(() => dropTable(database, table))
    return { store, table }
  }
  /** What the conformance suite asks for. */
  async function subject(client: pg.Pool) {
    const { store, table } = await made(client)
    return { store, second: () => new PostgresStore(otherPool, { table }), close: async () => void (await dropTable(database, table)) }
  }
  return { url, database, pool, otherPool, connected, given, subject }
}
