import { type Connections, type DriverPool, PoolConnections, SingleConnection } from '../sql/connections.ts'
import { codeOf } from '../sql/dialect.ts'
import type { MysqlConnection, MysqlPool, MysqlPoolConnection, MysqlQuery, TypeCast } from './driver.ts'
import { promisify } from './promisify.ts'

export type MysqlConnections = Connections<MysqlConnection>

/** Errors of the server after which its connection is of no more use: one that it ends, and one to a server that cannot be written to any more. */
const HARMFUL: readonly unknown[] = [1290, 1792, 1836, 1927, 4031]

const NO_TIMEOUT =
  'MysqlStore: the pool has connectTimeout: 0, so a connection that is being opened while the server is silent holds its place in the pool for ever: set it, 2000 say'
const NO_POOL =
  'MysqlStore: a single connection cannot be replaced when it is lost or goes silent, and sessions fail until the process ends: give a pool, of one connection (connectionLimit: 1) if need be'

/** How to get at a connection. Throws a TypeError for what is neither a pool nor a connection. */
export function connectionsOf(given: unknown): MysqlConnections {
  if (isCluster(given)) throw new TypeError('MysqlStore: a PoolCluster has several servers, and sessions have one: give a pool of that')
  const client = promisify(given)
  if (isPool(client)) {
    const { connectionLimit, connectionConfig } = configOf(given)
    // 0 means no limit, as with a pool that says nothing.
    const size = connectionLimit || Number.POSITIVE_INFINITY
    return new PoolConnections(driverPool(client), size, connectionConfig?.connectTimeout === 0 ? NO_TIMEOUT : undefined)
  }
  if (!isConnection(client)) throw new TypeError('MysqlStore: the first argument must be a pool or a connection of mysql2')
  return new SingleConnection(client, NO_POOL)
}

function driverPool(pool: MysqlPool): DriverPool<MysqlPoolConnection> {
  return {
    acquire: () => pool.getConnection(),
    release: (connection) => connection.release(),
    destroy(connection) {
      connection.destroy()
      // mysql2 says goodbye to the server and waits for its answer.
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

/** What the server says of a statement has an SQLSTATE, of which 08 is about connections; what the driver says of a connection has none. */
function isHarmless(error: unknown): boolean {
  const { sqlState } = Object(error) as { sqlState?: unknown }
  return typeof sqlState === 'string' && !sqlState.startsWith('08') && !HARMFUL.includes(codeOf(error, 'errno'))
}

/**
 * A statement with options of its own, so that those of the connection do not matter. Only a function takes the place of a function; it makes
 * the driver wrap each field of each row, so where the connection is known to have none it is left out.
 */
export function queryOf(sql: string, { config }: Pick<MysqlConnection, 'config'> = {}): MysqlQuery {
  return { sql, rowsAsArray: true, nestTables: false, typeCast: typeof (config ?? UNKNOWN).typeCast === 'function' ? asItIs : true }
}

/** The rows of a statement that is sent once. */
export async function rowsOf(connection: MysqlConnection, sql: string): Promise<unknown[][]> {
  const [rows] = await connection.query(queryOf(sql))
  return rows as unknown[][]
}

const asItIs: TypeCast = (_, next) => next()
const UNKNOWN = { typeCast: asItIs }

/** A PoolCluster, or what its method `of` gives, in either flavour. */
function isCluster(given: unknown): boolean {
  const cluster = Object(given) as object
  return has(given, 'of') || '_cluster' in cluster || 'poolNamespace' in cluster
}

function isPool(given: unknown): given is MysqlPool {
  return has(given, 'getConnection')
}

function isConnection(given: unknown): given is MysqlConnection {
  return has(given, 'execute')
}

function has(given: unknown, method: string): boolean {
  return typeof (given as Record<string, unknown> | null | undefined)?.[method] === 'function'
}
