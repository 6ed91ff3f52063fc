import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { VALUES } from '../cases.mjs'
import { mysqlPool, postgresPool, redisClient } from './drivers.mjs'

/** The package to measure: this checkout's, unless another is named. */
const dist = process.env.SCS_DIST ? pathToFileURL(`${process.env.SCS_DIST}/`) : new URL('../../dist/', import.meta.url)
const load = (file) => import(new URL(file, dist).href)

const stores = {
  async memory() {
    return undefined
  },
  /** As full as it gets by default, but for the clients' own. */
  async million() {
    const { MemoryStore } = await load('stores/memory.js')
    const { newToken } = await load('lib/token.js')
    const store = new MemoryStore({ maxSessions: 2_000_000 })
    const data = Buffer.from(JSON.stringify({ deadline: Date.now() + 86_400_000, values: VALUES }))
    for (let i = 0; i < 1_000_000; i++) store.create(newToken(), { data, expiresAt: Date.now() + 86_400_000 + i })
    return store
  },
  async redis() {
    const { RedisStore } = await load('stores/redis.js')
    return new RedisStore(redisClient())
  },
  async postgres() {
    const { PostgresStore } = await load('stores/postgres.js')
    return new PostgresStore(postgresPool())
  },
  async mysql() {
    const { MysqlStore } = await load('stores/mysql.js')
    return new MysqlStore(mysqlPool())
  },
  async lmdb() {
    const { LmdbStore } = await load('stores/lmdb.js')
    const folder = mkdtempSync(join(tmpdir(), 'scs-bench-'))
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
    return new LmdbStore(folder)
  },
}

/** The plugin as it comes, on a store. */
export async function withStore(name) {
  const { default: scsSession } = await load('index.js')
  const store = await stores[name]()
  const register = async (app) => {
    await store?.migrate?.()
    await app.register(scsSession, store === undefined ? {} : { store })
  }
  const read = (request, key) => request.session.get(key)
  const write = (request, key, value) => request.session.put(key, value)
  return { register, read, write }
}
