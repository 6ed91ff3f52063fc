import { randomUUID } from 'node:crypto'
import mysql from 'mysql2/promise'
import pg from 'pg'
import type { Test } from 'tap'
import { LmdbStore } from '../../stores/lmdb.ts'
import { MysqlStore } from '../../stores/mysql.ts'
import { PostgresStore } from '../../stores/postgres.ts'
import { RedisStore } from '../../stores/redis.ts'
import { SqliteStore } from '../../stores/sqlite.ts'
import type { SessionStore } from '../../types/store.ts'
import { placeFor as lmdbPlace } from './lmdb.ts'
import { redisClient } from './redis.ts'
import { useMysql } from './servers/mysql.ts'
import { usePostgres } from './servers/postgres.ts'
import { useRedis } from './servers/redis.ts'
import { tableName } from './sql.ts'
import { placeFor as sqlitePlace } from './sqlite.ts'

/** A store that the command reaches by its URL and options, and a test by its methods. */
export interface CliStore {
  readonly name: string
  readonly url: string
  /** How the options are called: `--prefix` or `--table`, and the value. Empty for a store that has none. */
  readonly options: readonly (readonly [name: string, value: string])[]
  /** Does some work with the store, which is closed then. */
  use<T>(work: (store: SessionStore) => Promise<T>): Promise<T>
}

async function closing<T>(store: SessionStore, work: (store: SessionStore) => Promise<T>): Promise<T> {
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

/** The servers, started once for all the stores of a test file. */
export async function startCliStores(t: Test): Promise<() => Promise<CliStore[]>> {
  const [redisUrl, postgresUrl, mysqlUrl] = await Promise.all([useRedis(t), usePostgres(t), useMysql(t)])
  const redis = redisClient(t, redisUrl)
  const postgres = new pg.Pool({ connectionString: postgresUrl })
  const pool = mysql.createPool({ uri: mysqlUrl })
  t.teardown(() => Promise.all([postgres.end(), pool.end()]))
  return async () => {
    const [prefix, table, lmdb, sqlite] = [`${randomUUID()}:`, tableName(), lmdbPlace(t), sqlitePlace(t)]
    const [inPostgres, inMysql] = [new PostgresStore(postgres, { table }), new MysqlStore(pool, { table })]
    await Promise.all([inPostgres.migrate(), inMysql.migrate()])
    const server = (name: string, url: string, option: readonly [string, string], store: SessionStore): CliStore => ({
      ...{ name, url, options: [option] },
      use: (work) => work(store),
    })
    await closing(new LmdbStore(lmdb), async () => {})
    await closing(new SqliteStore(sqlite), async () => {})
    return [
      server('redis', redisUrl, ['prefix', prefix], new RedisStore(redis, { prefix })),
      server('postgres', postgresUrl, ['table', table], inPostgres),
      server('mysql', mysqlUrl, ['table', table], inMysql),
      { name: 'lmdb', url: `lmdb:${lmdb}`, options: [], use: (work) => closing(new LmdbStore(lmdb), work) },
      { name: 'sqlite', url: `sqlite:${sqlite}`, options: [], use: (work) => closing(new SqliteStore(sqlite), work) },
    ]
  }
}

/** The options of a store, with `--from-` or `--to-` before their names in an import. */
export function optionsOf({ options }: CliStore, side: 'from-' | 'to-' | '' = ''): string[] {
  return options.flatMap(([name, value]) => [`--${side}${name}`, value])
}
