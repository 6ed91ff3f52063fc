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
   * The table, `name` or `schema.name`. Each part is a letter or `_`, then letters, digits, `_` or `$`, at most 48 characters.
   * Default: `'sessions'`, as in SCS.
   */
  readonly table?: string
  /**
   * Which table `migrate()` creates if there is none. `'plain'`: tokens as bytes, up to 16 MiB of data, expiry in whole milliseconds. `'scs'`: the
   * table of SCS, to share sessions with Go. An existing table is used as it is, whatever its layout; but `'scs'` refuses a plain one. Default:
   * `'plain'`.
   */
  readonly layout?: 'plain' | 'scs'
  /** Whether the table has the column `owner`. Default: true. The store warns once where the column is missing. */
  readonly owner?: boolean
  /**
   * Whether statements are prepared on each connection, which makes them cheaper. Default: true. Set false behind a pooler that runs each statement
   * on another connection and keeps no prepared statements, and where many connections would reach `max_prepared_stmt_count`.
   */
  readonly prepare?: boolean
}

/**
 * Sessions in a table of MySQL 8 or MariaDB 10.6 or later: one of our own, or the one that SCS uses in Go with one more column, `owner`, which may be
 * null. The store finds out which of them it is before its first statement. Statements are prepared once on each connection. The server's clock decides
 * what has expired.
 *
 * In SCS's table an expiry is the literal time in UTC, whatever the time zone of the connection. So all writers must have the same time zone, without
 * daylight saving; otherwise the store throws an Error that says what to set. An expiry after 2038-01-18 is a RangeError, and so is data that is too
 * large for the column. If the table's collation ignores case, a new key that differs from an existing one only in case is an Error; `migrate()` changes
 * such a collation.
 *
 * An owner of more than 1,020 bytes is a RangeError.
 */
export class MysqlStore extends SqlStore {
  readonly #connections: MysqlConnections
  readonly #dialect: MysqlDialect
  readonly #table: SqlTable
  readonly #wantsOwner: boolean

  /** Throws a TypeError when `client` is not a pool or connection of mysql2, or an option breaks its rule. */
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

  /** How much data the column can hold: 16,777,215 bytes, or 65,535 once the table is known to be SCS's. */
  get maxBytes(): number {
    return this.#dialect.maxBytes
  }

  /**
   * Creates the table if there is none, and whatever columns and indexes are missing. An SCS table keeps its rows, and its tokens are compared by bytes
   * from then on. Several processes may call it at once. Needs the right to SELECT and, where something is missing, to CREATE, ALTER and INDEX.
   * `until`: when to give up, in epoch milliseconds. Default: ten minutes from now. It rejects then, but the server may still finish the change that
   * it has begun.
   */
  async migrate(until = Date.now() + TEN_MINUTES): Promise<void> {
    await migrateMysql(this.#connections, this.#dialect, this.#table, this.#wantsOwner, until)
    if (this.#wantsOwner) this.ownerColumnIsThere()
  }
}
