import { types } from 'node:util'
import { hasMethod } from '../shared/has-method.ts'
import type { MysqlConnection, MysqlPool, MysqlPoolConnection, MysqlQuery } from './driver.ts'

type Callback<T> = (error: unknown, value: T) => void

/** The part of a mysql2 connection with callbacks that the store uses. */
interface CoreConnection {
  execute(query: MysqlQuery | string, values: (string | Buffer | null)[], done: Callback<unknown>): unknown
  query(query: MysqlQuery, done: Callback<unknown>): unknown
  release?(): void
  destroy?(): void
  readonly config?: CoreConfig | undefined
}

interface CoreConfig {
  readonly typeCast?: unknown
  readonly nestTables?: unknown
}

interface CorePool {
  getConnection(done: Callback<CoreConnection>): unknown
}

/**
 * Wraps the callbacks of a pool or connection in promises. mysql2's own promises record a stack trace for each call, which takes longer than
 * everything else that is done for a statement. Returns anything else as it is.
 */
export function promisify(given: unknown): unknown {
  const core = coreOf(given)
  if (hasMethod(core, 'getConnection')) return new Pool(core as CorePool)
  if (hasMethod(core, 'execute')) return new Connection(core as CoreConnection)
  return given
}

/** The pool or connection with callbacks; undefined where there is none, or where somebody has replaced a method. */
function coreOf(given: unknown): unknown {
  // Only a pool or connection with callbacks has this method.
  if (hasMethod(given, 'promise')) return given
  if (types.isProxy(given) || METHODS.some((method) => Object.hasOwn(Object(given), method))) return undefined
  const { pool, connection } = Object(given) as { pool?: unknown; connection?: unknown }
  return [pool, connection].find((core) => hasMethod(core, 'promise'))
}

const METHODS = ['getConnection', 'execute', 'query']

class Pool implements MysqlPool {
  readonly #core: CorePool

  constructor(core: CorePool) {
    this.#core = core
  }

  getConnection(): Promise<MysqlPoolConnection> {
    return promised(
      (done: Callback<CoreConnection>) => this.#core.getConnection(done),
      (connection) => new Connection(connection),
    )
  }
}

class Connection implements MysqlPoolConnection {
  readonly connection: CoreConnection

  constructor(core: CoreConnection) {
    this.connection = core
  }

  get config(): MysqlConnection['config'] {
    return this.connection.config
  }

  execute(query: MysqlQuery, values: (string | Buffer | null)[]): Promise<[unknown, unknown]> {
    const { connection } = this
    if (!isUsual(connection.config)) return promised((done: Callback<unknown>) => connection.execute(query, values, done), toPair)
    return promised((done: Callback<unknown>) => connection.execute(query.sql, values, done), toPairOfArrays)
  }

  query(query: MysqlQuery): Promise<[unknown, unknown]> {
    return promised((done: Callback<unknown>) => this.connection.query(query, done), toPair)
  }

  release(): void {
    this.connection.release?.()
  }

  destroy(): void {
    this.connection.destroy?.()
  }
}

function promised<T, R>(call: (done: Callback<T>) => unknown, convert: (value: T) => R): Promise<R> {
  return new Promise((resolve, reject) => {
    call((error, value) => {
      if (error) reject(error)
      else resolve(convert(value))
    })
  })
}

/**
 * Whether no setting changes the values of a row or nests them by table. Then a statement can go without options of its own, which mysql2 would copy one
 * by one: that takes longer than to send it.
 */
function isUsual(config: CoreConfig | undefined): boolean {
  return config?.typeCast === true && !config.nestTables
}

/** The same, with rows as arrays. No statement of ours has two columns of one name. */
function toPairOfArrays(result: unknown): [unknown, unknown] {
  return toPair(Array.isArray(result) ? result.map((row: object) => Object.values(row)) : result)
}

/** A result and its fields, as mysql2's promises have them. The fields are not used. */
function toPair(result: unknown): [unknown, unknown] {
  return [result, undefined]
}
