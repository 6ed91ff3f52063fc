import { Places } from '../shared/places.ts'
import { codeOf, lent, Turns } from '../shared/sql-client.ts'
import { promising } from './promising.ts'

type TypeCast = (field: unknown, next: () => unknown) => unknown

/** A statement as mysql2 takes it. */
export interface MysqlQuery {
  readonly sql: string
  readonly rowsAsArray: true
  readonly typeCast: true | TypeCast
}

/** The little that is needed of a connection of mysql2, in its flavour with promises. */
export interface MysqlConnection {
  execute(query: MysqlQuery, values: (string | Buffer | null)[]): PromiseLike<[unknown, unknown]>
  query(query: MysqlQuery): PromiseLike<[unknown, unknown]>
  readonly config?: { readonly typeCast?: unknown } | undefined
}

/** What a pool of mysql2 lends. */
export interface MysqlPoolConnection extends MysqlConnection {
  release(): void
  destroy(): void
}

/** The little that is needed of a pool of mysql2, in its flavour with promises. */
export interface MysqlPool {
  getConnection(): PromiseLike<MysqlPoolConnection>
}

/** A pool or a connection of mysql2 in its flavour with callbacks. */
export interface MysqlCallbacks {
  promise(): MysqlPool | MysqlConnection
}

/** Does a work with a connection that is free, unless `until` has passed by then. */
export type WithConnection = <T>(work: (connection: MysqlConnection) => PromiseLike<T>, until: number | undefined) => Promise<T>

/** Duplicate key, deadlock, lock wait, changed row, no such column: after any other error a connection may be broken. */
const HARMLESS: readonly unknown[] = [1062, 1213, 1205, 1020, 1054]

/** How to get at a connection. Throws a TypeError for what is neither a pool nor a connection. */
export function connectionsOf(given: unknown): WithConnection {
  const client = promising(given)
  if (isPool(client)) {
    const places = new Places(limitOf(given))
    return (work, until) => places.run(() => withPoolConnection(client, work, until), until)
  }
  if (!isConnection(client)) throw new TypeError('MysqlStore: the first argument must be a pool or a connection of mysql2')
  const turns = new Turns()
  return (work, until) => turns.run(() => work(client), until)
}

async function withPoolConnection<T>(
  pool: MysqlPool,
  work: (connection: MysqlConnection) => PromiseLike<T>,
  until: number | undefined,
): Promise<T> {
  const connection = await pool.getConnection()
  return lent(
    () => work(connection),
    until,
    isHarmless,
    (broken) => {
      if (broken) connection.destroy()
      else connection.release()
    },
  )
}

/** How many connections a pool opens. */
function limitOf(given: unknown): number {
  const { pool } = Object(given) as { pool?: object }
  const { config } = Object(pool ?? given) as { config?: { connectionLimit?: number } }
  return config?.connectionLimit ?? Number.POSITIVE_INFINITY
}

function isHarmless(error: unknown): boolean {
  return HARMLESS.includes(codeOf(error, 'errno'))
}

/**
 * A statement with options of its own, so that those of the connection do not matter. Only a function takes the place of a function; it makes
 * the driver wrap each field of each row, so where the connection is known to have none it is left out.
 */
export function queryOf(sql: string, { config }: Pick<MysqlConnection, 'config'> = {}): MysqlQuery {
  return { sql, rowsAsArray: true, typeCast: typeof (config ?? UNKNOWN).typeCast === 'function' ? asItIs : true }
}

const asItIs: TypeCast = (_, next) => next()
const UNKNOWN = { typeCast: asItIs }

function isPool(given: unknown): given is MysqlPool {
  return has(given, 'getConnection')
}

function isConnection(given: unknown): given is MysqlConnection {
  return has(given, 'execute')
}

function has(given: unknown, method: string): boolean {
  return typeof (given as Record<string, unknown> | null | undefined)?.[method] === 'function'
}
