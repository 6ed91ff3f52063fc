import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import pg from 'pg'
import t from 'tap'
import { PostgresStore } from '../../stores/postgres.ts'
import { LIMIT } from '../support/limit.ts'
import { bytes, dropTable, fill, HOUR, record, tableName, textOf } from '../support/sql.ts'
import { ODD, openPostgres, postgresSite } from '../support/sql-postgres.ts'

t.setTimeout(LIMIT)

const { url, database, pool, given } = await postgresSite(t)

t.test('what is neither a pool nor a client is refused', async (t) => {
  for (const client of [undefined, null, 'postgres://', {}, { connect() {} }, () => {}]) {
    const message = 'PostgresStore: the first argument must be a Pool or a Client of pg'
    t.throws(() => new PostgresStore(client as unknown as pg.Pool), new TypeError(message))
  }
})

t.test('a pool that says nothing of its size will do', async (t) => {
  const { table } = await given(pool)
  const store = new PostgresStore({ connect: () => pool.connect(), totalCount: 0 }, { table })
  t.equal(await store.create('key', record('data')), true)
})

t.test('by default the table is called sessions', async (t) => {
  const own = openPostgres(t, { connectionString: url, max: 1 })
  const schema = tableName()
  await own.query(`CREATE SCHEMA ${schema}; SET search_path = ${schema}`)
  t.teardown(() => own.query(`DROP SCHEMA ${schema} CASCADE`))
  const store = new PostgresStore(own)
  await store.migrate()
  await store.create('key', record('data'))
  const { rows } = await own.query('SELECT indexname FROM pg_indexes WHERE schemaname = $1 ORDER BY 1', [schema])
  t.strictSame(
    rows.map(({ indexname }) => indexname),
    ['sessions_expiry_idx', 'sessions_owner_idx', 'sessions_pkey'],
  )
  t.equal((await own.query('SELECT data FROM sessions')).rows.length, 1)
})

t.test('a moment is kept to the millisecond, until the end of time', async (t) => {
  for (const client of [pool, openPostgres(t, { ...ODD, connectionString: url })]) {
    const { store, table } = await given(client)
    for (const at of [
      '2030-03-31T01:59:59.999Z',
      '2030-03-31T02:00:00.001Z',
      '9999-12-31T23:59:59.457Z',
      '9999-12-31T23:59:58.001Z',
      '+275760-09-13T00:00:00.000Z',
    ]) {
      const kept = { data: bytes('data'), expiresAt: Date.parse(at) }
      t.equal(await store.create(at.slice(0, 23), kept), true)
      t.strictSame(await store.find(at.slice(0, 23), { expiry: true }), kept)
      t.equal(await store.update(at.slice(0, 23), bytes('other'), kept), true, 'it is exactly this record')
    }
    const [[row] = []] = await database.query(`SELECT count(*) FROM "${table}" WHERE expiry = '9999-12-31 23:59:59.457+00'`)
    t.equal(row, '1')
    await database.query(`INSERT INTO "${table}" VALUES ('always', 'x', 'infinity')`)
    t.equal((await store.find('always', { expiry: true }))?.expiresAt, 8_640_000_000_000_000)
    for (const expiresAt of [Number.NaN, Number.POSITIVE_INFINITY, Number.MAX_VALUE]) {
      await t.rejects(store.create('never', { data: bytes('data'), expiresAt }), RangeError)
    }
    t.equal(await store.create('dead', { data: bytes('data'), expiresAt: -HOUR }), true, 'a moment long past is a moment')
    t.equal(await textOf(store, 'dead'), undefined)
  }
})

t.test('rows from before all time are cleaned up, and hold up no clean-up', async (t) => {
  const { store, table } = await given(pool)
  const expiries = ['-infinity', '4000-01-01 BC', '1969-12-31 23:59:59.9995', '1970-01-01', '2001-02-03 04:05:06.000007']
  for (const [i, expiry] of expiries.entries()) await database.query(`INSERT INTO "${table}" VALUES ('dead${i}', 'x', '${expiry} UTC')`)
  for (const _ of expiries) t.equal(await store.deleteExpired(1), 1)
  t.equal(await store.deleteExpired(1), 0)
  await database.query(`INSERT INTO "${table}" VALUES ('late', 'x', '-infinity')`)
  t.equal(await store.deleteExpired(10), 1)
})

t.test('an owner with a zero byte is refused', async (t) => {
  const { store } = await given(pool)
  await t.rejects(
    store.deleteOwnedBy('a\0'),
    new RangeError('PostgresStore: an owner has no zero byte, which text in PostgreSQL cannot hold'),
  )
})

t.test('a pool whose types an application reads in its own way serves the application as before', async (t) => {
  const own = openPostgres(t, { connectionString: url, types: ODD.types })
  const { store } = await given(own)
  await store.create('key', record('data'))
  t.equal(await textOf(store, 'key'), 'data')
  t.equal((await own.query('SELECT 1 AS one')).rows[0].one, 'not what it was')
})

t.test('after its table was renamed, migrate() makes a new one with all its indexes, and once', async (t) => {
  const { store, table } = await given(pool)
  await pool.query(`ALTER TABLE "${table}" RENAME TO "${table}_old"`)
  t.teardown(() => dropTable(database, `${table}_old`))
  await Promise.all([store.migrate(), new PostgresStore(pool, { table }).migrate()])
  const { rows } = await pool.query('SELECT indexdef FROM pg_indexes WHERE tablename = $1 ORDER BY indexdef', [table])
  t.equal(rows.length, 3)
  t.match(rows.map(({ indexdef }) => indexdef).join(), /\(expiry\).*\(owner\) WHERE.*UNIQUE.*\(token\)/)
  const own = database.pool(t, 1)
  await own.store({ table }).migrate()
  t.notMatch(own.sent().join(), /CREATE|ALTER/)
})

t.test('a clean-up does not go again over what it has removed, while a long transaction may still want to see it', async (t) => {
  const { table } = await given(pool)
  await pool.query(
    `INSERT INTO "${table}" SELECT i, 'x', now() - i * interval '1 second' FROM generate_series(1, 4000) i; ANALYZE "${table}"`,
  )
  const other = await pool.connect()
  await other.query(`BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT FROM "${table}"`)
  const own = openPostgres(t, { connectionString: url, max: 1 })
  const store = new PostgresStore(own, { table })
  for (let i = 0; i < 40; i++) t.equal(await store.deleteExpired(100), 100)
  await other.query('COMMIT')
  other.release()
  await own.query('SELECT pg_stat_force_next_flush()')
  const { rows } = await pool.query('SELECT idx_tup_read FROM pg_stat_user_indexes WHERE indexrelname = $1', [`${table}_expiry_idx`])
  const read = Number(rows[0].idx_tup_read)
  // From the beginning each time it would be 100 + 200 + … + 4000.
  t.ok(read < 5 * 4000, `${read} entries of the index were read for 4000 rows`)
})

t.test('pg.native is refused', async (t) => {
  // Its binding need not be installed for that. In a process of its own, since what runs the tests has its own way to load modules.
  const code = `
    import module, { createRequire } from 'node:module'
    const { _load } = module
    module._load = (name, ...rest) => (name === 'pg-native' ? class {} : _load(name, ...rest))
    const { PostgresStore } = await import(${JSON.stringify(new URL('../../stores/postgres.js', import.meta.url).href)})
    const { Client, Pool } = createRequire(${JSON.stringify(import.meta.url)})('pg').native
    for (const native of [new Pool(), new Client()]) {
      try { new PostgresStore(native) } catch (error) { console.log(String(error)) }
    }`
  const { stdout } = await promisify(execFile)('env', ['-u', 'NODE_OPTIONS', process.execPath, '--input-type=module', '--eval', code])
  const message = 'TypeError: PostgresStore: pg.native reads bytes differently: use a Pool or a Client of pg itself\n'
  t.equal(stdout, message.repeat(2))
  const { options } = openPostgres(t, { connectionString: url })
  t.throws(() => new PostgresStore(Object.assign(new pg.Pool(options), { native: true })), {
    message: message.slice('TypeError: '.length, -1),
  })
})

t.test('each statement is prepared once on a connection, under a name that no other has', async (t) => {
  const own = openPostgres(t, { connectionString: url, max: 1 })
  const { store, table } = await given(own)
  const other = new PostgresStore(own, { table, owner: false })
  for (let time = 0; time < 3; time++) {
    for (const one of [store, other]) await one.find('key', { expiry: true })
    await store.count()
  }
  const { rows } = await own.query<{ name: string }>('SELECT name FROM pg_prepared_statements')
  t.equal(rows.length, 3)
  for (const { name } of rows) t.match(name, /^scs_[\w-]{43}$/)
})

t.test('what has expired is found by the index, however many live', async (t) => {
  const { table, store } = await given(pool)
  await fill(database, table, 5000, 3600)
  await store.create('dead', record('data', 0))
  await pool.query(`ANALYZE "${table}"`)
  const own = database.pool(t, 1)
  t.equal(await own.store({ table }).deleteExpired(1000), 1)
  const texts = own.sent()
  t.equal(texts.length, 2)
  for (const text of texts) {
    const plan = (await database.query(`EXPLAIN ${text.replace('$1', "'-infinity'").replace('$2', '1000')}`)).join('\n')
    t.match(plan, new RegExp(`Index.* Scan using ${table}_expiry_idx`))
    t.notMatch(plan, /Seq Scan/)
  }
})
