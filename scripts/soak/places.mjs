import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Where the sessions of a store live: what the application needs to get there, the proxy between where there is one, and `rows`, by which the
 * rows are counted past the application: `all` of them, traces and indexes included, and the `sessions` among them, expired or not.
 */
export async function openPlace(name, owner) {
  return await places[name](owner)
}

const places = {
  /** The application counts. */
  memory: () => ({}),

  async lmdb(owner) {
    const folder = mkdtempSync(join(tmpdir(), 'scs-soak-'))
    owner.teardown(() => rmSync(folder, { recursive: true, force: true }))
    const path = join(folder, 'sessions')
    return { place: { path }, rows: await lmdbRows(path, owner), disk: () => sizeOf(join(path, 'data.mdb')) }
  },

  async sqlite(owner) {
    const folder = mkdtempSync(join(tmpdir(), 'scs-soak-'))
    owner.teardown(() => rmSync(folder, { recursive: true, force: true }))
    const path = join(folder, 'sessions.db')
    const { betterSqlite3, own } = await import('../../build/test/support/sqlite.js')
    if (own.name === 'better-sqlite3') betterSqlite3()
    let database
    owner.teardown(() => database?.close())
    const rows = async () => {
      database ??= own.open(path)
      return numbers(database.prepare(COUNT).get())
    }
    return { place: { path }, rows, disk: () => sizeOf(path) }
  },

  async redis(owner) {
    const { server, ...rest } = await behindProxy('Redis', owner)
    const { Redis } = await import('ioredis')
    const redis = new Redis({ host: '127.0.0.1', port: server.port })
    owner.teardown(() => redis.disconnect())
    const rows = () => redisRows(redis)
    return { ...rest, rows }
  },

  async postgres(owner) {
    const { server, ...rest } = await behindProxy('PostgreSQL', owner)
    const { default: pg } = await import('pg')
    const client = new pg.Client({ host: '127.0.0.1', port: server.port, user: 'postgres', database: 'postgres' })
    await client.connect()
    owner.teardown(() => client.end())
    const size = async () => Number((await client.query("SELECT pg_total_relation_size('sessions') AS size")).rows[0].size)
    return { ...rest, rows: async () => numbers((await client.query(COUNT)).rows[0]), disk: size }
  },

  async mysql(owner) {
    const { server, ...rest } = await behindProxy('MariaDB', owner)
    const { default: mysql } = await import('mysql2/promise')
    const connection = await mysql.createConnection({ host: '127.0.0.1', port: server.port, user: 'root', database: 'test' })
    owner.teardown(() => connection.end())
    return { ...rest, rows: async () => numbers((await connection.query(COUNT))[0][0]) }
  },
}

const COUNT = `SELECT count(*) AS rows_, count(CASE WHEN token NOT LIKE ';%' THEN 1 END) AS sessions FROM sessions`
const numbers = ({ rows_, sessions }) => ({ all: Number(rows_), sessions: Number(sessions) })
const sizeOf = (path) => (existsSync(path) ? statSync(path).size : 0)

/** The servers and the proxy that the tests use. */
async function behindProxy(name, owner) {
  const { loadEngines } = await import('../../test/support/engines.mjs')
  const { engineOf, startEngine } = await loadEngines()
  const { startProxy } = await import('../../build/test/support/faults/proxy.js')
  const server = await startEngine(owner, engineOf(name))
  const proxy = await startProxy(owner, server.port)
  return { server, proxy, place: { port: proxy.port } }
}

/** Without the indexes of owners: there are no more than users, and one stays for a day after its last session. */
async function redisRows(redis) {
  const rows = { all: 0, sessions: 0 }
  for await (const names of redis.scanStream({ count: 1000 })) {
    rows.all += names.filter((name) => !name.startsWith('owners:')).length
    rows.sessions += names.filter((name) => /^scs:session:[^;]/.test(name)).length
  }
  return rows
}

/** Another process may look into the environment. It has one table of sessions and two indexes. */
async function lmdbRows(path, owner) {
  const { open } = await import('lmdb')
  let environment
  owner.teardown(() => environment?.close())
  return () => {
    environment ??= open({ path, overlappingSync: false, maxDbs: 600 })
    environment.resetReadTxn()
    const table = (name) => environment.openDB(name, { encoding: 'binary', keyEncoding: 'binary' })
    const sessions = [...table('sessions').getKeys({})].filter((key) => key[0] !== TRACE).length
    const all = ['sessions', 'sessions:expiry', 'sessions:owner'].reduce((sum, name) => sum + table(name).getStats().entryCount, 0)
    return { all, sessions }
  }
}

/** The first byte of the key of a trace, `;`. */
const TRACE = 0x3b
