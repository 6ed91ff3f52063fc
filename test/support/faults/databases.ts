import { Redis } from 'ioredis'
import mysql from 'mysql2/promise'
import pg from 'pg'
import { MysqlStore } from '../../../stores/mysql.ts'
import { PostgresStore } from '../../../stores/postgres.ts'
import { RedisStore } from '../../../stores/redis.ts'
import type { SessionStore } from '../../../types/store.ts'
import { startMysql } from '../servers/mysql.ts'
import { startPostgres } from '../servers/postgres.ts'
import type { Scope, Server } from '../servers/process.ts'
import { startRedis } from '../servers/redis.ts'

/** A database of the test's own, and how an application connects to it: through any port, so that a proxy may stand between. */
export interface DatabaseServer {
  readonly name: 'Redis' | 'PostgreSQL' | 'MariaDB'
  /** Starts it so that it keeps what it acknowledged when it is killed. */
  start(scope: Scope, more?: readonly string[]): Promise<Server>
  /** A store on a connection, or a pool of at most `connections`, that ends with the test. */
  connect(scope: Scope, port: number, connections?: number): Promise<SessionStore>
}

/** Drivers with the settings that docs/stores.md asks for. */
export const databases: readonly DatabaseServer[] = [
  {
    name: 'Redis',
    start: (scope, more = []) => startRedis(scope, ['--appendonly', 'yes', '--appendfsync', 'always', ...more]),
    async connect(scope, port) {
      const redis = new Redis({ host: '127.0.0.1', port, retryStrategy: () => 5, socketTimeout: 10_000 })
      redis.on('error', () => {})
      scope.teardown(() => redis.disconnect())
      return new RedisStore(redis)
    },
  },
  {
    name: 'PostgreSQL',
    start: (scope, more) => startPostgres(scope, more),
    async connect(scope, port, connections = 10) {
      const pool = new pg.Pool({
        host: '127.0.0.1',
        port,
        user: 'postgres',
        database: 'postgres',
        max: connections,
        connectionTimeoutMillis: 20_000,
      })
      pool.on('error', () => {})
      scope.teardown(() => pool.end())
      return new PostgresStore(pool)
    },
  },
  {
    name: 'MariaDB',
    start: (scope, more) => startMysql(scope, more),
    async connect(scope, port, connections = 10) {
      const pool = mysql.createPool({
        host: '127.0.0.1',
        port,
        user: 'root',
        database: 'test',
        connectionLimit: connections,
        connectTimeout: 20_000,
      })
      scope.teardown(() => pool.end())
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
export async function startDatabase(scope: Scope, database: DatabaseServer, more?: readonly string[]): Promise<Server> {
  const server = await database.start(scope, more)
  const store = await database.connect(scope, server.port, 1)
  if (store instanceof PostgresStore || store instanceof MysqlStore) await store.migrate()
  return server
}
