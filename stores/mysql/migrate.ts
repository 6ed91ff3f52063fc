import { codeOf } from '../sql/dialect.ts'
import { quotedTable, type SqlTable } from '../sql/table.ts'
import { type Inspection, inspect } from './check.ts'
import { type MysqlConnections, queryOf, rowsOf } from './client.ts'
import type { MysqlDialect } from './dialect.ts'
import type { MysqlConnection } from './driver.ts'
import { ASCII, type Column, columnsOf, isByBytes, type Layout, SCS } from './layout.ts'

const LOCK = "'fastify-scs migrate'"
const NO_SUCH_TABLE = 1146

/**
 * Creates whatever is missing of a table, its owner column and its indexes, and makes its tokens compare by bytes. Where nothing is missing it changes
 * nothing, so that a user without the right to change tables can call it too. Concurrent calls wait for each other, up to a minute.
 */
export function migrateMysql(
  connections: MysqlConnections,
  dialect: MysqlDialect,
  table: SqlTable,
  owner: boolean,
  until: number,
): Promise<void> {
  return connections.run(async (connection) => {
    const inspection = await inspectTable(connection, table)
    const ddl = await missingOf(connection, dialect.layoutFrom(inspection), inspection, table, owner)
    dialect.remember(ddl === undefined ? inspection : await makeMissing(connection, dialect, table, owner))
  }, until)
}

async function makeMissing(connection: MysqlConnection, dialect: MysqlDialect, table: SqlTable, owner: boolean): Promise<Inspection> {
  const [row] = await rowsOf(connection, `SELECT GET_LOCK(${LOCK}, 60)`)
  if (row?.[0] === null) throw new Error('MysqlStore: the server cut off GET_LOCK: raise max_statement_time')
  if (Number(row?.[0]) !== 1) throw new Error('MysqlStore: another process has been in migrate() for a minute')
  try {
    // Another process may have created it meanwhile.
    const inspection = await inspectTable(connection, table)
    const ddl = await missingOf(connection, dialect.layoutFrom(inspection), inspection, table, owner)
    if (ddl === undefined) return inspection
    await connection.query(queryOf(ddl))
    return await inspectTable(connection, table)
  } finally {
    await connection.query(queryOf(`SELECT RELEASE_LOCK(${LOCK})`))
  }
}

/** The statement that creates or changes the table; undefined where nothing is missing. */
async function missingOf(
  connection: MysqlConnection,
  layout: Layout,
  { columns }: Inspection,
  table: SqlTable,
  owner: boolean,
): Promise<string | undefined> {
  if (columns === undefined) return createTable(table, owner, layout)
  const quoted = quotedTable(table, '`')
  const indexes = await rowsOf(connection, `SHOW INDEX FROM ${quoted}`)
  const indexed = new Set(indexes.filter(([, , , position]) => Number(position) === 1).map(([, , , , column]) => column))
  const changes = [...byBytes(columns), ...withoutOnUpdate(columns)]
  if (owner && !columns.some(([name]) => name === 'owner')) changes.push(`ADD COLUMN ${OWNER}`)
  for (const [column, index] of indexesOf(table, owner)) if (!indexed.has(column)) changes.push(`ADD ${index}`)
  return changes.length === 0 ? undefined : `ALTER TABLE ${quoted} ${changes.join(', ')}`
}

/** Bytes, which no collation compares: strings that differ in any way are different owners. */
const OWNER = 'owner VARBINARY(1020) NULL'

function createTable(table: SqlTable, owner: boolean, { columns }: Layout): string {
  const parts = Object.entries(columns).map(([name, type]) => `${name} ${type}`)
  const indexes = indexesOf(table, owner).map(([, index]) => index)
  return `CREATE TABLE IF NOT EXISTS ${quotedTable(table, '`')} (${[...parts, ...(owner ? [OWNER] : []), ...indexes].join(', ')}) ENGINE = InnoDB`
}

function indexesOf({ name }: SqlTable, owner: boolean): [column: string, index: string][] {
  const expiry: [string, string] = ['expiry', `INDEX \`${name}_expiry_idx\` (expiry)`]
  // An index of any row format can have 255 bytes.
  return owner ? [expiry, ['owner', `INDEX \`${name}_owner_idx\` (owner(255))`]] : [expiry]
}

/** Changes a token whose collation ignores case. */
function byBytes(columns: readonly Column[]): string[] {
  return columns.filter((column) => column[0] === 'token' && !isByBytes(column)).map(([, type]) => `MODIFY token ${type} ${ASCII}`)
}

/** Changes an expiry that the server sets to the present at each update of its row. */
function withoutOnUpdate(columns: readonly Column[]): string[] {
  return columns
    .filter(([name, , , , , , extra]) => name === 'expiry' && String(extra).toLowerCase().includes('on update'))
    .map(() => `MODIFY expiry ${SCS.columns.expiry}`)
}

async function inspectTable(connection: MysqlConnection, table: SqlTable): Promise<Inspection> {
  return inspect(connection, await columnsIn(connection, table))
}

/** Undefined if there is no such table. */
async function columnsIn(connection: MysqlConnection, table: SqlTable): Promise<Column[] | undefined> {
  try {
    return await columnsOf(connection, table)
  } catch (error) {
    if (codeOf(error, 'errno') !== NO_SUCH_TABLE) throw error
  }
  return undefined
}
