import { codeOf } from '../shared/sql-client.ts'
import { quotedTable, type SqlTable } from '../shared/sql-table.ts'
import { type MysqlConnection, type MysqlConnections, queryOf } from './client.ts'
import type { MysqlEngine } from './engine.ts'

const LOCK = "'fastify-scs migrate'"
const NO_SUCH_TABLE = 1146

/**
 * Makes what is missing of a table, its owner column and its indexes, and has its tokens compared by bytes. Where nothing is missing two looks are
 * all that is sent, so that a user who may not change tables can call it too. Several at once wait for each other, each up to a minute.
 */
export function migrateMysql(
  connections: MysqlConnections,
  engine: MysqlEngine,
  table: SqlTable,
  owner: boolean,
  until: number,
): Promise<void> {
  return connections.run(async (connection) => {
    await engine.check(connection)
    if ((await missingOf(connection, table, owner)) === undefined) return
    const [row] = await rowsOf(connection, `SELECT GET_LOCK(${LOCK}, 60)`)
    if (Number(row?.[0]) !== 1) throw new Error('MysqlStore: another process has been changing tables for a minute')
    try {
      // Another may have made it meanwhile.
      const ddl = await missingOf(connection, table, owner)
      if (ddl !== undefined) await connection.query(queryOf(ddl))
    } finally {
      await connection.query(queryOf(`SELECT RELEASE_LOCK(${LOCK})`))
    }
  }, until)
}

/** The statement that makes the table as it is to be; undefined where it is so already. */
async function missingOf(connection: MysqlConnection, table: SqlTable, owner: boolean): Promise<string | undefined> {
  const quoted = quotedTable(table, '`')
  const columns = await columnsOf(connection, quoted)
  if (columns === undefined) return tableOf(table, owner)
  const token = columns.find(([name]) => name === 'token')
  if (token === undefined)
    throw new Error('MysqlStore: the table has no column token that this user may see: migrate() needs the right to SELECT')
  const indexes = await rowsOf(connection, `SHOW INDEX FROM ${quoted}`)
  const indexed = new Set(indexes.filter(([, , , place]) => Number(place) === 1).map(([, , , , column]) => column))
  const changes = [...byBytes(token), ...keptByUpdates(columns)]
  if (owner && !columns.some(([name]) => name === 'owner')) changes.push(`ADD COLUMN ${OWNER}`)
  for (const [column, index] of indexesOf(table, owner)) if (!indexed.has(column)) changes.push(`ADD ${index}`)
  return changes.length === 0 ? undefined : `ALTER TABLE ${quoted} ${changes.join(', ')}`
}

const OWNER = 'owner VARBINARY(1020) NULL'
/** Without a default of its own, some servers give the first TIMESTAMP of a table one that each update renews. */
const EXPIRY = "NOT NULL DEFAULT '2000-01-01 00:00:00'"
const ASCII = 'CHARACTER SET ascii COLLATE ascii_bin NOT NULL'

function tableOf(table: SqlTable, owner: boolean): string {
  const columns = [`token CHAR(43) ${ASCII} PRIMARY KEY`, 'data BLOB NOT NULL', `expiry TIMESTAMP(6) ${EXPIRY}`, ...(owner ? [OWNER] : [])]
  const indexes = indexesOf(table, owner).map(([, index]) => index)
  return `CREATE TABLE IF NOT EXISTS ${quotedTable(table, '`')} (${[...columns, ...indexes].join(', ')}) ENGINE = InnoDB`
}

function indexesOf({ name }: SqlTable, owner: boolean): [column: string, index: string][] {
  const expiry: [string, string] = ['expiry', `INDEX \`${name}_expiry_idx\` (expiry)`]
  // As many bytes as an index of every row format takes.
  return owner ? [expiry, ['owner', `INDEX \`${name}_owner_idx\` (owner(255))`]] : [expiry]
}

/** A token of a type without a collation is bytes already. */
function byBytes([, type, collation]: unknown[]): string[] {
  return collation === null || String(collation).endsWith('_bin') ? [] : [`MODIFY token ${type} ${ASCII}`]
}

/** An expiry that the server would set to the present with each update of its row. */
function keptByUpdates(columns: unknown[][]): string[] {
  const expiry = columns.find(([name]) => name === 'expiry')
  return String(expiry?.[6]).toLowerCase().includes('on update') ? [`MODIFY expiry ${expiry?.[1]} ${EXPIRY}`] : []
}

/** Name, type, collation and more of each column; undefined where there is no such table. */
async function columnsOf(connection: MysqlConnection, quoted: string): Promise<unknown[][] | undefined> {
  try {
    return await rowsOf(connection, `SHOW FULL COLUMNS FROM ${quoted}`)
  } catch (error) {
    if (codeOf(error, 'errno') !== NO_SUCH_TABLE) throw error
  }
  return undefined
}

async function rowsOf(connection: MysqlConnection, sql: string): Promise<unknown[][]> {
  const [rows] = await connection.query(queryOf(sql))
  return rows as unknown[][]
}
