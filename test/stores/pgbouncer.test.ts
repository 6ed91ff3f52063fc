import pg from 'pg'
import t from 'tap'
import { PostgresStore } from '../../stores/postgres.ts'
import { LIMIT } from '../support/limit.ts'
import { pgBouncerUrl, startPgBouncer } from '../support/servers/pgbouncer.ts'
import { startPostgres } from '../support/servers/postgres.ts'
import { bytes, record, SHORT_LIFE, tableName, textOf } from '../support/sql.ts'
import { conforms } from '../support/store-suite.ts'

t.setTimeout(LIMIT)

const bouncer = await startPgBouncer(t, await startPostgres(t))
const open = () => {
  const pool = new pg.Pool({ connectionString: pgBouncerUrl(bouncer.port), max: 10, connectionTimeoutMillis: 60_000 })
  t.teardown(() => pool.end())
  return pool
}
const [pool, otherPool] = [open(), open()]

t.test('through PgBouncer in transaction mode, unprepared, it keeps every promise of the contract', (t) =>
  conforms(t, 'the suite', {
    shortLife: SHORT_LIFE,
    createStore: async () => {
      const options = { table: tableName(), prepare: false }
      const store = new PostgresStore(pool, options)
      await store.migrate()
      return { store, second: () => new PostgresStore(otherPool, options) }
    },
  }),
)

t.test('a PgBouncer that keeps no prepared statements: they are sent again without', async (t) => {
  const store = new PostgresStore(pool, { table: tableName() })
  await store.migrate()
  const keys = Array.from({ length: 40 }, (_, i) => `key${i}`)
  t.notOk((await Promise.all(keys.map((key) => store.create(key, record('1'))))).includes(false))
  for (let round = 1; round < 5; round++) {
    const change = (key: string) => store.update(key, bytes(String(round)), record(String(round + 1)))
    t.notOk((await Promise.all(keys.map(change))).includes(false))
  }
  t.strictSame(await Promise.all(keys.map((key) => textOf(store, key))), Array(40).fill('5'))
})
