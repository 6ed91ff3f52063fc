import { connectionsOf, type MysqlConnections } from './mysql/client.ts'
import { MysqlDialect } from './mysql/dialect.ts'
import type { MysqlCallbacks, MysqlConnection, MysqlPool } from './mysql/driver.ts'
import { LAYOUTS } from './mysql/layout.ts'
import { migrateMysql } from './mysql/migrate.ts'
import { SqlStore } from './sql/store.ts'
import { checkedTable, type SqlTable } from './sql/table.ts'

export type { MysqlCallbacks, MysqlConnection, MysqlPool, MysqlPoolConnection, MysqlQuery } from './mysql/driver.ts'

const TEN_MINUTES = 600_000

/** The options of a {@link MysqlStore}. */
export interface MysqlStoreOptions {
  /**
   * The table, `name` or `schema.name`, taken as it stands. Each part is a letter or `_`, then letters, digits, `_` or `$`, at most 48 characters.
   * Default: `'sessions'`, as in SCS.
   */
  readonly table?: string
  /**
   * The table that `migrate()` makes where there is none. `'plain'`: a token of bytes, data of up to 16 MiB, an expiry in whole milliseconds. `'scs'`: the
   * table of SCS, for sharing with Go. A table that is there is taken as it is, of whichever layout; `'scs'` refuses one that is plain. Default: `'plain'`.
   */
  readonly layout?: 'plain' | 'scs'
  /** Whether the table has the column `owner`. Default: true; where it turns out to have none, one warning says so. */
  readonly owner?: boolean
  /**
   * Whether statements are prepared on each connection, which makes them cheaper. Default: true. Of use is false behind a pooler that gives each
   * statement another connection of the server and keeps no statements, and where many connections would reach `max_prepared_stmt_count`.
   */
  readonly prepare?: boolean
}

/**
 * Sessions in a table of MySQL 8 or MariaDB 10.6 or later: one of our own, or the one that SCS uses in Go with a nullable column `owner` besides. Before its
 * first statement the store looks which of them it is. Statements are prepared once on each connection. What has expired, the server's clock says.
 *
 * In SCS's table an expiry is the literal time in UTC, whatever the session's time zone: so all that write to it must have one time zone without
 * daylight saving. The store looks whether that is so, and otherwise throws an Error that says what to set. There an end later than 2038-01-18 is a
 * RangeError, and so is data that the column does not hold; and a new key that differs from another in case alone is an Error, where the table's collation
 * takes them for one; `migrate()` changes such a collation.
 *
 * Throws a RangeError for an owner of more than 1,020 bytes.
 */
export class MysqlStore extends SqlStore {
  readonly #connections: MysqlConnections
  readonly #dialect: MysqlDialect
  readonly #table: SqlTable
  readonly #wantsOwner: boolean

  /** Throws a TypeError when `client` is no pool or connection of mysql2, or an option breaks its rule. */
  constructor(client: MysqlPool | MysqlConnection | MysqlCallbacks, options: MysqlStoreOptions = {}) {
    const { table = 'sessions', layout = 'plain', owner = true, prepare = true } = options
    if (typeof prepare !== 'boolean') throw new TypeError('MysqlStore: the option prepare must be true or false')
    if (!Object.hasOwn(LAYOUTS, layout)) throw new TypeError("MysqlStore: the option layout must be 'plain' or 'scs'")
    const connections = connectionsOf(client)
    const checked = checkedTable(table, 'MysqlStore')
    const dialect = new MysqlDialect(connections, checked, layout, prepare)
    super(dialect, owner)
    this.#connections = connections
    this.#dialect = dialect
    this.#table = checked
    this.#wantsOwner = owner
  }

  /** What the column data holds: 16,777,215 bytes, or 65,535 in SCS's table, once that is known. */
  get maxBytes(): number {
    return this.#dialect.maxBytes
  }

  /**
   * Makes the table where there is none, and what is missing of its columns and indexes; an SCS table keeps its rows, and its tokens are compared by
   * bytes from then on. Does nothing where nothing is missing, and may be called by several processes at once. Needs the rights SELECT,
   * CREATE, ALTER and INDEX.
   * `until`: the moment, in epoch milliseconds, after which nobody waits for it any more. Default: ten minutes from now. Rejects then, though the server
   * may still carry out the change it is at.
   */
  async migrate(until = Date.now() + TEN_MINUTES): Promise<void> {
    await migrateMysql(this.#connections, this.#dialect, this.#table, this.#wantsOwner, until)
    if (this.#wantsOwner) this.ownerColumnIsThere()
  }
}
