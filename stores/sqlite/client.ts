import { hasMethod } from '../shared/has-method.ts'

/** A value of a statement. */
export type SqliteValue = string | number | Uint8Array | null

/** The part of a prepared statement that the store uses. */
export interface SqliteStatement {
  run(...values: SqliteValue[]): { readonly changes: number | bigint }
  get(...values: SqliteValue[]): unknown
  all(...values: SqliteValue[]): unknown[]
}

/** The part of a database that the store uses: a `DatabaseSync` of node:sqlite, or a `Database` of better-sqlite3. */
export interface SqliteDatabase {
  exec(sql: string): unknown
  prepare(sql: string): SqliteStatement
}

/** Returns the database. Throws a TypeError for anything else. */
export function checkedDatabase(given: unknown): SqliteDatabase {
  if (hasMethod(given, 'prepare') && hasMethod(given, 'exec')) return given as unknown as SqliteDatabase
  throw new TypeError(
    'SqliteStore: the first argument must be the path of a file, a DatabaseSync of node:sqlite, or a Database of better-sqlite3',
  )
}
