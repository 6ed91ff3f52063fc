import { rowsOf } from './client.ts'
import type { MysqlConnection } from './driver.ts'
import type { Layout } from './layout.ts'

/** CLIENT_FOUND_ROWS of the protocol. */
const FOUND_ROWS = 2
const MONTH = 30 * 24 * 3600

const EACH_MONTH = Array.from({ length: 13 }, (_, month) => `(UNIX_TIMESTAMP() + ${month * MONTH})`)
const LOOK = `SELECT @@autocommit,
  TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), CONVERT_TZ(UTC_TIMESTAMP(), '+00:00', @@global.time_zone)),
  ${EACH_MONTH.map((moment) => `TIMESTAMPDIFF(SECOND, TIMESTAMPADD(SECOND, ${moment}, '1970-01-01'), FROM_UNIXTIME(${moment}))`).join(', ')}`

/**
 * Throws, with a sentence that says what to set, where sessions would come to harm: when an update to equal values counts for none, when nothing is
 * committed, and when, in a table of SCS, the literal times in UTC that it writes into a TIMESTAMP would mean other moments to other writers.
 */
export async function checkMysql(connection: MysqlConnection, { name }: Layout): Promise<void> {
  const { clientFlags = FOUND_ROWS } = Object(connection.config) as { clientFlags?: number }
  if ((clientFlags & FOUND_ROWS) === 0) {
    throw new Error("MysqlStore: an update to equal values has to count: leave '-FOUND_ROWS' out of the flags of the connection")
  }
  const [row = []] = await rowsOf(connection, LOOK)
  const [autocommit, others, ...ours] = row.map(Number)
  if (autocommit === 0) throw new Error('MysqlStore: nothing would be committed: set autocommit = 1 on the server and the connection')
  if (name !== 'scs') return
  if (new Set(ours).size > 1) {
    throw new Error(
      "MysqlStore: the time zone has daylight saving, so that an hour of the year lacks the times that are written: set default_time_zone = '+00:00' on the server",
    )
  }
  if (others !== ours[0]) {
    throw new Error(
      "MysqlStore: this connection's time zone is not the server's, which other writers of the table have: leave SET time_zone out, or set default_time_zone = '+00:00' on the server",
    )
  }
}
