import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { PostgresStore } from '../../stores/postgres.ts'
import { LIMIT } from '../support/limit.ts'
import { dropTable, makeScsTable, record, tableName } from '../support/sql.ts'
import { openPostgres, postgresSite } from '../support/sql-postgres.ts'

t.setTimeout(LIMIT)

const { url, database, pool, connected } = await postgresSite(t)

t.test('a migration that is refused leaves the connection as it was', async (t) => {
  const table = await makeScsTable(database)
  t.teardown(() => dropTable(database, table))
  const limited = await database.limitedPool(t, [table])
  const store = limited.store({ table })
  await t.rejects(store.migrate(), { code: '42501' })
  t.equal(await store.create('key', record('data')), true)
})

t.test('a migration that the server ends while it waits for another leaves no transaction behind', async (t) => {
  const client = await connected()
  t.teardown(() => client.end())
  const own = openPostgres(t, { connectionString: url, max: 1 })
  const endings = [
    [client, 'cancel', '57014'],
    [own, 'cancel', '57014'],
    [own, 'terminate', '57P01'],
  ] as const
  for (const [given, ended, code] of endings) {
    const table = tableName()
    const store = new PostgresStore(given, { table })
    const other = await pool.connect()
    await other.query('SELECT pg_advisory_lock(7340263115)')
    const [{ pid } = {}] = (await given.query('SELECT pg_backend_pid() AS pid')).rows
    const refused = t.rejects(store.migrate(), { code })
    const end = `SELECT pg_${ended}_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND pid = $1`
    while ((await pool.query(end, [pid])).rows.length === 0) await sleep(5)
    await refused
    await other.query('SELECT pg_advisory_unlock(7340263115)')
    other.release()
    await t.resolveMatch(given.query('SELECT now() = statement_timestamp() AS alone'), { rows: [{ alone: true }] })
    await store.migrate()
    t.equal(await store.create('key', record('data')), true)
    await dropTable(database, table)
  }
})
