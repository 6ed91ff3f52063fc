import { types } from 'node:util'
import type { MysqlConnection, MysqlPool, MysqlPoolConnection, MysqlQuery } from './driver.ts'

type Callback<T> = (error: unknown, value: T) => void

/** The little that is needed of a connection of mysql2, in its flavour with callbacks. */
interface CoreConnection {
  execute(query: MysqlQuery, values: (string | Buffer | null)[], done: Callback<unknown>): unknown
  query(query: MysqlQuery, done: Callback<unknown>): unknown
  release?(): void
  destroy?(): void
  readonly config?: { readonly typeCast?: unknown } | undefined
}

interface CorePool {
  getConnection(done: Callback<CoreConnection>): unknown
}

/**
 * The driver's own promises note where each call was made, which takes longer than all else that is done for a statement. So what has callbacks
 * beneath is asked by these. Gives a pool or a connection with promises, or what was given where it is neither.
 */
export function promisify(given: unknown): unknown {
  const core = coreOf(given)
  if (has(core, 'getConnection')) return new Pool(core as CorePool)
  if (has(core, 'execute')) return new Connection(core as CoreConnection)
  return given
}

/** The flavour with callbacks of a pool or connection; undefined where there is none, or where somebody has put something in between. */
function coreOf(given: unknown): unknown {
  // Only that flavour can be turned into the other.
  if (has(given, 'promise')) return given
  if (types.isProxy(given) || METHODS.some((method) => Object.hasOwn(Object(given), method))) return undefined
  const { pool, connection } = Object(given) as { pool?: unknown; connection?: unknown }
  return [pool, connection].find((core) => has(core, 'promise'))
}

const METHODS = ['getConnection', 'execute', 'query']

class Pool implements MysqlPool {
  readonly #core: CorePool

  constructor(core: CorePool) {
    this.#core = core
  }

  getConnection(): Promise<MysqlPoolConnection> {
    return new Promise((resolve, reject) => {
      this.#core.getConnection((error, connection) => {
        if (error) reject(error)
        else resolve(new Connection(connection))
      })
    })
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
    return new Promise((resolve, reject) => {
      this.connection.execute(query, values, (error, result) => {
        if (error) reject(error)
        else resolve([result, undefined])
      })
    })
  }

  query(query: MysqlQuery): Promise<[unknown, unknown]> {
    return new Promise((resolve, reject) => {
      this.connection.query(query, (error, result) => {
        if (error) reject(error)
        else resolve([result, undefined])
      })
    })
  }

  release(): void {
    this.connection.release?.()
  }

  destroy(): void {
    this.connection.destroy?.()
  }
}

function has(value: unknown, method: string): boolean {
  return typeof (value as Record<string, unknown> | null | undefined)?.[method] === 'function'
}
