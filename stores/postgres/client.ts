import { Places } from '../shared/places.ts'
import { codeOf, lent, Turns } from '../shared/sql-client.ts'

/** A query as pg takes it. */
export interface PostgresQuery {
  readonly name?: string
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
}

/** The little that is needed of a pool of pg. */
export interface PostgresPool {
  /** Lends a client: to the callback, or by a promise where it takes none. */
  connect(done: (error: Error | undefined, client: PostgresPoolClient | undefined) => void): unknown
  readonly totalCount: number
  readonly options?: { readonly max?: number | undefined }
}

/** Does a work with a client that is free, unless `until` has passed by then. */
export type WithClient = <T>(work: (client: PostgresClient) => PromiseLike<T>, until: number | undefined) => Promise<T>

/** Errors after which a connection is as good as before; any other may have broken it, so it does not go back to the pool. */
const HARMLESS: readonly unknown[] = ['23505', '40001', '40P01', '42703']

/** How to get at a client. Throws a TypeError for what is neither a pool nor a client. */
export function clientsOf(given: unknown): WithClient {
  if (isPool(given)) {
    const places = new Places(given.options?.max ?? Number.POSITIVE_INFINITY)
    return (work, until) => places.run(() => withPoolClient(given, work, until), until)
  }
  if (!isClient(given)) throw new TypeError('PostgresStore: the first argument must be a Pool or a Client of pg')
  const turns = new Turns()
  return (work, until) => turns.run(() => work(given), until)
}

async function withPoolClient<T>(
  pool: PostgresPool,
  work: (client: PostgresClient) => PromiseLike<T>,
  until: number | undefined,
): Promise<T> {
  const client = await lentClient(pool)
  return lent(
    () => work(client),
    until,
    isHarmless,
    (broken) => {
      client.removeListener('error', ignore)
      client.release(broken)
    },
  )
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

function isHarmless(error: unknown): boolean {
  return HARMLESS.includes(codeOf(error, 'code'))
}

function isPool(given: unknown): given is PostgresPool {
  const { connect, totalCount } = (given ?? {}) as Partial<PostgresPool>
  return typeof connect === 'function' && typeof totalCount === 'number'
}

function isClient(given: unknown): given is PostgresClient {
  return typeof (given as Partial<PostgresClient> | null | undefined)?.query === 'function'
}
