import type { Connection } from './connection.ts'

const NAME = /^(?!sqlite_)[a-z_][\w$]{0,47}$/i

/** The value of the option `table`. Throws a TypeError that states the rule. */
export function checkedTable(table: unknown): string {
  if (typeof table === 'string' && NAME.test(table)) return table
  throw new TypeError(
    'SqliteStore: the option table must be a letter or _ and then letters, digits, _ or $, at most 48, and not begin with sqlite_',
  )
}

/** The name in quotes, so that it may be a keyword. */
export function quoted(name: string): string {
  return `"${name}"`
}

/**
 * The names of a table's columns; none if there is no such table. Throws for a table of another program: other libraries call theirs `sessions` too,
 * but store moments as text.
 */
export function columnsOf(connection: Connection, table: string): string[] {
  const rows = connection.all('SELECT name, upper(type) AS type FROM pragma_table_info(:table)', { table })
  const types = new Map(rows.map(({ name, type }) => [String(name), type]))
  const isOurs = ['token', 'data', 'expiry'].every((column) => types.has(column)) && types.get('expiry') === 'REAL'
  if (rows.length > 0 && !isOurs)
    throw new Error(`SqliteStore: the table ${table} is another program's: a table of sessions has the columns token, data and expiry REAL`)
  return [...types.keys()]
}

/**
 * Creates whatever is missing: the table, its owner column, its indexes, and the trigger that keeps an owner when SCS commits. Must be called within a
 * transaction. Where nothing is missing it writes nothing.
 */
export function migrate(connection: Connection, table: string, owner: boolean): void {
  const columns = columnsOf(connection, table)
  const on = quoted(table)
  if (columns.length === 0) {
    connection.run(
      `CREATE TABLE ${on} (token TEXT NOT NULL PRIMARY KEY, data BLOB NOT NULL, expiry REAL NOT NULL${owner ? ', owner TEXT' : ''}) STRICT`,
      {},
    )
  } else if (owner && !columns.includes('owner')) connection.run(`ALTER TABLE ${on} ADD COLUMN owner TEXT`, {})
  const indexed = indexedColumns(connection, table)
  const index = (column: string) => `CREATE INDEX ${freeName(connection, `${table}_${column}_idx`)} ON ${on} (${column})`
  if (!indexed.has('expiry')) connection.run(index('expiry'), {})
  if (!owner) return
  if (!indexed.has('owner')) connection.run(`${index('owner')} WHERE owner IS NOT NULL`, {})
  if (!hasTrigger(connection, table)) connection.run(triggerOf(freeName(connection, `${table}_keep_owner`), on), {})
}

/**
 * SCS commits with REPLACE, which deletes the row and its owner, and then "log out everywhere" would miss the session. The trigger updates the row
 * instead.
 */
function triggerOf(name: string, table: string): string {
  return `CREATE TRIGGER ${name} BEFORE INSERT ON ${table}
    WHEN NEW.owner IS NULL AND EXISTS (SELECT 1 FROM ${table} WHERE token = NEW.token AND owner IS NOT NULL)
    BEGIN
      UPDATE ${table} SET data = NEW.data, expiry = NEW.expiry WHERE token = NEW.token;
      SELECT RAISE(IGNORE);
    END`
}

function hasTrigger(connection: Connection, table: string): boolean {
  const condition = "lower(tbl_name) = lower(:table) AND sql LIKE '%RAISE(IGNORE)%'"
  return connection.get(`SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND ${condition}`, { table }) !== undefined
}

/** The columns with which an index begins. */
function indexedColumns(connection: Connection, table: string): Set<string> {
  const text = `SELECT i.name AS name FROM pragma_index_list(:table) AS l, pragma_index_info(l.name) AS i WHERE i.seqno = 0`
  return new Set(connection.all(text, { table }).map(({ name }) => String(name)))
}

/** A free name, in quotes: when a table is renamed, its indexes keep their names. */
function freeName(connection: Connection, wanted: string): string {
  const taken = new Set(connection.all('SELECT lower(name) AS name FROM sqlite_master', {}).map(({ name }) => name))
  let name = wanted
  for (let number = 2; taken.has(name.toLowerCase()); number++) name = `${wanted}${number}`
  return quoted(name)
}
