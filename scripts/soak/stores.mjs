import { MemoryStore } from 'fastify-scs'
import { BlinkingStore } from './blinking-store.mjs'

/** Opens the store of the application: gives it, and how it ends. `blink` where no proxy stands between, `rows` where nobody else can count. */
export async function openStore(name, place, pace) {
  const { store, ...more } = await openers[name](place)
  // A minute would be seldom, among sessions that live for a minute.
  if (store.cleanupInterval !== undefined) Object.defineProperty(store, 'cleanupInterval', { value: pace.cleanupInterval })
  if (place?.port !== undefined) return { store, ...more }
  const blinking = new BlinkingStore(store)
  return { store: blinking, blink: (kind, ms) => blinking.blink(kind, ms), ...more }
}

const openers = {
  memory() {
    const store = new MemoryStore()
    // count() would do the cleaner's work.
    const rows = async () => {
      let living = 0
      for await (const _ of store.all()) living++
      return { all: living, sessions: living }
    }
    return { store, rows, close: () => {} }
  },

  async lmdb({ path }) {
    const { LmdbStore } = await import('fastify-scs/stores/lmdb')
    return { store: new LmdbStore(path), close: () => {} }
  },

  async sqlite({ path }) {
    const [{ own }, { SqliteStore }] = [await import('../../build/test/support/sqlite.js'), await import('fastify-scs/stores/sqlite')]
    const database = own.open(path)
    database.exec('PRAGMA journal_mode = WAL')
    const store = new SqliteStore(database)
    await store.migrate()
    return { store, close: () => database.close() }
  },

  async redis({ port }) {
    const [{ Redis }, { RedisStore }] = [await import('ioredis'), await import('fastify-scs/stores/redis')]
    const redis = new Redis({ host: '127.0.0.1', port, retryStrategy: () => 20, socketTimeout: 10_000, maxRetriesPerRequest: 1 })
    redis.on('error', () => {})
    return { store: new RedisStore(redis), close: () => redis.disconnect() }
  },

  async postgres({ port }) {
    const [{ default: pg }, { PostgresStore }] = [await import('pg'), await import('fastify-scs/stores/postgres')]
    const pool = new pg.Pool({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres', max: 10, connectionTimeoutMillis: 1000 })
    pool.on('error', () => {})
    return { store: new PostgresStore(pool), close: () => pool.end() }
  },

  async mysql({ port }) {
    const [{ default: mysql }, { MysqlStore }] = [await import('mysql2/promise'), await import('fastify-scs/stores/mysql')]
    const options = { host: '127.0.0.1', port, user: 'root', database: 'test', connectionLimit: 10, connectTimeout: 1000 }
    const pool = mysql.createPool(options)
    return { store: new MysqlStore(pool), close: () => pool.end() }
  },
}
