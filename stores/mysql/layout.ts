import { quotedTable, type SqlTable } from '../sql/table.ts'
import { rowsOf } from './client.ts'
import type { MysqlConnection } from './driver.ts'

/** How a table stores its rows, as far as statements depend on it. */
export interface Layout {
  readonly name: 'plain' | 'scs'
  /** How many bytes the column `data` can hold. */
  readonly maxBytes: number
  /** The columns as `migrate()` creates them. */
  readonly columns: Readonly<Record<'token' | 'data' | 'expiry', string>>
  /** The present, by the server's clock, as the column has it. */
  readonly now: string
  /** The moment in a placeholder, which is a string, as the column has it. */
  moment(placeholder: string): string
  /** The column as epoch milliseconds, rounded down. */
  readonly milliseconds: string
  /** Whether a column equals the key in a placeholder. */
  is(placeholder: string, column?: string): string
  /** An expiry as the value of a placeholder. Throws a RangeError for one that the column cannot hold. */
  toExpiry(expiresAt: number): string
}

/** For a column that compares by bytes. */
const equal: Layout['is'] = (placeholder, column = 'token') => `${column} = ${placeholder}`

/** For one that may take `a` for `A`: compares by the index and then by bytes. */
const equalByBytes: Layout['is'] = (placeholder, column = 'token') =>
  `${column} = ${placeholder} AND CAST(${column} AS BINARY) = CAST(${placeholder} AS BINARY)`

/** What `migrate()` creates by default: whole milliseconds, which need no time zone, and bytes, which need no collation. */
export const PLAIN: Layout = {
  name: 'plain',
  maxBytes: 16_777_215,
  columns: { token: 'VARBINARY(43) NOT NULL PRIMARY KEY', data: 'MEDIUMBLOB NOT NULL', expiry: 'BIGINT NOT NULL' },
  now: "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(3)) DIV 1000",
  moment: (placeholder) => `CAST(${placeholder} AS SIGNED)`,
  milliseconds: 'expiry',
  is: equal,
  toExpiry: (expiresAt) => String(Math.max(expiresAt, Number.MIN_SAFE_INTEGER)),
}

/** Makes a column compare by bytes. */
export const ASCII = 'CHARACTER SET ascii COLLATE ascii_bin NOT NULL'

/** What a TIMESTAMP can hold in every time zone. An expiry before the first has passed anyway. */
const FIRST = Date.UTC(1970, 0, 3)
const LAST = Date.UTC(2038, 0, 18)

/** The table of SCS. An expiry is the literal time in UTC, whatever the connection's time zone. */
export const SCS: Layout = {
  name: 'scs',
  maxBytes: 65_535,
  columns: {
    token: `CHAR(43) ${ASCII} PRIMARY KEY`,
    data: 'BLOB NOT NULL',
    // Without this default, some servers set the first TIMESTAMP of a table to the present at each update.
    expiry: "TIMESTAMP(6) NOT NULL DEFAULT '2000-01-01 00:00:00'",
  },
  now: 'UTC_TIMESTAMP(6)',
  moment: (placeholder) => `CAST(${placeholder} AS DATETIME(6))`,
  milliseconds: "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', expiry) DIV 1000",
  is: equal,
  toExpiry(expiresAt) {
    if (expiresAt > LAST)
      throw new RangeError(`MysqlStore: a TIMESTAMP ends in 2038, so a session must expire by ${new Date(LAST).toISOString()}`)
    return new Date(Math.max(expiresAt, FIRST)).toISOString().replace('T', ' ').replace('Z', '')
  },
}

export const LAYOUTS = { plain: PLAIN, scs: SCS }

const NO_COLUMNS =
  'MysqlStore: this user sees no columns token, data and expiry: the table is not a table of sessions, or the right to SELECT is missing'

/** A row of SHOW FULL COLUMNS: name, type, collation, whether it may be null, key, default, extra. */
export type Column = readonly unknown[]

/** How many bytes each BLOB type can hold. */
const SIZES = new Map([
  ['tinyblob', 255],
  ['blob', SCS.maxBytes],
  ['mediumblob', PLAIN.maxBytes],
  ['longblob', PLAIN.maxBytes],
])

/** Whether a column compares by bytes. */
export function isByBytes([, , collation]: Column): boolean {
  return collation === null || String(collation).endsWith('_bin')
}

/** The layout of a table with these columns. Throws if it is not a table of sessions. */
export function layoutOf(columns: readonly Column[]): Layout {
  const [token, data, expiry] = ['token', 'data', 'expiry'].map((wanted) => columns.find(([name]) => name === wanted))
  if (token === undefined || data === undefined || expiry === undefined) throw new Error(NO_COLUMNS)
  const maxBytes = SIZES.get(typeOf(data))
  if (maxBytes === undefined) throw new Error(`MysqlStore: the column data must be a BLOB of some size, not ${typeOf(data)}`)
  return { ...shapeOf(typeOf(expiry)), maxBytes, is: isByBytes(token) ? equal : equalByBytes }
}

function shapeOf(expiry: string): Layout {
  if (expiry.startsWith('bigint')) return PLAIN
  if (/^(timestamp|datetime)/.test(expiry)) return SCS
  throw new Error(`MysqlStore: the column expiry must be BIGINT or TIMESTAMP, not ${expiry}`)
}

function typeOf([, type]: Column): string {
  return String(type).toLowerCase()
}

/** The columns of a table that this user may see. Rejects if there is no such table. */
export function columnsOf(connection: MysqlConnection, table: SqlTable): Promise<Column[]> {
  return rowsOf(connection, `SHOW FULL COLUMNS FROM ${quotedTable(table, '`')}`)
}
