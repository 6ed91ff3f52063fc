/** What a statement is given. */
export type SqliteValue = string | number | Uint8Array | null

/** The little that the store needs of a prepared statement. */
export interface SqliteStatement {
  run(...values: SqliteValue[]): { readonly changes: number | bigint }
  get(...values: SqliteValue[]): unknown
  all(...values: SqliteValue[]): unknown[]
}

/** The little that the store needs of a database: a `DatabaseSync` of node:sqlite, or a `Database` of better-sqlite3. */
export interface SqliteDatabase {
  exec(sql: string): unknown
  prepare(sql: string): SqliteStatement
}

/** The database, if it is one. Throws a TypeError otherwise. */
export function checkedDatabase(given: unknown): SqliteDatabase {
  if (has(given, 'prepare') && has(given, 'exec')) return given as unknown as SqliteDatabase
  throw new TypeError(
    'SqliteStore: the first argument must be the path of a file, a DatabaseSync of node:sqlite, or a Database of better-sqlite3',
  )
}

function has(value: unknown, method: string): boolean {
  return typeof (value as Record<string, unknown> | null | undefined)?.[method] === 'function'
}
