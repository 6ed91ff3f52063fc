import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MemoryStore } from 'fastify-scs'
import { BlinkingStore } from './blinks.mjs'

const COUNT = `SELECT count(*) AS rows_, count(CASE WHEN token NOT LIKE ';%' THEN 1 END) AS sessions FROM sessions`
const numbers = ({ rows_, sessions }) => ({ all: Number(rows_), sessions: Number(sessions) })
const HOST = '127.0.0.1'

/**
 * Each store by its name, on both sides. `open(place)` in the application: the store, and how it ends. `prepare(owner)` outside: the
 * `place` where sessions live, the `proxy` in between where there is one, the `disk` it takes, and `rows`, which counts past the
 * application: `all` of them, with renewal records and indexes, and the `sessions` among them, expired or not.
 */
const stores = {
  memory: {
    /** The application counts by itself. */
    prepare: () => ({}),
    open() {
      const store = new MemoryStore()
      // count() would do the cleaner's work.
      const rows = async () => {
        let living = 0
        for await (const _ of store.all()) living++
        return { all: living, sessions: living }
      }
      return { store, rows, close: () => {} }
    },
  },

  lmdb: {
    async prepare(owner) {
      const path = fileFor(owner, 'sessions')
      return { place: { path }, rows: await lmdbRows(path, owner), disk: () => sizeOf(join(path, 'data.mdb')) }
    },
    async open({ path }) {
      const { LmdbStore } = await import('fastify-scs/stores/lmdb')
      return { store: new LmdbStore(path), close: () => {} }
    },
  },

  sqlite: {
    async prepare(owner) {
      const path = fileFor(owner, 'sessions.db')
      const { betterSqlite3, own } = await import('../../build/test/support/sqlite.js')
      if (own.name === 'better-sqlite3') betterSqlite3()
      let database
      owner.teardown(() => database?.close())
      const rows = () => {
        database ??= own.open(path)
        return numbers(database.prepare(COUNT).get())
      }
      return { place: { path }, rows, disk: () => sizeOf(path) }
    },
    async open({ path }) {
      const [{ own }, { SqliteStore }] = [await import('../../build/test/support/sqlite.js'), await import('fastify-scs/stores/sqlite')]
      const database = own.open(path)
      database.exec('PRAGMA journal_mode = WAL')
      const store = new SqliteStore(database)
      await store.migrate()
      return { store, close: () => database.close() }
    },
  },

  redis: {
    async prepare(owner) {
      const { server, ...rest } = await behindProxy('Redis', owner)
      const { Redis } = await import('ioredis')
      const redis = new Redis({ host: HOST, port: server.port })
      scope.teardown(() => redis.disconnect())
      return { ...rest, rows: () => redisRows(redis) }
    },
    async open({ port }) {
      const [{ Redis }, { RedisStore }] = [await import('ioredis'), await import('fastify-scs/stores/redis')]
      const redis = new Redis({ host: HOST, port, retryStrategy: () => 20, socketTimeout: 10_000, maxRetriesPerRequest: 1 })
      redis.on('error', () => {})
      return { store: new RedisStore(redis), close: () => redis.disconnect() }
    },
  },

  postgres: {
    async prepare(owner) {
      const { server, ...rest } = await behindProxy('PostgreSQL', owner)
      const { default: pg } = await import('pg')
      const client = new pg.Client({ host: HOST, port: server.port, user: 'postgres', database: 'postgres' })
      await client.connect()
      owner.teardown(() => client.end())
      const first = async (sql) => (await client.query(sql)).rows[0]
      const disk = async () => Number((await first("SELECT pg_total_relation_size('sessions') AS size")).size)
      return { ...rest, rows: async () => numbers(await first(COUNT)), disk }
    },
    async open({ port }) {
      const [{ default: pg }, { PostgresStore }] = [await import('pg'), await import('fastify-scs/stores/postgres')]
      const pool = new pg.Pool({ host: HOST, port, user: 'postgres', database: 'postgres', max: 10, connectionTimeoutMillis: 1000 })
      pool.on('error', () => {})
      return { store: new PostgresStore(pool), close: () => pool.end() }
    },
  },

  mysql: {
    async prepare(owner) {
      const { server, ...rest } = await behindProxy('MariaDB', owner)
      const { default: mysql } = await import('mysql2/promise')
      const connection = await mysql.createConnection({ host: HOST, port: server.port, user: 'root', database: 'test' })
      owner.teardown(() => connection.end())
      return { ...rest, rows: async () => numbers((await connection.query(COUNT))[0][0]) }
    },
    async open({ port }) {
      const [{ default: mysql }, { MysqlStore }] = [await import('mysql2/promise'), await import('fastify-scs/stores/mysql')]
      const pool = mysql.createPool({ host: HOST, port, user: 'root', database: 'test', connectionLimit: 10, connectTimeout: 1000 })
      return { store: new MysqlStore(pool), close: () => pool.end() }
    },
  },
}

export const STORES = Object.keys(stores)

export const preparePlace = async (name, owner) => await stores[name].prepare(owner)

/** Opens the store in the application. `blink` is there where no proxy stands in between, `rows` where nobody else can count. */
export async function openStore(name, place, pace) {
  const { store, ...more } = await stores[name].open(place)
  // The default of a minute would be seldom, among sessions that live for a minute.
  if (store.cleanupInterval !== undefined) Object.defineProperty(store, 'cleanupInterval', { value: pace.cleanupInterval })
  if (place?.port !== undefined) return { store, ...more }
  const blinking = new BlinkingStore(store)
  return { store: blinking, blink: (kind, ms) => blinking.blink(kind, ms), ...more }
}

const sizeOf = (path) => (existsSync(path) ? statSync(path).size : 0)

function fileFor(owner, name) {
  const folder = mkdtempSync(join(tmpdir(), 'scs-soak-'))
  owner.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, name)
}

/** The servers and the proxy of the tests. */
async function behindProxy(name, owner) {
  const { engineOf, startEngine } = await import('../../build/test/support/faults/engines.js')
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

/** The first byte of the key of a renewal record, `;`. */
const SEMICOLON = 0x3b

/** Another process may look into the environment. It has one table of sessions and two indexes. */
async function lmdbRows(path, owner) {
  const { open } = await import('lmdb')
  let environment
  owner.teardown(() => environment?.close())
  return () => {
    environment ??= open({ path, overlappingSync: false, maxDbs: 600 })
    environment.resetReadTxn()
    const table = (name) => environment.openDB(name, { encoding: 'binary', keyEncoding: 'binary' })
    const sessions = [...table('sessions').getKeys({})].filter((key) => key[0] !== SEMICOLON).length
    const all = ['sessions', 'sessions:expiry', 'sessions:owner'].reduce((sum, name) => sum + table(name).getStats().entryCount, 0)
    return { all, sessions }
  }
}
