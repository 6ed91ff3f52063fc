import t from 'tap'
import { PostgresStore } from '../../stores/postgres.ts'
import { LIMIT } from '../support/limit.ts'
import { dropTable, makeScsTable, SHORT_LIFE, tableName } from '../support/sql.ts'
import { sqlOperations } from '../support/sql-operations.ts'
import { ODD, openPostgres, postgresSite } from '../support/sql-postgres.ts'
import { sqlSuite } from '../support/sql-suite.ts'
import { conforms } from '../support/store-suite.ts'

t.setTimeout(LIMIT)

const { url, database, pool, otherPool, connected, subject } = await postgresSite(t)

await sqlSuite(t, database)
await sqlOperations(t, database)

t.test('the suite, on a table of its own', (t) => conforms(t, 'the suite', { shortLife: SHORT_LIFE, createStore: () => subject(pool) }))

t.test('the suite, on the table of SCS, as it is', (t) =>
  conforms(t, 'the suite', {
    shortLife: SHORT_LIFE,
    lacks: ['owner'],
    createStore: async () => {
      const table = await makeScsTable(database)
      const store = new PostgresStore(pool, { table })
      await store.find('none', { expiry: false })
      const second = () => new PostgresStore(otherPool, { table, owner: false })
      return { store, second, close: async () => void (await dropTable(database, table)) }
    },
  }),
)

t.test('the suite, with serializable transactions, an odd time zone and every other setting odd too', async (t) => {
  const odd = openPostgres(t, { ...ODD, connectionString: url })
  await conforms(t, 'the suite', { shortLife: SHORT_LIFE, createStore: () => subject(odd) })
})

t.test('the suite, with a client instead of a pool, in a schema', async (t) => {
  const schema = tableName()
  await pool.query(`CREATE SCHEMA ${schema}`)
  t.teardown(() => pool.query(`DROP SCHEMA ${schema} CASCADE`))
  await conforms(t, 'the suite', {
    shortLife: SHORT_LIFE,
    createStore: async () => {
      const client = await connected()
      const table = `${schema}.${tableName()}`
      const store = new PostgresStore(client, { table })
      await store.migrate()
      return { store, second: () => new PostgresStore(otherPool, { table }), close: () => client.end() }
    },
  })
})
