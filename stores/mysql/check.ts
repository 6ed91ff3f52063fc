import { rowsOf } from './client.ts'
import type { MysqlConnection } from './driver.ts'
import { type Column, LAYOUTS, type Layout, layoutOf } from './layout.ts'

/** CLIENT_FOUND_ROWS of the protocol. */
const FOUND_ROWS = 2
const MONTH = 30 * 24 * 3600

const EACH_MONTH = Array.from({ length: 13 }, (_, month) => `(UNIX_TIMESTAMP() + ${month * MONTH})`)
const LOOK = `SELECT @@autocommit,
  TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), CONVERT_TZ(UTC_TIMESTAMP(), '+00:00', @@global.time_zone)),
  ${EACH_MONTH.map((moment) => `TIMESTAMPDIFF(SECOND, TIMESTAMPADD(SECOND, ${moment}, '1970-01-01'), FROM_UNIXTIME(${moment}))`).join(', ')}`

const NOT_SCS = "MysqlStore: the option layout is 'scs', but this is not a table of SCS: its column expiry is BIGINT"
const NO_FOUND_ROWS = "MysqlStore: an update to equal values must count as a row: remove '-FOUND_ROWS' from the flags of the connection"
const NO_COMMIT = 'MysqlStore: nothing would be committed: set autocommit = 1 on the server and on the connection'
const DAYLIGHT_SAVING =
  "MysqlStore: the time zone has daylight saving, so the times of one hour a year do not exist: set default_time_zone = '+00:00' on the server"
const OTHER_ZONE =
  "MysqlStore: this connection's time zone differs from the server's, which the other writers of the table have: do not SET time_zone, or set default_time_zone = '+00:00' on the server"

/** What is known of a connection, the server and the table before the first statement. */
export interface Inspection {
  readonly flags: number
  readonly autocommit: number
  /** The server's offset from UTC now, and this connection's now and in each of the next twelve months, in seconds. */
  readonly server: number | undefined
  readonly months: readonly number[]
  /** Undefined where there is no such table. */
  readonly columns: readonly Column[] | undefined
}

/** Only asks. It does not throw by itself, because after an error that is not the server's the pool would close the connection. */
export async function inspect(connection: MysqlConnection, columns: Inspection['columns']): Promise<Inspection> {
  const { clientFlags: flags = FOUND_ROWS } = Object(connection.config) as { clientFlags?: number }
  const [row = []] = await rowsOf(connection, LOOK)
  const [autocommit = 1, server, ...months] = row.map(Number)
  return { flags, autocommit, server, months, columns }
}

/**
 * The layout of the table, or of the one to be created. Throws an Error that says what to set when an update to equal values does not count as a row,
 * when nothing would be committed, and when other writers would read the literal UTC times in a table of SCS as other moments.
 */
export function layoutFrom({ flags, autocommit, server, months, columns }: Inspection, wanted: Layout['name']): Layout {
  const layout = columns === undefined ? LAYOUTS[wanted] : layoutOf(columns)
  if (wanted === 'scs' && layout.name !== 'scs') throw new Error(NOT_SCS)
  if ((flags & FOUND_ROWS) === 0) throw new Error(NO_FOUND_ROWS)
  if (autocommit === 0) throw new Error(NO_COMMIT)
  if (layout.name !== 'scs') return layout
  if (new Set(months).size > 1) throw new Error(DAYLIGHT_SAVING)
  if (server !== months[0]) throw new Error(OTHER_ZONE)
  return layout
}
