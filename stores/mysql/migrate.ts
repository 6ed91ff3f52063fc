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
 * Makes what is missing of a table, its owner column and its indexes, and has its tokens compared by bytes. Where nothing is missing it only
 * looks, so that a user who may not change tables can call it too. Several at once wait for each other, each up to a minute.
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
  if (Number(row?.[0]) !== 1) throw new Error('MysqlStore: another process has been changing tables for a minute')
  try {
    // Another may have made it meanwhile.
    const inspection = await inspectTable(connection, table)
    const ddl = await missingOf(connection, dialect.layoutFrom(inspection), inspection, table, owner)
    if (ddl === undefined) return inspection
    await connection.query(queryOf(ddl))
    return await inspectTable(connection, table)
  } finally {
    await connection.query(queryOf(`SELECT RELEASE_LOCK(${LOCK})`))
  }
}

/** The statement that makes the table as it is to be; undefined where it is so already. */
async function missingOf(
  connection: MysqlConnection,
  layout: Layout,
  { columns }: Inspection,
  table: SqlTable,
  owner: boolean,
): Promise<string | undefined> {
  if (columns === undefined) return tableOf(table, owner, layout)
  const quoted = quotedTable(table, '`')
  const indexes = await rowsOf(connection, `SHOW INDEX FROM ${quoted}`)
  const indexed = new Set(indexes.filter(([, , , place]) => Number(place) === 1).map(([, , , , column]) => column))
  const changes = [...byBytes(columns), ...keptByUpdates(columns)]
  if (owner && !columns.some(([name]) => name === 'owner')) changes.push(`ADD COLUMN ${OWNER}`)
  for (const [column, index] of indexesOf(table, owner)) if (!indexed.has(column)) changes.push(`ADD ${index}`)
  return changes.length === 0 ? undefined : `ALTER TABLE ${quoted} ${changes.join(', ')}`
}

/** Bytes, for which every length of text is told from every other. */
const OWNER = 'owner VARBINARY(1020) NULL'

function tableOf(table: SqlTable, owner: boolean, { columns }: Layout): string {
  const parts = Object.entries(columns).map(([name, type]) => `${name} ${type}`)
  const indexes = indexesOf(table, owner).map(([, index]) => index)
  return `CREATE TABLE IF NOT EXISTS ${quotedTable(table, '`')} (${[...parts, ...(owner ? [OWNER] : []), ...indexes].join(', ')}) ENGINE = InnoDB`
}

function indexesOf({ name }: SqlTable, owner: boolean): [column: string, index: string][] {
  const expiry: [string, string] = ['expiry', `INDEX \`${name}_expiry_idx\` (expiry)`]
  // As many bytes as an index of every row format takes.
  return owner ? [expiry, ['owner', `INDEX \`${name}_owner_idx\` (owner(255))`]] : [expiry]
}

/** A token that another one in other case would be taken for. */
function byBytes(columns: readonly Column[]): string[] {
  return columns.filter((column) => column[0] === 'token' && !isByBytes(column)).map(([, type]) => `MODIFY token ${type} ${ASCII}`)
}

/** An expiry that the server would set to the present with each update of its row. */
function keptByUpdates(columns: readonly Column[]): string[] {
  return columns
    .filter(([name, , , , , , extra]) => name === 'expiry' && String(extra).toLowerCase().includes('on update'))
    .map(() => `MODIFY expiry ${SCS.columns.expiry}`)
}

async function inspectTable(connection: MysqlConnection, table: SqlTable): Promise<Inspection> {
  return inspect(connection, await columnsIn(connection, table))
}

/** Undefined where there is no such table. */
async function columnsIn(connection: MysqlConnection, table: SqlTable): Promise<Column[] | undefined> {
  try {
    return await columnsOf(connection, table)
  } catch (error) {
    if (codeOf(error, 'errno') !== NO_SUCH_TABLE) throw error
  }
  return undefined
}
