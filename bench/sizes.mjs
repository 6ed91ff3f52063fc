// `node bench/sizes.mjs`: what a session costs in each store, in bytes: 20,000 sessions with a payload of 200 bytes, with an owner and without.
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import mysql from 'mysql2/promise'
import pg from 'pg'
import { circumstances } from '../test/support/circumstances.mjs'
import { loadEngines, owner } from '../test/support/engines.mjs'
import { table } from '../test/support/markdown.mjs'
import { save } from './report.mjs'

const SESSIONS = Number(process.env.SESSIONS ?? 20_000)
const PAYLOAD = 200
const AT_ONCE = 500

const { startEngine, engineOf } = await loadEngines()
const { LmdbStore } = await import('../build/stores/lmdb.js')
const { SqliteStore } = await import('../build/stores/sqlite.js')
const { own: driver } = await import('../build/test/support/sqlite.js')
const { MemoryStore } = await import('../build/stores/memory.js')
const { newToken } = await import('../build/lib/token.js')

async function fill(store, owned) {
  const expiresAt = Date.now() + 86_400_000
  const create = (i) => store.create(newToken(), { data: Buffer.alloc(PAYLOAD, i), expiresAt, ...(owned ? { owner: `user${i}` } : {}) })
  for (let from = 0; from < SESSIONS; from += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => create(from + i)))
  }
}

/** How each says how much it keeps. */
const SIZE = {
  async Redis(port) {
    const redis = new Redis(port, '127.0.0.1')
    const info = await redis.info('memory')
    redis.disconnect()
    return Number(/used_memory:(\d+)/.exec(info)[1])
  },
  async PostgreSQL(port) {
    const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' })
    await client.connect()
    const { rows } = await client.query("SELECT pg_total_relation_size('sessions') AS size")
    await client.end()
    return Number(rows[0].size)
  },
  async MariaDB(port) {
    const connection = await mysql.createConnection({ host: '127.0.0.1', port, user: 'root', database: 'test' })
    await connection.query('ANALYZE TABLE sessions')
    const [rows] = await connection.query(
      "SELECT data_length + index_length AS size FROM information_schema.tables WHERE table_name = 'sessions'",
    )
    await connection.end()
    return Number(rows[0].size)
  },
}

async function measureServer(name, owned) {
  const mine = owner()
  try {
    const engine = engineOf(name)
    const { port } = await startEngine(mine, engine)
    const store = await engine.connect(mine, port, 10)
    await store.find('warm', { expiry: true })
    const before = await SIZE[name](port)
    await fill(store, owned)
    return ((await SIZE[name](port)) - before) / SESSIONS
  } finally {
    await mine.end()
  }
}

async function measureLmdb(owned) {
  const folder = mkdtempSync(join(tmpdir(), 'scs-sizes-'))
  const store = new LmdbStore(folder)
  await fill(store, owned)
  await store.close()
  const { size } = statSync(join(folder, 'data.mdb'))
  rmSync(folder, { recursive: true })
  return size / SESSIONS
}

async function measureSqlite(owned) {
  const folder = mkdtempSync(join(tmpdir(), 'scs-sizes-'))
  const path = join(folder, 'sessions.db')
  const database = driver.open(path)
  database.exec('PRAGMA journal_mode = WAL')
  const store = new SqliteStore(database)
  await store.migrate()
  await fill(store, owned)
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  await store.close()
  database.close()
  const { size } = statSync(path)
  rmSync(folder, { recursive: true })
  return size / SESSIONS
}

async function measureMemory(owned) {
  const used = () => {
    for (let i = 0; i < 3; i++) globalThis.gc()
    return process.memoryUsage().heapUsed + process.memoryUsage().external
  }
  const before = used()
  const store = new MemoryStore()
  await fill(store, owned)
  const size = (used() - before) / SESSIONS
  if ((await store.count()) !== SESSIONS) throw new Error('the memory store lost sessions')
  return size
}

if (globalThis.gc === undefined) throw new Error('run it with node --expose-gc')
const rows = []
for (const [name, measure] of [
  ['MemoryStore: heap', measureMemory],
  ['LmdbStore: file', measureLmdb],
  ['SqliteStore: file', measureSqlite],
  ['RedisStore: memory', (owned) => measureServer('Redis', owned)],
  ['PostgresStore: table and indexes', (owned) => measureServer('PostgreSQL', owned)],
  ['MysqlStore on MariaDB: table and indexes', (owned) => measureServer('MariaDB', owned)],
]) {
  const [without, owned] = [await measure(false), await measure(true)].map(Math.round)
  rows.push([name, String(without), String(owned)])
}
const made = circumstances('node --expose-gc bench/sizes.mjs', ['fastify-scs'])
const text = `# What a session costs

Bytes a session, among ${SESSIONS.toLocaleString('en-US')} with a payload of ${PAYLOAD} bytes and a key of 43.

${table(['', 'without an owner', 'with one'], rows)}

Node ${made.node}, ${made.date.slice(0, 10)}. \`${made.command}\`
`
console.log(text)
save('sizes', { ...made, rows }, text)
