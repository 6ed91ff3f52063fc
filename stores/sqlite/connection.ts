import { noTable } from '../shared/text.ts'
import type { SqliteDatabase, SqliteStatement, SqliteValue } from './client.ts'
import { messageOf } from './errors.ts'

/** The values of a statement by the names of its placeholders; further values are ignored. */
export type SqliteValues = Readonly<Record<string, SqliteValue>>

/** A row, by the names of its columns. */
export type SqliteRow = Readonly<Record<string, unknown>>

interface Prepared {
  readonly statement: SqliteStatement
  readonly names: readonly string[]
}

const PLACEHOLDER = /:([a-zA-Z]+)/g

/** A database with its prepared statements, whose placeholders are names with a colon (`:key`). Nothing here waits for a lock. */
export class Connection {
  readonly #database: SqliteDatabase
  readonly #prepared = new Map<string, Prepared>()

  /** Throws a TypeError for a database in UTF-16: owners are read as bytes, and are those of UTF-8. */
  constructor(database: SqliteDatabase) {
    this.#database = database
    if (this.get('PRAGMA encoding', {})?.['encoding'] !== 'UTF-8') throw new TypeError('SqliteStore: the database must be in UTF-8')
  }

  /** Runs a statement and returns how many rows it wrote. */
  run(text: string, values: SqliteValues): number {
    const { statement, names } = this.#prepare(text)
    return Number(statement.run(...valuesFor(names, values)).changes)
  }

  get(text: string, values: SqliteValues): SqliteRow | undefined {
    const { statement, names } = this.#prepare(text)
    return statement.get(...valuesFor(names, values)) as SqliteRow | undefined
  }

  all(text: string, values: SqliteValues): SqliteRow[] {
    const { statement, names } = this.#prepare(text)
    return statement.all(...valuesFor(names, values)) as SqliteRow[]
  }

  /** Calls `work` within a transaction that has the lock for writing from its beginning. */
  transaction<T>(work: () => T): T {
    return this.withoutWaiting(() => {
      this.#database.exec('BEGIN IMMEDIATE')
      try {
        const answer = work()
        this.#database.exec('COMMIT')
        return answer
      } catch (error) {
        this.#rollBack()
        throw error
      }
    })
  }

  /**
   * Calls `work`, which throws if the database is locked: SQLite itself would wait, and block the event loop. How long it waits is a setting of the
   * connection, which may be the application's, so it is restored.
   */
  withoutWaiting<T>(work: () => T): T {
    const timeout = Number(this.get('PRAGMA busy_timeout', {})?.['timeout'])
    if (timeout === 0) return work()
    this.#database.exec('PRAGMA busy_timeout = 0')
    try {
      return work()
    } finally {
      this.#database.exec(`PRAGMA busy_timeout = ${timeout}`)
    }
  }

  #prepare(text: string): Prepared {
    const known = this.#prepared.get(text)
    if (known !== undefined) return known
    const names: string[] = []
    const mark = (_: string, name: string) => {
      names.push(name)
      return '?'
    }
    const statement = prepare(this.#database, text.replace(PLACEHOLDER, mark))
    asObjects(statement)
    const prepared = { statement, names }
    this.#prepared.set(text, prepared)
    return prepared
  }

  /** Some errors, such as a full disk, have ended the transaction already. */
  #rollBack(): void {
    try {
      this.#database.exec('ROLLBACK')
    } catch {}
  }
}

/** An error about a missing table says what to do. */
function prepare(database: SqliteDatabase, text: string): SqliteStatement {
  try {
    return database.prepare(text)
  } catch (error) {
    throw String(messageOf(error)).startsWith('no such table') ? noTable('SqliteStore', error) : error
  }
}

/** A DatabaseSync may be set to return rows as arrays. */
function asObjects(statement: SqliteStatement & { setReturnArrays?(enabled: boolean): unknown }): void {
  statement.setReturnArrays?.(false)
}

/** No bytes, but with memory beneath: Node 22 would store an empty array without memory as NULL. */
const NO_BYTES = Buffer.alloc(1).subarray(0, 0)

function valuesFor(names: readonly string[], values: SqliteValues): SqliteValue[] {
  return names.map((name) => {
    const value = values[name] ?? null
    return value instanceof Uint8Array && value.length === 0 ? NO_BYTES : value
  })
}
