import { checkedDatabase, type SqliteDatabase } from './client.ts'
import { Connection } from './connection.ts'
import { isBusy, isReadonly, readonlyError } from './errors.ts'
import { columnsOf, migrate, quoted } from './migrate.ts'
import { openAt, type Synchronous } from './open.ts'

/** The table that the store uses, and the settings of a database that it opens. */
export interface DatabaseOptions {
  readonly table: string
  readonly owner: boolean
  readonly synchronous: Synchronous | undefined
}

/** The database of a store. */
export interface DatabaseHandle {
  readonly connection: Connection
  /** Whether the store opened it, and so closes it. */
  readonly isOpenedHere: boolean
  close(): void
}

/**
 * Opens the file at a path and creates its table if there is none, or uses a database that is open. Throws a TypeError for anything else, and for a
 * database that is read-only or not in UTF-8, and an Error for a table of another program.
 */
export function openDatabase(pathOrDatabase: unknown, options: DatabaseOptions): DatabaseHandle {
  if (typeof pathOrDatabase === 'string') return openPath(pathOrDatabase, options)
  const database = checkedDatabase(pathOrDatabase)
  if (options.synchronous !== undefined)
    throw new TypeError('SqliteStore: the option synchronous works only with a path; an open database keeps its own settings')
  const connection = new Connection(database)
  if (columnsOf(connection, options.table).length > 0) refuseReadonly(connection, options.table)
  return { connection, isOpenedHere: false, close() {} }
}

function openPath(path: string, { table, owner, synchronous = 'full' }: DatabaseOptions): DatabaseHandle {
  if (synchronous !== 'full' && synchronous !== 'normal')
    throw new TypeError("SqliteStore: the option synchronous must be 'full' or 'normal'")
  if (path === '' || path === ':memory:')
    throw new TypeError('SqliteStore: a path must name a file; for sessions in memory use MemoryStore')
  const database = openAt(path, synchronous)
  try {
    const connection = new Connection(database)
    if (columnsOf(connection, table).length === 0) makeTable(database, connection, table, owner)
    else refuseReadonly(connection, table)
    // From here on SQLite itself waits for no lock.
    database.exec('PRAGMA busy_timeout = 0')
    return { connection, isOpenedHere: true, close: () => void database.close() }
  } catch (error) {
    database.close()
    throw error
  }
}

/** After an error the database is closed, and that rolls the transaction back. */
function makeTable(database: SqliteDatabase, connection: Connection, table: string, owner: boolean): void {
  database.exec('BEGIN IMMEDIATE')
  migrate(connection, table, owner)
  database.exec('COMMIT')
}

/** Only a write shows it: this one deletes no row. */
function refuseReadonly(connection: Connection, table: string): void {
  try {
    connection.withoutWaiting(() => connection.run(`DELETE FROM ${quoted(table)} WHERE 0`, {}))
  } catch (cause) {
    if (isReadonly(cause)) throw readonlyError(cause)
    if (!isBusy(cause)) throw cause
  }
}
