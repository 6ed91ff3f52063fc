export type TypeCast = (field: unknown, next: () => unknown) => unknown

/** A statement as mysql2 takes it. */
export interface MysqlQuery {
  readonly sql: string
  readonly values?: (string | Buffer | null)[]
  readonly rowsAsArray: true
  readonly nestTables: false
  readonly typeCast: true | TypeCast
}

/** The little that is needed of a connection of mysql2, in its flavour with promises. */
export interface MysqlConnection {
  execute(query: MysqlQuery, values: (string | Buffer | null)[]): PromiseLike<[unknown, unknown]>
  query(query: MysqlQuery): PromiseLike<[unknown, unknown]>
  readonly config?: { readonly typeCast?: unknown } | undefined
  /** The connection in its flavour with callbacks. */
  readonly connection?: unknown
}

/** What a pool of mysql2 lends. */
export interface MysqlPoolConnection extends MysqlConnection {
  release(): void
  destroy(): void
}

/** The little that is needed of a pool of mysql2, in its flavour with promises. */
export interface MysqlPool {
  getConnection(): PromiseLike<MysqlPoolConnection>
}

/** A pool or a connection of mysql2 in its flavour with callbacks. */
export interface MysqlCallbacks {
  promise(): MysqlPool | MysqlConnection
}
