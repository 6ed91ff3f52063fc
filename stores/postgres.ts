import { clientsOf, type PostgresClient, type PostgresConnections, type PostgresPool } from './postgres/client.ts'
import { PostgresDialect } from './postgres/dialect.ts'
import { migratePostgres } from './postgres/migrate.ts'
import { SqlStore } from './sql/store.ts'
import { checkedTable, quotedTable, type SqlTable } from './sql/table.ts'

export type { PostgresClient, PostgresPool, PostgresPoolClient, PostgresQuery } from './postgres/client.ts'

const TEN_MINUTES = 600_000

/** The options of a {@link PostgresStore}. */
export interface PostgresStoreOptions {
  /**
   * The table, `name` or `schema.name`, in exactly this case. Each part is a letter or `_`, then letters, digits, `_` or `$`, at most 48
   * characters. Default: `'sessions'`, as in SCS.
   */
  readonly table?: string
  /** Whether the table has the column `owner`. Default: true. The store warns once where the column is missing. */
  readonly owner?: boolean
  /**
   * Whether statements are prepared on each connection, which makes them cheaper. Default: true. Set false behind a pooler that runs each statement
   * on another connection and keeps no prepared statements, such as PgBouncer without `max_prepared_statements`.
   */
  readonly prepare?: boolean
}

/**
 * Sessions in a table of PostgreSQL 12 or later: the table that SCS uses in Go, with one more column, `owner`, which may be null. Every verb is
 * one statement, prepared once on each connection. The server's clock decides what has expired.
 *
 * A pool or client emits `error` when an idle connection is lost. The application should handle that event; where it does not, the store ignores it, so
 * that it does not end the process. On a single client, each statement waits for the one before.
 */
export class PostgresStore extends SqlStore {
  readonly #connections: PostgresConnections
  readonly #table: SqlTable
  readonly #wantsOwner: boolean

  /** Throws a TypeError when `client` is not a Pool or Client of pg, or an option breaks its rule. */
  constructor(client: PostgresPool | PostgresClient, options: PostgresStoreOptions = {}) {
    const { table = 'sessions', owner = true, prepare = true } = options
    if (typeof prepare !== 'boolean') throw new TypeError('PostgresStore: the option prepare must be true or false')
    const connections = clientsOf(client)
    const checked = checkedTable(table, 'PostgresStore')
    super(new PostgresDialect(connections, quotedTable(checked, '"'), prepare), owner)
    this.#connections = connections
    this.#table = checked
    this.#wantsOwner = owner
  }

  /**
   * Creates the table if there is none, and whatever columns and indexes are missing; an SCS table keeps its rows. Several processes may call it at
   * once. It needs the right to create in the schema, and ownership of the table, only when something is missing.
   * `until`: when to give up, in epoch milliseconds. Default: ten minutes from now. It rejects then, but the server may still finish the change that
   * it has begun.
   */
  async migrate(until = Date.now() + TEN_MINUTES): Promise<void> {
    await migratePostgres(this.#connections, this.#table, this.#wantsOwner, until)
    if (this.#wantsOwner) this.ownerColumnIsThere()
  }
}
