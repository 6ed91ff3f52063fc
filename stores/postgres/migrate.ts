import { quotedTable, type SqlTable } from '../sql/table.ts'
import type { PostgresClient, PostgresConnections } from './client.ts'
import { AS_THEY_COME } from './dialect.ts'

/** Any number: those that migrate at the same time wait for each other by it. */
const LOCK = 7_340_263_115

/** Which columns a table has, and which of them an index begins with. */
const LOOK = `
  SELECT 'column ' || attname FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped
  UNION ALL
  SELECT 'index ' || attname FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0] WHERE indrelid = to_regclass($1)`

/**
 * Makes what is missing of a table, its owner column and its indexes, in one transaction. Where nothing is missing one look is all that is sent,
 * so that a role which may not change tables can call it too.
 */
export function migratePostgres(connections: PostgresConnections, table: SqlTable, owner: boolean, until: number): Promise<void> {
  return connections.run(async (client) => {
    if ((await missingOf(client, table, owner)).length === 0) return
    const send = (text: string) => client.query({ text, ...AS_THEY_COME })
    // Whatever the default is: what others did while this waited must be seen.
    await send(`BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock(${LOCK})`)
    try {
      // Another may have made it meanwhile.
      for (const ddl of await missingOf(client, table, owner)) await send(ddl)
      await send('COMMIT')
    } catch (error) {
      await send('ROLLBACK')
      throw error
    }
  }, until)
}

/** The statements that make what is missing. An index has the name that PostgreSQL gives it: the usual one may belong to a table that was renamed. */
async function missingOf(client: PostgresClient, table: SqlTable, owner: boolean): Promise<string[]> {
  const quoted = quotedTable(table, '"')
  const { rows } = await client.query({ text: LOOK, values: [quoted], ...AS_THEY_COME })
  const there = new Set(rows.map(([found]) => String(found)))
  const wanted: [found: string, ddl: string][] = [
    [
      'column token',
      `CREATE TABLE ${quoted} (token text COLLATE "C" PRIMARY KEY, data bytea NOT NULL, expiry timestamptz NOT NULL${owner ? ', owner text' : ''})`,
    ],
    ['index expiry', `CREATE INDEX ON ${quoted} (expiry)`],
  ]
  if (owner) {
    // The strongest lock first: who took a weaker one before it could wait for another who did the same.
    if (there.has('column token')) wanted.unshift(['column owner', `ALTER TABLE ${quoted} ADD COLUMN owner text`])
    wanted.push(['index owner', `CREATE INDEX ON ${quoted} (owner) WHERE owner IS NOT NULL`])
  }
  return wanted.filter(([found]) => !there.has(found)).map(([, ddl]) => ddl)
}
