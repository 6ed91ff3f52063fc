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
   * The table, `name` or `schema.name`, taken as it stands, in case too. Each part is a letter or `_`, then letters, digits, `_` or `$`, at most
   * 48 characters. Default: `'sessions'`, as in SCS.
   */
  readonly table?: string
  /** Whether the table has the column `owner`. Default: true; where it turns out to have none, one warning says so. */
  readonly owner?: boolean
  /**
   * Whether statements are prepared on each connection, which makes them cheaper. Default: true. Of use is false behind a pooler that gives each
   * statement another connection of the server and keeps no statements, as PgBouncer does without `max_prepared_statements`.
   */
  readonly prepare?: boolean
}

/**
 * Sessions in a table of PostgreSQL 12 or later, the one that SCS uses in Go, with a nullable column `owner` besides. Every verb is one
 * statement, prepared once on each connection. What has expired, the server's clock says.
 *
 * Given a pool, it listens to no event of it: an idle connection that is lost is an `error` event of the pool, and the application's to
 * handle. Given a client, statements wait for each other.
 */
export class PostgresStore extends SqlStore {
  readonly #connections: PostgresConnections
  readonly #table: SqlTable
  readonly #wantsOwner: boolean

  /** Throws a TypeError when `client` is no Pool or Client of pg, or an option breaks its rule. */
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
   * Makes the table where there is none, and what is missing of its columns and indexes; an SCS table keeps its rows. Does nothing where nothing is
   * missing, and may be called by several processes at once. Needs the right to create in the schema, and to own a table that lacks something.
   * `until`: the moment, in epoch milliseconds, after which nobody waits for it any more. Default: ten minutes from now. Rejects then, though the server
   * may still carry out the change it is at.
   */
  async migrate(until = Date.now() + TEN_MINUTES): Promise<void> {
    await migratePostgres(this.#connections, this.#table, this.#wantsOwner, until)
    if (this.#wantsOwner) this.ownerColumnIsThere()
  }
}
