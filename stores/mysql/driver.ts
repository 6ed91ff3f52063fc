export type TypeCast = (field: unknown, next: () => unknown) => unknown

/** A statement in the form that mysql2 takes. */
export interface MysqlQuery {
  readonly sql: string
  readonly values?: (string | Buffer | null)[]
  readonly rowsAsArray: true
  readonly nestTables: false
  readonly typeCast: true | TypeCast
}

/** The part of a mysql2 connection with promises that the store uses. */
export interface MysqlConnection {
  execute(query: MysqlQuery, values: (string | Buffer | null)[]): PromiseLike<[unknown, unknown]>
  query(query: MysqlQuery): PromiseLike<[unknown, unknown]>
  readonly config?: { readonly typeCast?: unknown } | undefined
  /** The same connection with callbacks. */
  readonly connection?: unknown
}

/** A connection that a pool of mysql2 lends. */
export interface MysqlPoolConnection extends MysqlConnection {
  release(): void
  destroy(): void
}

/** The part of a mysql2 pool with promises that the store uses. */
export interface MysqlPool {
  getConnection(): PromiseLike<MysqlPoolConnection>
}

/** A pool or a connection of mysql2 with callbacks. */
export interface MysqlCallbacks {
  promise(): MysqlPool | MysqlConnection
}
