import { connectionsOf, type MysqlCallbacks, type MysqlConnection, type MysqlConnections, type MysqlPool } from './mysql/client.ts'
import { MOST_BYTES, MysqlEngine } from './mysql/engine.ts'
import { migrateMysql } from './mysql/migrate.ts'
import { SqlStore } from './shared/sql-store.ts'
import { checkedTable, quotedTable, type SqlTable } from './shared/sql-table.ts'

export type { MysqlCallbacks, MysqlConnection, MysqlPool, MysqlPoolConnection, MysqlQuery } from './mysql/client.ts'

const TEN_MINUTES = 600_000

/** The options of a {@link MysqlStore}. */
export interface MysqlStoreOptions {
  /**
   * The table, `name` or `schema.name`, taken as it stands. Each part is a letter or `_`, then letters, digits, `_` or `$`, at most 48 characters.
   * Default: `'sessions'`, as in SCS.
   */
  readonly table?: string
  /** Whether the table has the column `owner`. Default: true; where it turns out to have none, one warning says so. */
  readonly owner?: boolean
  /**
   * Whether statements are prepared on each connection, which makes them cheaper. Default: true. Of use is false behind a pooler that gives each
   * statement another connection of the server and keeps no statements, and where many connections would reach `max_prepared_stmt_count`.
   */
  readonly prepare?: boolean
}

/**
 * Sessions in a table of MySQL 8 or MariaDB 10.6 or later, the one that SCS uses in Go, with a nullable column `owner` besides. Statements are
 * prepared once on each connection. What has expired, the server's clock says.
 *
 * SCS writes an expiry as the literal time in UTC, whatever the session's time zone: so all that write to the table must have one time zone without
 * daylight saving. Before its first statement the store looks whether that is so, and otherwise throws an Error that says what to set.
 *
 * Throws a RangeError for what would not fit: data of more than 65,535 bytes, an owner of more than 1,020, an end later than 2038-01-18. Throws an Error
 * for a new key that differs from another in case alone, where the table's collation takes them for one; `migrate()` changes such a collation.
 */
export class MysqlStore extends SqlStore {
  readonly maxBytes = MOST_BYTES
  readonly #connections: MysqlConnections
  readonly #engine: MysqlEngine
  readonly #table: SqlTable
  readonly #wantsOwner: boolean

  /** Throws a TypeError when `client` is no pool or connection of mysql2, or an option breaks its rule. */
  constructor(client: MysqlPool | MysqlConnection | MysqlCallbacks, options: MysqlStoreOptions = {}) {
    const { table = 'sessions', owner = true, prepare = true } = options
    if (typeof prepare !== 'boolean') throw new TypeError('MysqlStore: the option prepare must be true or false')
    const connections = connectionsOf(client)
    const checked = checkedTable(table, 'MysqlStore')
    const engine = new MysqlEngine(connections, quotedTable(checked, '`'), prepare)
    super(engine, owner)
    this.#connections = connections
    this.#engine = engine
    this.#table = checked
    this.#wantsOwner = owner
  }

  /**
   * Makes the table where there is none, and what is missing of its columns and indexes; an SCS table keeps its rows, and its tokens are compared by
   * bytes from then on. Does nothing where nothing is missing, and may be called by several processes at once. Needs the rights SELECT,
   * CREATE, ALTER and INDEX.
   * `until`: the moment, in epoch milliseconds, after which nobody waits for it any more. Default: ten minutes from now. Rejects then, though the server
   * may still carry out the change it is at.
   */
  async migrate(until = Date.now() + TEN_MINUTES): Promise<void> {
    await migrateMysql(this.#connections, this.#engine, this.#table, this.#wantsOwner, until)
    if (this.#wantsOwner) this.ownerColumnIsThere()
  }
}
