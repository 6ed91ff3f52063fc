import { hasMethod } from '../shared/has-method.ts'
import { type Connections, type DriverPool, outliveErrors, PoolConnections, SingleConnection } from '../sql/connections.ts'
import { codeOf } from '../sql/dialect.ts'
import type { SqlResult } from '../sql/statement.ts'

/** A query in the form that pg takes. */
export interface PostgresQuery {
  readonly name?: string | undefined
  readonly text: string
  readonly values?: (string | Buffer | null | readonly string[])[]
  readonly rowMode: 'array'
  readonly types: { getTypeParser(): (value: string) => unknown }
}

/** The part of a pg client that the store uses. */
export interface PostgresClient {
  query(query: PostgresQuery): PromiseLike<{ readonly rows: unknown[][]; readonly rowCount: number | null }>
}

type PostgresResult = Awaited<ReturnType<PostgresClient['query']>>

/** A client that a pool of pg lends. */
export interface PostgresPoolClient extends PostgresClient {
  on(event: 'error', listener: (error: Error) => void): unknown
  removeListener(event: 'error', listener: (error: Error) => void): unknown
  release(destroy?: boolean): void
  /** The driver's own connection: its socket is closed when the server is silent. */
  readonly connection?: unknown
}

/** The part of a pg pool that the store uses. */
export interface PostgresPool {
  /** Lends a client: to the callback, or through the returned promise where the pool takes no callback. */
  connect(done: (error: Error | undefined, client: PostgresPoolClient | undefined) => void): unknown
  readonly totalCount: number
  readonly options?: { readonly max?: number | undefined; readonly connectionTimeoutMillis?: number | undefined }
  on?(event: 'error', listener: (error: Error) => void): unknown
  listenerCount?(event: 'error'): number
}

/** @internal */
export type PostgresConnections = Connections<PostgresClient>

/**
 * Errors of the server after which its connection cannot be used: of the connection (08) and the operator (57P), of a transaction or server that is
 * read-only (25), of the system (58) and of the server itself (XX).
 */
const HARMFUL = /^(08|25|57P|58|XX)/

const NO_TIMEOUT =
  'PostgresStore: the pool has no connectionTimeoutMillis, so a connection that is being opened while the server is silent blocks a part of the pool for ever: set it, for example to 2000'
const NO_POOL =
  'PostgresStore: a single client cannot be replaced when its connection is lost or goes silent, and then sessions fail until the process ends: use a Pool, with max: 1 if need be'

/** The connections of a pool or a client. Throws a TypeError for anything else, and for those of pg.native. @internal */
export function clientsOf(given: unknown): PostgresConnections {
  if (isNative(given)) throw new TypeError('PostgresStore: pg.native reads bytes differently: use a Pool or a Client of pg itself')
  if (isPool(given)) {
    const { max = Number.POSITIVE_INFINITY, connectionTimeoutMillis } = given.options ?? {}
    outliveErrors(given)
    return new PoolConnections(driverPool(given), max, connectionTimeoutMillis ? undefined : NO_TIMEOUT)
  }
  if (!isClient(given)) throw new TypeError('PostgresStore: the first argument must be a Pool or a Client of pg')
  outliveErrors(given)
  return new SingleConnection(given, NO_POOL)
}

/** A client's method, as pg has it: with a callback it returns nothing. */
type Query = (
  query: PostgresQuery,
  done: (error: unknown, result: PostgresResult) => void,
) => PromiseLike<PostgresResult | undefined> | undefined

/**
 * Sends a query. pg is given a callback, because it makes two promises where there is none; a client that takes no callback returns a promise of the
 * result, and one that passes the callback on may return a promise of nothing.
 *
 * @param instead what is done about an error. Default: the promise rejects with it.
 */
export function send(
  client: PostgresClient,
  query: PostgresQuery,
  instead: (error: unknown) => Promise<SqlResult> = rejected,
): Promise<SqlResult> {
  return new Promise((resolve) => {
    // A client may call back and return a promise as well, and only the first outcome counts.
    let isOver = false
    const done = ({ rows, rowCount }: PostgresResult) => {
      isOver = true
      resolve({ rows, count: Number(rowCount) })
    }
    const fail = (error: unknown) => {
      if (!isOver) resolve(instead(error))
      isOver = true
    }
    const given = (client.query as Query).call(client, query, (error, result) => (error ? fail(error) : done(result)))
    given?.then((result) => result && done(result), fail)
  })
}

const rejected = (error: unknown) => Promise.reject(error)

function driverPool(pool: PostgresPool): DriverPool<PostgresPoolClient> {
  return {
    acquire: () => lentClient(pool),
    release(client) {
      client.removeListener('error', ignore)
      client.release()
    },
    destroy(client) {
      client.removeListener('error', ignore)
      client.release(true)
      // pg itself would first take leave of the server and wait for its answer.
      const { stream } = Object(client.connection) as { stream?: { destroy?(): void } }
      stream?.destroy?.()
    },
    identity: (client) => client,
    isHarmless,
  }
}

/** A client also emits 'error' when its connection is lost; without a listener that would end the process. */
const ignore = () => {}

/** A connection may be lost in the same turn in which it opens: the callback adds the listener in time, a promise would be too late. */
function lentClient(pool: PostgresPool): Promise<PostgresPoolClient> {
  return new Promise((resolve, reject) => {
    const take = (client: PostgresPoolClient) => {
      client.on('error', ignore)
      resolve(client)
    }
    const given = pool.connect((error, client) => (client === undefined ? reject(error) : take(client)))
    const promised = given as PromiseLike<PostgresPoolClient> | undefined
    promised?.then(take, reject)
  })
}

/** Only an error that the server sent has a severity; the driver's own errors are about the connection. */
function isHarmless(error: unknown): boolean {
  return (error as { severity?: unknown } | null)?.severity !== undefined && !HARMFUL.test(String(codeOf(error, 'code')))
}

function isPool(given: unknown): given is PostgresPool {
  return hasMethod(given, 'connect') && typeof (given as PostgresPool).totalCount === 'number'
}

function isClient(given: unknown): given is PostgresClient {
  return hasMethod(given, 'query')
}

/** A client of pg.native has the property `native`; a pool is recognized by the class of its clients. */
function isNative(given: unknown): boolean {
  const { native, Client } = Object(given) as { native?: unknown; Client?: { Query?: { prototype?: object } } }
  return native !== undefined || 'then' in Object(Client?.Query?.prototype)
}
