import t from 'tap'
import { PostgresStore } from '../../stores/postgres.ts'
import { usePostgres } from '../support/servers/postgres.ts'
import { tableName } from '../support/sql.ts'
import { openPostgres } from '../support/sql-postgres.ts'
import { checkModel, TIME_LIMIT } from './runner.ts'
import { travelling } from './travelling-store.ts'

t.setTimeout(TIME_LIMIT)

t.test('on PostgreSQL, whatever three clients and the application do comes out as the model foresees', async (t) => {
  const pool = openPostgres(t, { connectionString: await usePostgres(t) })
  const table = tableName()
  const store = new PostgresStore(pool, { table })
  await store.migrate()
  t.teardown(() => pool.query(`DROP TABLE ${table}`))
  const moveBack = (ms: number) => pool.query(`UPDATE ${table} SET expiry = expiry - $1::int8 * interval '1 millisecond'`, [ms])
  await checkModel(t, travelling(store, moveBack), 100)
})
