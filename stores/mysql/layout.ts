import { quotedTable, type SqlTable } from '../sql/table.ts'
import { rowsOf } from './client.ts'
import type { MysqlConnection } from './driver.ts'

/** How a table keeps its rows, as far as statements differ by it. */
export interface Layout {
  readonly name: 'plain' | 'scs'
  /** The most bytes that the data of a session may have. */
  readonly maxBytes: number
  /** The columns as `migrate()` makes them. */
  readonly columns: Readonly<Record<'token' | 'data' | 'expiry', string>>
  /** What is the present by the server's clock. */
  readonly now: string
  /** What `placeholder`, epoch milliseconds as text, is in the column. */
  moment(placeholder: string): string
  /** The column as epoch milliseconds, rounded down. */
  readonly milliseconds: string
  /** Whether a column holds a key. */
  is(placeholder: string, column?: string): string
  /** An expiry as it is given for a place of a statement. Throws a RangeError for one that the column cannot hold. */
  toExpiry(expiresAt: number): string
}

/** In a column that compares by bytes. */
const equal: Layout['is'] = (placeholder, column = 'token') => `${column} = ${placeholder}`

/** By the index, and by bytes besides: the collation of the table may take `a` for `A`. */
const equalByBytes: Layout['is'] = (placeholder, column = 'token') =>
  `${column} = ${placeholder} AND CAST(${column} AS BINARY) = CAST(${placeholder} AS BINARY)`

/** `migrate()` makes it where there is no table: whole milliseconds, which need no time zone, and bytes, which need no collation. */
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

/** What compares a token by its bytes. */
export const ASCII = 'CHARACTER SET ascii COLLATE ascii_bin NOT NULL'

/** What a TIMESTAMP holds, in whichever time zone: anything before the first has expired anyhow. */
const FIRST = Date.UTC(1970, 0, 3)
const LAST = Date.UTC(2038, 0, 18)

/** The table of SCS. An expiry is the literal time in UTC, whatever the session's time zone. */
export const SCS: Layout = {
  name: 'scs',
  maxBytes: 65_535,
  columns: {
    token: `CHAR(43) ${ASCII} PRIMARY KEY`,
    data: 'BLOB NOT NULL',
    // Without a default of its own, some servers give the first TIMESTAMP of a table one that each update renews.
    expiry: "TIMESTAMP(6) NOT NULL DEFAULT '2000-01-01 00:00:00'",
  },
  now: 'UTC_TIMESTAMP(6)',
  moment: (placeholder) => `CAST(${placeholder} AS DATETIME(6))`,
  milliseconds: "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', expiry) DIV 1000",
  is: equal,
  toExpiry(expiresAt) {
    if (expiresAt > LAST) throw new RangeError(`MysqlStore: a TIMESTAMP ends in 2038, so a session ends by ${new Date(LAST).toISOString()}`)
    return new Date(Math.max(expiresAt, FIRST)).toISOString().replace('T', ' ').replace('Z', '')
  },
}

export const LAYOUTS = { plain: PLAIN, scs: SCS }

const NO_COLUMNS =
  'MysqlStore: the table has no columns token, data and expiry that this user may see: it is not one of sessions, or the right to SELECT is missing'

/** A column as the server describes it: name, type, collation, whether it may be null, key, default, extra. */
export type Column = readonly unknown[]

/** What the types of bytes hold. */
const SIZES = new Map([
  ['tinyblob', 255],
  ['blob', SCS.maxBytes],
  ['mediumblob', PLAIN.maxBytes],
  ['longblob', PLAIN.maxBytes],
])

/** Whether a column is bytes, or compares its text by them. */
export function isByBytes([, , collation]: Column): boolean {
  return collation === null || String(collation).endsWith('_bin')
}

/** The layout of a table by its columns. Throws for a table that is none of sessions. */
export function layoutOf(columns: readonly Column[]): Layout {
  const [token, data, expiry] = ['token', 'data', 'expiry'].map((wanted) => columns.find(([name]) => name === wanted))
  if (token === undefined || data === undefined || expiry === undefined) throw new Error(NO_COLUMNS)
  const maxBytes = SIZES.get(typeOf(data))
  if (maxBytes === undefined) throw new Error(`MysqlStore: the column data is a BLOB of some size, and not ${typeOf(data)}`)
  return { ...shapeOf(typeOf(expiry)), maxBytes, is: isByBytes(token) ? equal : equalByBytes }
}

function shapeOf(expiry: string): Layout {
  if (expiry.startsWith('bigint')) return PLAIN
  if (/^(timestamp|datetime)/.test(expiry)) return SCS
  throw new Error(`MysqlStore: the column expiry is BIGINT or TIMESTAMP, and not ${expiry}`)
}

function typeOf([, type]: Column): string {
  return String(type).toLowerCase()
}

/** The columns of a table, as far as this user may see them. Rejects where there is no such table. */
export function columnsOf(connection: MysqlConnection, table: SqlTable): Promise<Column[]> {
  return rowsOf(connection, `SHOW FULL COLUMNS FROM ${quotedTable(table, '`')}`)
}
