import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import mysql from 'mysql2/promise'
import pg from 'pg'
import type { Test } from 'tap'
import { MemoryStore } from '../../../index.ts'
import { LmdbStore } from '../../../stores/lmdb.ts'
import { MysqlStore } from '../../../stores/mysql.ts'
import { PostgresStore } from '../../../stores/postgres.ts'
import { RedisStore } from '../../../stores/redis.ts'
import type { SqliteStoreOptions } from '../../../stores/sqlite.ts'
import type { SessionStore } from '../../../types/store.ts'
import { placeFor } from '../lmdb.ts'
import { redisClient } from '../redis.ts'
import { mysqlUrl, startMysql } from '../servers/mysql.ts'
import { postgresUrl, startPostgres } from '../servers/postgres.ts'
import { startRedis } from '../servers/redis.ts'
import { placeFor as fileFor, sqliteStore } from '../sqlite.ts'

/** A store under attack: one of each kind, on an engine of the test's own. */
export interface AttackStore {
  readonly name: string
  readonly store: SessionStore
  /** A further store on the same engine: a tenant that must see nothing of the first, and the first nothing of it. */
  neighbour(name: string): Promise<SessionStore>
  /** What a thief of the engine's disk has: every byte of its files. */
  bytes(): Promise<Buffer>
}

/** One store of each kind. They end with the test. */
export async function startStores(t: Test): Promise<readonly AttackStore[]> {
  return [memory(), lmdb(t), sqlite(t), ...(await Promise.all([redis(t), postgres(t), mariadb(t)]))]
}

/** Runs an attack on every store, each of which is empty before. */
export async function onEvery(
  t: Test,
  stores: readonly AttackStore[],
  attack: (t: Test, each: AttackStore) => Promise<unknown>,
): Promise<void> {
  for (const each of stores) {
    await t.test(each.name, (t) => attack(t, each))
    for await (const { key } of each.store.all()) await each.store.delete(key)
  }
}

/** Nothing of it is on a disk: what it was ever given stands for that. */
function memory(): AttackStore {
  const given: Uint8Array[] = []
  const inner = new MemoryStore()
  const note = (value: unknown): void => {
    if (value instanceof Uint8Array) given.push(value)
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(note)
    else given.push(Buffer.from(String(value)))
  }
  const store = new Proxy(inner, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => {
        args.forEach(note)
        return value.apply(target, args)
      }
    },
  })
  return { name: 'MemoryStore', store, neighbour: async () => new MemoryStore(), bytes: async () => Buffer.concat(given) }
}

function lmdb(t: Test): AttackStore {
  const path = placeFor(t)
  const open = (options = {}) => {
    const store = new LmdbStore(path, options)
    t.teardown(() => store.close())
    return store
  }
  return { name: 'LmdbStore', store: open(), neighbour: async (name) => open({ name }), bytes: async () => filesIn(path) }
}

function sqlite(t: Test): AttackStore {
  const path = fileFor(t)
  const open = (options: SqliteStoreOptions = {}) => sqliteStore(t, path, options)
  return { name: 'SqliteStore', store: open(), neighbour: async (table) => open({ table }), bytes: async () => filesIn(dirname(path)) }
}

async function redis(t: Test): Promise<AttackStore> {
  const server = await startRedis(t, ['--appendonly', 'yes', '--appendfsync', 'always', '--rdbcompression', 'no'])
  const client = redisClient(t, server)
  return {
    name: 'RedisStore',
    store: new RedisStore(client),
    neighbour: async (name) => new RedisStore(client, { prefix: name }),
    bytes: async () => {
      await client.save()
      return filesIn(server.folder)
    },
  }
}

async function postgres(t: Test): Promise<AttackStore> {
  const server = await startPostgres(t)
  const pool = new pg.Pool({ connectionString: postgresUrl(server) })
  t.teardown(() => pool.end())
  const open = async (options = {}) => {
    const store = new PostgresStore(pool, options)
    await store.migrate()
    return store
  }
  return {
    name: 'PostgresStore',
    store: await open(),
    neighbour: (table) => open({ table }),
    bytes: async () => {
      await pool.query('CHECKPOINT')
      return filesIn(server.folder)
    },
  }
}

async function mariadb(t: Test): Promise<AttackStore> {
  const server = await startMysql(t, [
    '--innodb-log-file-size=8M',
    '--innodb-flush-log-at-trx-commit=2',
    '--log-bin',
    '--binlog-format=ROW',
  ])
  const pool = mysql.createPool(mysqlUrl(server))
  t.teardown(() => pool.end())
  const open = async (options = {}) => {
    const store = new MysqlStore(pool, options)
    await store.migrate()
    return store
  }
  return {
    name: 'MysqlStore',
    store: await open(),
    neighbour: (table) => open({ table }),
    bytes: async () => {
      await pool.query('FLUSH TABLES sessions WITH READ LOCK')
      await pool.query('UNLOCK TABLES')
      return filesIn(server.folder)
    },
  }
}

/** Every file below a folder, as one piece. What the engine brought with it cannot hold a session's bytes. */
function filesIn(folder: string): Buffer {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const files = names.map((name) => join(folder, name)).filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile())
  return Buffer.concat(files.map((path) => readFileSync(path)))
}
