// What a session costs in each store, in bytes, with a payload of 200 bytes and a key of 43, with an owner and without.
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { newToken } from '../../build/lib/token.js'
import { MemoryStore } from '../../dist/index.js'
import { LmdbStore } from '../../dist/stores/lmdb.js'
import { SqliteStore } from '../../dist/stores/sqlite.js'
import { clients, onServer } from '../../test/support/databases.mjs'
import { loadEngines } from '../../test/support/engines.mjs'
import { inTemporaryFolder } from '../../test/support/processes.mjs'
import { inLanes } from '../runner.mjs'

const [SESSIONS, PAYLOAD, AT_ONCE] = [20_000, 200, 500]

async function fill(store, owned, count) {
  const expiresAt = Date.now() + 86_400_000
  const record = (i) => ({ data: Buffer.alloc(PAYLOAD, i), expiresAt, ...(owned ? { owner: `user${i}` } : {}) })
  await inLanes(AT_ONCE, count, (i) => store.create(newToken(), record(i)))
}

/** How each server says how much it keeps. */
const KEPT = {
  Redis: async (redis) => /used_memory:(\d+)/.exec(await redis.info('memory'))[1],
  PostgreSQL: async (pool) => (await pool.query("SELECT pg_total_relation_size('sessions') AS size")).rows[0].size,
  async MariaDB(pool) {
    await pool.query('ANALYZE TABLE sessions')
    const size = "SELECT data_length + index_length AS size FROM information_schema.tables WHERE table_name = 'sessions'"
    return (await pool.query(size))[0][0].size
  },
}

const onServers = (name) => (owned, count) =>
  onServer(name, [], async ({ mine, port, connect }) => {
    const client = clients[name](port)
    mine.teardown(() => (name === 'Redis' ? client.disconnect() : client.end()))
    const store = await connect(10)
    await store.find('warm', { expiry: true })
    const before = Number(await KEPT[name](client))
    await fill(store, owned, count)
    return Number(await KEPT[name](client)) - before
  })

/** The size of the file that a store leaves in a folder; `open` returns the store and how it is closed. */
const inFile = (file, open) => (owned, count) =>
  inTemporaryFolder(async (folder) => {
    const { store, close } = await open(folder)
    await fill(store, owned, count)
    await close()
    return statSync(join(folder, file)).size
  })

async function openSqlite(folder) {
  await loadEngines()
  const { own: driver } = await import('../../build/test/support/sqlite.js')
  const database = driver.open(join(folder, 'sessions.db'))
  database.exec('PRAGMA journal_mode = WAL')
  const store = new SqliteStore(database)
  await store.migrate()
  const close = async () => {
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    await store.close()
    database.close()
  }
  return { store, close }
}

function openLmdb(folder) {
  const store = new LmdbStore(folder)
  return { store, close: () => store.close() }
}

async function onHeap(owned, count) {
  const used = () => {
    for (let i = 0; i < 3; i++) globalThis.gc()
    return process.memoryUsage().heapUsed + process.memoryUsage().external
  }
  const before = used()
  const store = new MemoryStore()
  await fill(store, owned, count)
  const size = used() - before
  if (store.count() !== count) throw new Error('the memory store lost sessions')
  return size
}

const PLACES = {
  'MemoryStore: heap': onHeap,
  'LmdbStore: file': inFile('data.mdb', openLmdb),
  'SqliteStore: file': inFile('sessions.db', openSqlite),
  'RedisStore: memory': onServers('Redis'),
  'PostgresStore: table and indexes': onServers('PostgreSQL'),
  'MysqlStore on MariaDB: table and indexes': onServers('MariaDB'),
}

export async function measure({ share }) {
  const sessions = Math.ceil(SESSIONS * share)
  const rows = []
  for (const [name, sizeOf] of Object.entries(PLACES)) {
    const each = async (owned) => Math.round((await sizeOf(owned, sessions)) / sessions)
    rows.push({ name, without: await each(false), owned: await each(true) })
  }
  return { packages: ['fastify-scs'], sessions, tables: { rows } }
}
