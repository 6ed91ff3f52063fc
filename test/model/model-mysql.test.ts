import t from 'tap'
import { MysqlStore } from '../../stores/mysql.ts'
import { useMysql } from '../support/servers/mysql.ts'
import { tableName } from '../support/sql.ts'
import { openMysql } from '../support/sql-mysql.ts'
import { checkModel, TIME_LIMIT } from './runner.ts'
import { travelling } from './travelling-store.ts'

t.setTimeout(TIME_LIMIT)

t.test('on MariaDB, whatever three clients and the application do comes out as the model foresees', async (t) => {
  const pool = openMysql(t, { uri: await useMysql(t) })
  const table = tableName()
  const store = new MysqlStore(pool, { table })
  await store.migrate()
  t.teardown(() => pool.query(`DROP TABLE ${table}`))
  const moveBack = (ms: number) => pool.query(`UPDATE ${table} SET expiry = expiry - ?`, [ms])
  await checkModel(t, travelling(store, moveBack), 100)
})
