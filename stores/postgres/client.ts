import { type Connections, type DriverPool, PoolConnections, SingleConnection } from '../sql/connections.ts'
import { codeOf } from '../sql/dialect.ts'

/** A query as pg takes it. */
export interface PostgresQuery {
  readonly name?: string | undefined
  readonly text: string
  readonly values?: (string | Buffer | null | readonly string[])[]
  readonly rowMode: 'array'
  readonly types: { getTypeParser(): (value: string) => unknown }
}

/** The little that is needed of a client of pg. */
export interface PostgresClient {
  query(query: PostgresQuery): PromiseLike<{ readonly rows: unknown[][]; readonly rowCount: number | null }>
}

/** What a pool of pg lends. */
export interface PostgresPoolClient extends PostgresClient {
  on(event: 'error', listener: (error: Error) => void): unknown
  removeListener(event: 'error', listener: (error: Error) => void): unknown
  release(destroy?: boolean): void
  /** What the driver has beneath: its socket is closed when the server is silent. */
  readonly connection?: unknown
}

/** The little that is needed of a pool of pg. */
export interface PostgresPool {
  /** Lends a client: to the callback, or by a promise where it takes none. */
  connect(done: (error: Error | undefined, client: PostgresPoolClient | undefined) => void): unknown
  readonly totalCount: number
  readonly options?: { readonly max?: number | undefined; readonly connectionTimeoutMillis?: number | undefined }
  on?(event: 'error', listener: (error: Error) => void): unknown
  listenerCount?(event: 'error'): number
}

export type PostgresConnections = Connections<PostgresClient>

/**
 * Errors of the server after which its connection is of no more use: of the connection (08) and the operator (57P), of a transaction or server that
 * cannot be written to (25), of the system (58) and of the server itself (XX).
 */
const HARMFUL = /^(08|25|57P|58|XX)/

const NO_TIMEOUT =
  'PostgresStore: the pool has no connectionTimeoutMillis, so a connection that is being opened while the server is silent holds its place in the pool for ever: set it, 2000 say'
const NO_POOL =
  'PostgresStore: a single client cannot be replaced when its connection is lost or goes silent, and sessions fail until the process ends: give a Pool, of one client (max: 1) if need be'

/** How to get at a client. Throws a TypeError for what is neither a pool nor a client, or one of pg.native. */
export function clientsOf(given: unknown): PostgresConnections {
  if (isNative(given)) throw new TypeError('PostgresStore: pg.native reads bytes in a way of its own: give a Pool or a Client of pg itself')
  if (isPool(given)) {
    const { max = Number.POSITIVE_INFINITY, connectionTimeoutMillis } = given.options ?? {}
    // An idle connection that the server ends is an event of the pool, which would end the process where nobody listens.
    if (given.listenerCount?.('error') === 0) given.on?.('error', ignore)
    return new PoolConnections(driverPool(given), max, connectionTimeoutMillis ? undefined : NO_TIMEOUT)
  }
  if (!isClient(given)) throw new TypeError('PostgresStore: the first argument must be a Pool or a Client of pg')
  return new SingleConnection(given, NO_POOL)
}

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
      // pg says goodbye to the server and waits for its answer.
      const { stream } = Object(client.connection) as { stream?: { destroy?(): void } }
      stream?.destroy?.()
    },
    identity: (client) => client,
    isHarmless,
  }
}

/** A lost connection is an event of the client besides what the query says; without a listener it would end the process. */
const ignore = () => {}

/** A connection may be lost in the very turn in which it opens, so it is listened to from there on: a promise would be a moment too late. */
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

/** What the server says of a statement has a severity; what the driver says of a connection has none. */
function isHarmless(error: unknown): boolean {
  return (error as { severity?: unknown } | null)?.severity !== undefined && !HARMFUL.test(String(codeOf(error, 'code')))
}

function isPool(given: unknown): given is PostgresPool {
  const { connect, totalCount } = (given ?? {}) as Partial<PostgresPool>
  return typeof connect === 'function' && typeof totalCount === 'number'
}

function isClient(given: unknown): given is PostgresClient {
  return typeof (given as Partial<PostgresClient> | null | undefined)?.query === 'function'
}

/** A client of pg.native has one of libpq beneath; a pool has the class of its clients. */
function isNative(given: unknown): boolean {
  const { native, Client } = Object(given) as { native?: unknown; Client?: { Query?: { prototype?: object } } }
  return native !== undefined || 'then' in Object(Client?.Query?.prototype)
}
