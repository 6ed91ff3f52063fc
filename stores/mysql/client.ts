import { hasMethod } from '../shared/has-method.ts'
import { type Connections, type DriverPool, outliveErrors, PoolConnections, SingleConnection } from '../sql/connections.ts'
import { codeOf } from '../sql/dialect.ts'
import type { MysqlConnection, MysqlPool, MysqlPoolConnection, MysqlQuery, TypeCast } from './driver.ts'
import { promisify } from './promisify.ts'

export type MysqlConnections = Connections<MysqlConnection>

/** Errors of the server after which its connection cannot be used: the server ends it, or has become read-only. */
const HARMFUL: readonly unknown[] = [1290, 1792, 1836, 1927, 4031]

const NO_TIMEOUT =
  'MysqlStore: the pool has connectTimeout: 0, so a connection that is being opened while the server is silent blocks a part of the pool for ever: set it, for example to 2000'
const NO_POOL =
  'MysqlStore: a single connection cannot be replaced when it is lost or goes silent, and then sessions fail until the process ends: use a pool, with connectionLimit: 1 if need be'

/** The connections of a pool, or a single one. Throws a TypeError for anything else. */
export function connectionsOf(given: unknown): MysqlConnections {
  if (isCluster(given))
    throw new TypeError('MysqlStore: a PoolCluster has several servers, but sessions need one: use a pool of that server')
  const client = promisify(given)
  if (isPool(client)) {
    const { connectionLimit, connectionConfig } = configOf(given)
    // 0 means no limit, and so does a pool without this setting.
    const size = connectionLimit || Number.POSITIVE_INFINITY
    return new PoolConnections(driverPool(client), size, connectionConfig?.connectTimeout === 0 ? NO_TIMEOUT : undefined)
  }
  if (!isConnection(client)) throw new TypeError('MysqlStore: the first argument must be a pool or a connection of mysql2')
  outliveErrors(Object(client.connection))
  return new SingleConnection(client, NO_POOL)
}

function driverPool(pool: MysqlPool): DriverPool<MysqlPoolConnection> {
  return {
    acquire: () => pool.getConnection(),
    release: (connection) => connection.release(),
    destroy(connection) {
      connection.destroy()
      // mysql2 itself would first take leave of the server and wait for its answer.
      const { stream } = Object(connection.connection) as { stream?: { destroy?(): void } }
      stream?.destroy?.()
    },
    identity: (connection) => Object(connection.connection ?? connection),
    isHarmless,
  }
}

interface PoolConfig {
  readonly connectionLimit?: number
  readonly connectionConfig?: { readonly connectTimeout?: number }
}

function configOf(given: unknown): PoolConfig {
  const { pool } = Object(given) as { pool?: object }
  const { config } = Object(pool ?? given) as { config?: PoolConfig }
  return config ?? {}
}

/** Only an error that the server sent has an SQLSTATE, and class 08 is about connections; the driver's own errors are about the connection. */
function isHarmless(error: unknown): boolean {
  const { sqlState } = Object(error) as { sqlState?: unknown }
  return typeof sqlState === 'string' && !sqlState.startsWith('08') && !HARMFUL.includes(codeOf(error, 'errno'))
}

/**
 * A statement with its own options, so that those of the connection do not matter. A function `typeCast` of the connection can be overridden only by
 * another function. That makes the driver wrap each field of each row, so it is left out where the connection has none.
 */
export function queryOf(sql: string, { config }: Pick<MysqlConnection, 'config'> = {}): MysqlQuery {
  return { sql, rowsAsArray: true, nestTables: false, typeCast: typeof (config ?? UNKNOWN).typeCast === 'function' ? asItIs : true }
}

/** The rows of a statement without values, which is not prepared. */
export async function rowsOf(connection: MysqlConnection, sql: string): Promise<unknown[][]> {
  const [rows] = await connection.query(queryOf(sql))
  return rows as unknown[][]
}

const asItIs: TypeCast = (_, next) => next()
const UNKNOWN = { typeCast: asItIs }

/** Whether it is a PoolCluster, or what its method `of` returns, with callbacks or promises. */
function isCluster(given: unknown): boolean {
  const cluster = Object(given) as object
  return hasMethod(given, 'of') || '_cluster' in cluster || 'poolNamespace' in cluster
}

function isPool(given: unknown): given is MysqlPool {
  return hasMethod(given, 'getConnection')
}

function isConnection(given: unknown): given is MysqlConnection {
  return hasMethod(given, 'execute')
}
