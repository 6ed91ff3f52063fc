import { quotedTable, type SqlTable } from '../shared/sql-table.ts'
import type { WithClient } from './client.ts'
import { AS_THEY_COME } from './engine.ts'

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
export function migratePostgres(withClient: WithClient, table: SqlTable, owner: boolean): Promise<void> {
  return withClient(async (client) => {
    const { rows } = await client.query({ text: LOOK, values: [quotedTable(table, '"')], ...AS_THEY_COME })
    const missing = missingOf(table, owner, new Set(rows.map(([found]) => String(found))))
    if (missing.length === 0) return
    // Without values this is one message with several statements, which is one transaction.
    await client.query({ text: [`SELECT pg_advisory_xact_lock(${LOCK})`, ...missing].join(';\n'), ...AS_THEY_COME })
  }, undefined)
}

function missingOf(table: SqlTable, owner: boolean, there: ReadonlySet<string>): string[] {
  const quoted = quotedTable(table, '"')
  const index = (column: string) => `CREATE INDEX IF NOT EXISTS "${table.name}_${column}_idx" ON ${quoted} (${column})`
  const wanted: [found: string, ddl: string][] = [
    [
      'column token',
      `CREATE TABLE IF NOT EXISTS ${quoted} (token text PRIMARY KEY, data bytea NOT NULL, expiry timestamptz NOT NULL${owner ? ', owner text' : ''})`,
    ],
    ['index expiry', index('expiry')],
  ]
  if (owner) {
    // The strongest lock first: who took a weaker one before it could wait for another who did the same.
    wanted.splice(1, 0, ['column owner', `ALTER TABLE ${quoted} ADD COLUMN IF NOT EXISTS owner text`])
    wanted.push(['index owner', `${index('owner')} WHERE owner IS NOT NULL`])
  }
  return wanted.filter(([found]) => !there.has(found)).map(([, ddl]) => ddl)
}
