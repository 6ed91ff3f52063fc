import type { Test } from 'tap'
import { dropTable, makeScsTable, type SqlTestDatabase, tableName } from './sql.ts'

/** A server, a pool of this process, and stores with tables of their own. */
export type SqlSite = ReturnType<typeof sqlSite>

export function sqlSite(t: Test, database: SqlTestDatabase) {
  const pool = database.pool(t, 20)
  /** A store with a table that migrate() made. */
  async function given(t: Test, options: { owner?: boolean } = {}) {
    const table = tableName()
    const store = pool.store({ table, ...options })
    await store.migrate()
    t.teardown(() => dropTable(database, table))
    return { store, table, sql: (text: string, values?: unknown[]) => database.query(text.replaceAll('%', database.quoted(table)), values) }
  }
  /** A store with the table that SCS made. */
  async function givenScs(t: Test) {
    const table = await makeScsTable(database)
    t.teardown(() => dropTable(database, table))
    const store = pool.store({ table })
    const warnings: string[] = []
    store.attach?.({ log: { warn: (_, message) => void warnings.push(message) } })
    return { store, table, warnings, sql: (text: string, values?: unknown[]) => database.query(text.replaceAll('%', table), values) }
  }
  return { database, pool, given, givenScs }
}
