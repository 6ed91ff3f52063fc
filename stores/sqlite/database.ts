import { checkedDatabase, type SqliteDatabase } from './client.ts'
import { Connection } from './connection.ts'
import { isBusy, isReadonly } from './errors.ts'
import { columnsOf, migrate, quoted } from './migrate.ts'
import { openAt, type Synchronous } from './open.ts'

/** The table that a store is to use. */
export interface Wanted {
  readonly table: string
  readonly owner: boolean
  readonly synchronous: Synchronous | undefined
}

/** A database in use. */
export interface DatabaseHandle {
  readonly connection: Connection
  /** Whether the store opened it, and so closes it. */
  readonly isOpenedHere: boolean
  close(): void
}

/**
 * The file at a path, which is opened and given its table where it has none, or a database that is open. Throws a TypeError for anything else, for
 * a database that is read-only and for a table of another program.
 */
export function openDatabase(pathOrDatabase: unknown, wanted: Wanted): DatabaseHandle {
  if (typeof pathOrDatabase === 'string') return openPath(pathOrDatabase, wanted)
  const database = checkedDatabase(pathOrDatabase)
  if (wanted.synchronous !== undefined)
    throw new TypeError('SqliteStore: the option synchronous goes with a path; a database that is given has settings of its own')
  const connection = new Connection(database)
  if (columnsOf(connection, wanted.table).length > 0) refuseReadonly(connection, wanted.table)
  return { connection, isOpenedHere: false, close() {} }
}

function openPath(path: string, { table, owner, synchronous = 'full' }: Wanted): DatabaseHandle {
  if (synchronous !== 'full' && synchronous !== 'normal')
    throw new TypeError("SqliteStore: the option synchronous must be 'full' or 'normal'")
  if (path === '' || path === ':memory:') throw new TypeError('SqliteStore: a path must name a file; in memory there is MemoryStore')
  const database = openAt(path, synchronous)
  try {
    const connection = new Connection(database)
    if (columnsOf(connection, table).length === 0) makeTable(database, connection, table, owner)
    else refuseReadonly(connection, table)
    // From here on nothing waits for a lock in this thread.
    database.exec('PRAGMA busy_timeout = 0')
    return { connection, isOpenedHere: true, close: () => void database.close() }
  } catch (error) {
    database.close()
    throw error
  }
}

/** What throws here is rolled back when the database is closed. */
function makeTable(database: SqliteDatabase, connection: Connection, table: string, owner: boolean): void {
  database.exec('BEGIN IMMEDIATE')
  migrate(connection, table, owner)
  database.exec('COMMIT')
}

/** Only a write tells, one that changes nothing. */
function refuseReadonly(connection: Connection, table: string): void {
  try {
    connection.withoutWaiting(() => connection.run(`DELETE FROM ${quoted(table)} WHERE 0`, {}))
  } catch (cause) {
    if (isReadonly(cause)) throw new TypeError('SqliteStore: the database is read-only, and sessions are written', { cause })
    if (!isBusy(cause)) throw cause
  }
}
