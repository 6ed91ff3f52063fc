import { quotedTable, type SqlTable } from '../sql/table.ts'
import type { PostgresClient, PostgresConnections } from './client.ts'
import { RAW } from './dialect.ts'

/** The key of the advisory lock with which concurrent migrations wait for each other: an arbitrary number. */
const LOCK = 7_340_263_115

/** The columns of a table, and those with which an index begins. */
const INSPECT = `
  SELECT 'column ' || attname FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped
  UNION ALL
  SELECT 'index ' || attname FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0] WHERE indrelid = to_regclass($1)`

/**
 * Creates whatever is missing of a table, its owner column and its indexes, in one transaction. Where nothing is missing it sends one SELECT and no
 * more, so that a role without the right to change tables can call it too.
 */
export function migratePostgres(connections: PostgresConnections, table: SqlTable, owner: boolean, until: number): Promise<void> {
  return connections.run(async (client) => {
    if ((await missingOf(client, table, owner)).length === 0) return
    const send = (text: string) => client.query({ text, ...RAW })
    try {
      // READ COMMITTED, whatever the default is: this must see what others did while it waited for the lock.
      await send(`BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock(${LOCK})`)
      // Another process may have created it meanwhile.
      for (const ddl of await missingOf(client, table, owner)) await send(ddl)
      await send('COMMIT')
    } catch (error) {
      // On a connection that was lost this fails too, and is not what went wrong.
      await send('ROLLBACK').then(undefined, () => {})
      throw error
    }
  }, until)
}

/** The statements that create what is missing. PostgreSQL names the indexes: the usual name may belong to a table that was renamed. */
async function missingOf(client: PostgresClient, table: SqlTable, owner: boolean): Promise<string[]> {
  const quoted = quotedTable(table, '"')
  const { rows } = await client.query({ text: INSPECT, values: [quoted], ...RAW })
  const existing = new Set(rows.map(([found]) => String(found)))
  const wanted: [found: string, ddl: string][] = [
    [
      'column token',
      `CREATE TABLE ${quoted} (token text COLLATE "C" PRIMARY KEY, data bytea NOT NULL, expiry timestamptz NOT NULL${owner ? ', owner text' : ''})`,
    ],
    ['index expiry', `CREATE INDEX ON ${quoted} (expiry)`],
  ]
  if (owner) {
    // This takes the strongest lock, so it comes first: two migrations that upgrade a weaker lock would deadlock.
    if (existing.has('column token')) wanted.unshift(['column owner', `ALTER TABLE ${quoted} ADD COLUMN owner text`])
    wanted.push(['index owner', `CREATE INDEX ON ${quoted} (owner) WHERE owner IS NOT NULL`])
  }
  return wanted.filter(([found]) => !existing.has(found)).map(([, ddl]) => ddl)
}
