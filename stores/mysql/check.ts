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

const NOT_SCS = "MysqlStore: the table is not one of SCS's, which the option layout says: it has the column expiry as BIGINT"
const NO_FOUND_ROWS = "MysqlStore: an update to equal values has to count: leave '-FOUND_ROWS' out of the flags of the connection"
const NO_COMMIT = 'MysqlStore: nothing would be committed: set autocommit = 1 on the server and the connection'
const DAYLIGHT_SAVING =
  "MysqlStore: the time zone has daylight saving, so that an hour of the year lacks the times that are written: set default_time_zone = '+00:00' on the server"
const OTHER_ZONE =
  "MysqlStore: this connection's time zone is not the server's, which other writers of the table have: leave SET time_zone out, or set default_time_zone = '+00:00' on the server"

/** What a connection and the server say before the first statement. */
export interface Inspection {
  readonly flags: number
  readonly autocommit: number
  /** How many seconds the server's clock is from UTC now, and this connection's in each of the months to come. */
  readonly server: number | undefined
  readonly months: readonly number[]
  /** Undefined where there is no such table. */
  readonly columns: readonly Column[] | undefined
}

/** Looks, and judges nothing: an error that is not the server's would cost the connection. */
export async function inspect(connection: MysqlConnection, columns: Inspection['columns']): Promise<Inspection> {
  const { clientFlags: flags = FOUND_ROWS } = Object(connection.config) as { clientFlags?: number }
  const [row = []] = await rowsOf(connection, LOOK)
  const [autocommit = 1, server, ...months] = row.map(Number)
  return { flags, autocommit, server, months, columns }
}

/**
 * The layout of the table, or of the one to be made. Throws, with a sentence that says what to set, where sessions would come to harm: when an update
 * to equal values counts for none, when nothing is committed, and when, in a table of SCS, the literal times in UTC that it writes into a TIMESTAMP
 * would mean other moments to other writers.
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
