import { Redis } from 'ioredis'
import mysql from 'mysql2/promise'
import pg from 'pg'
import { MysqlStore } from '../../../stores/mysql.ts'
import { PostgresStore } from '../../../stores/postgres.ts'
import { RedisStore } from '../../../stores/redis.ts'
import type { SessionStore } from '../../../types/store.ts'
import { startMysql } from '../servers/mysql.ts'
import { startPostgres } from '../servers/postgres.ts'
import type { Owner, Server } from '../servers/process.ts'
import { startRedis } from '../servers/redis.ts'

/** A database of the test's own, and how an application connects to it: through any port, so that a proxy may stand between. */
export interface DatabaseServer {
  readonly name: 'Redis' | 'PostgreSQL' | 'MariaDB'
  /** Starts it so that it keeps what it acknowledged when it is killed. */
  start(owner: Owner, more?: readonly string[]): Promise<Server>
  /** A store on a connection, or a pool of at most `connections`, that ends with the test. */
  connect(owner: Owner, port: number, connections?: number): Promise<SessionStore>
}

/** Drivers with the settings that docs/stores.md asks for. */
export const databases: readonly DatabaseServer[] = [
  {
    name: 'Redis',
    start: (owner, more = []) => startRedis(owner, ['--appendonly', 'yes', '--appendfsync', 'always', ...more]),
    async connect(owner, port) {
      const redis = new Redis({ host: '127.0.0.1', port, retryStrategy: () => 5, socketTimeout: 10_000 })
      redis.on('error', () => {})
      owner.teardown(() => redis.disconnect())
      return new RedisStore(redis)
    },
  },
  {
    name: 'PostgreSQL',
    start: (owner, more) => startPostgres(owner, more),
    async connect(owner, port, connections = 10) {
      const pool = new pg.Pool({
        host: '127.0.0.1',
        port,
        user: 'postgres',
        database: 'postgres',
        max: connections,
        connectionTimeoutMillis: 20_000,
      })
      pool.on('error', () => {})
      owner.teardown(() => pool.end())
      return new PostgresStore(pool)
    },
  },
  {
    name: 'MariaDB',
    start: (owner, more) => startMysql(owner, more),
    async connect(owner, port, connections = 10) {
      const pool = mysql.createPool({
        host: '127.0.0.1',
        port,
        user: 'root',
        database: 'test',
        connectionLimit: connections,
        connectTimeout: 20_000,
      })
      owner.teardown(() => pool.end())
      return new MysqlStore(pool)
    },
  },
]

/** The database of this name. */
export function databaseOf(name: DatabaseServer['name']): DatabaseServer {
  const found = databases.find((database) => database.name === name)
  if (found === undefined) throw new Error(`there is no ${name}`)
  return found
}

/** Starts a database with a table that is ready. */
export async function startDatabase(owner: Owner, database: DatabaseServer, more?: readonly string[]): Promise<Server> {
  const server = await database.start(owner, more)
  const store = await database.connect(owner, server.port, 1)
  if (store instanceof PostgresStore || store instanceof MysqlStore) await store.migrate()
  return server
}
