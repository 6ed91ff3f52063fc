import type { SqliteDatabase, SqliteStatement, SqliteValue } from './client.ts'

/** The values for the places of a statement, by name. Those that it has no place for are left alone. */
export type SqliteValues = Readonly<Record<string, SqliteValue>>

/** A row, by the names of its columns. */
export type SqliteRow = Readonly<Record<string, unknown>>

interface Prepared {
  readonly statement: SqliteStatement
  readonly names: readonly string[]
}

const PLACEHOLDER = /:([a-zA-Z]+)/g

/** A database with its prepared statements, in which a value is named with a colon (`:key`). Nothing here waits for a lock. */
export class Connection {
  readonly #database: SqliteDatabase
  readonly #prepared = new Map<string, Prepared>()

  constructor(database: SqliteDatabase) {
    this.#database = database
  }

  /** Runs a statement and says how many rows it wrote. */
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

  /** Does a work as one transaction, which has the lock for writing from its beginning. */
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
   * Does a work that throws when the database is locked. SQLite would wait in this thread and with it the whole process; how long, is a setting
   * of the application's where the database is, and so it is put back.
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
    const statement = this.#database.prepare(text.replace(PLACEHOLDER, mark))
    asObjects(statement)
    const prepared = { statement, names }
    this.#prepared.set(text, prepared)
    return prepared
  }

  /** Some errors have ended the transaction already: a full disk, say. */
  #rollBack(): void {
    try {
      this.#database.exec('ROLLBACK')
    } catch {}
  }
}

/** A DatabaseSync may have been told to give rows as arrays. */
function asObjects(statement: SqliteStatement & { setReturnArrays?(enabled: boolean): unknown }): void {
  statement.setReturnArrays?.(false)
}

/** Node 22 takes bytes that lie nowhere, which no bytes may, for NULL. */
const NOTHING = Buffer.alloc(1).subarray(0, 0)

function valuesFor(names: readonly string[], values: SqliteValues): SqliteValue[] {
  return names.map((name) => {
    const value = values[name] ?? null
    return value instanceof Uint8Array && value.length === 0 ? NOTHING : value
  })
}
