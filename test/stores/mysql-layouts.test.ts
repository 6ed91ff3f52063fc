import mysql from 'mysql2/promise'
import t from 'tap'
import { MysqlStore } from '../../stores/mysql.ts'
import { LIMIT } from '../support/limit.ts'
import { bytes, dropTable, HOUR, makeScsTable, record, tableName, textOf } from '../support/sql.ts'
import { mysqlSite } from '../support/sql-mysql.ts'

t.setTimeout(LIMIT)

const { url, database, pool, otherPool, given } = await mysqlSite(t)

t.test('by default the table is called sessions, and a schema may be named', async (t) => {
  const store = new MysqlStore(pool)
  await store.migrate()
  t.teardown(() => dropTable(database, 'sessions'))
  t.equal(await store.create('key', record('data', undefined, 'ada')), true)
  const same = new MysqlStore(pool, { table: 'test.sessions' })
  await same.migrate()
  const trace = { key: ';trace', record: record('trace') }
  t.equal(await same.rename('key', 'new', bytes('data'), record('more', undefined, 'ada'), trace), true)
  t.equal(await textOf(store, 'new'), 'more')
  t.equal(await textOf(store, ';trace'), 'trace')
  const [sql] = await database.query('SHOW CREATE TABLE sessions')
  for (const column of ['`token` varbinary(43) NOT NULL', '`data` mediumblob NOT NULL', '`expiry` bigint(20) NOT NULL']) {
    t.ok(String(sql?.[1]).includes(column), column)
  }
  for (const index of ['sessions_expiry_idx', 'sessions_owner_idx']) t.match(sql?.[1], index)
})

t.test('what a column cannot hold is refused before it is sent, in whichever sql_mode', async (t) => {
  const connection = await mysql.createConnection(url)
  t.teardown(() => connection.end())
  await connection.query("SET sql_mode = ''")
  const limits = { plain: [16_777_215, 4_000_000_000_000], scs: [65_535, Date.UTC(2038, 0, 18)] } as const
  for (const layout of ['plain', 'scs'] as const) {
    const { store } = await given(t, connection, { layout })
    const [bytesOf, last] = limits[layout]
    const refusals: [record: Parameters<MysqlStore['create']>[1], message: string | RegExp][] = [
      [
        { ...record(''), data: Buffer.alloc(bytesOf + 1) },
        `MysqlStore: the column data holds ${bytesOf} bytes, and these are ${bytesOf + 1}`,
      ],
      [record('', undefined, 'x'.repeat(1021)), 'this store takes an owner of at most 1020 bytes'],
      [record('', Number.NaN), /./],
    ]
    if (layout === 'scs')
      refusals.push([record('', last + 1), 'MysqlStore: a TIMESTAMP ends in 2038, so a session must expire by 2038-01-18T00:00:00.000Z'])
    for (const [one, message] of refusals) {
      await t.rejects(store.create('key', one), { name: 'RangeError', message })
      const trace = { key: ';trace', record: one }
      await t.rejects(store.rename('old', 'new', bytes(''), record(''), trace), { name: 'RangeError', message })
    }
    const largest = { ...record('', last, '👩'.repeat(255)), data: Buffer.alloc(65_535, 200) }
    t.equal(await store.create('old', largest), true)
    t.equal(await store.rename('old', 'new', largest.data, largest, { key: ';trace', record: largest }), true)
    t.strictSame(await store.find('new', { expiry: true }), largest)
    t.strictSame(await store.find(';trace', { expiry: true }), largest)
    t.equal(store.maxBytes, bytesOf)
  }
})

t.test('a plain table takes a session of more than 64 KiB, and a table of SCS whose column was made larger', async (t) => {
  const plain = await given(t, pool)
  const table = await makeScsTable(database)
  t.teardown(() => dropTable(database, table))
  await pool.query(`ALTER TABLE ${table} MODIFY data MEDIUMBLOB NOT NULL`)
  for (const store of [plain.store, new MysqlStore(pool, { table })]) {
    const large = { ...record(''), data: Buffer.alloc(1_000_000, 200) }
    t.equal(await store.create('key', large), true)
    t.equal(store.maxBytes, 16_777_215)
    t.strictSame((await store.find('key', { expiry: false }))?.data, large.data)
    t.equal(await store.update('key', large.data, record('small')), true)
  }
})

t.test('the table of SCS is taken as it is found, until then its limits are not known', async (t) => {
  const table = await makeScsTable(database)
  t.teardown(() => dropTable(database, table))
  const store = new MysqlStore(pool, { table })
  t.equal(store.maxBytes, 16_777_215)
  await store.migrate()
  t.equal(await store.create('key', record('data', undefined, 'ada')), true)
  t.equal(store.maxBytes, 65_535)
  const [[, sql] = []] = await database.query(`SHOW CREATE TABLE ${table}`)
  t.match(sql, /`expiry` timestamp\(6\)/)
  t.equal(new MysqlStore(pool, { table: 'none', layout: 'scs' }).maxBytes, 65_535)
})

t.test('a layout that there is not is refused, and a table of another layout or of another program', async (t) => {
  for (const layout of ['', 'SCS', null, 1, 'toString']) {
    const message = "MysqlStore: the option layout must be 'plain' or 'scs'"
    t.throws(() => new MysqlStore(pool, { layout: layout as 'scs' }), new TypeError(message))
  }
  const { table } = await given(t, pool)
  const scs = new MysqlStore(pool, { table, layout: 'scs' })
  for (const verb of [() => scs.count(), () => scs.migrate()])
    await t.rejects(async () => verb(), { message: /this is not a table of SCS/ })
  const foreign: [columns: string, message: RegExp][] = [
    ['token CHAR(43) PRIMARY KEY, data BLOB, expiry INT UNSIGNED', /the column expiry must be BIGINT or TIMESTAMP, not int/],
    ['session_id VARCHAR(128) PRIMARY KEY, expires INT UNSIGNED, data MEDIUMTEXT', /no columns token, data and expiry/],
    ['token CHAR(43) PRIMARY KEY, expiry BIGINT', /no columns token, data and expiry/],
    ['token CHAR(43) PRIMARY KEY, expiry BIGINT, data TEXT', /the column data must be a BLOB of some size, not text/],
  ]
  for (const [columns, message] of foreign) {
    const table = tableName()
    await pool.query(`CREATE TABLE ${table} (${columns})`)
    t.teardown(() => dropTable(database, table))
    const store = new MysqlStore(pool, { table })
    for (const verb of [() => store.create('key', record('')), () => store.migrate()]) await t.rejects(async () => verb(), { message })
  }
  await t.rejects(new MysqlStore(pool, { table: tableName() }).count(), { code: 'ER_NO_SUCH_TABLE' })
})

t.test('a table of our columns whose tokens are compared without case keeps them apart, and its column holds what it holds', async (t) => {
  const table = tableName()
  await pool.query(
    `CREATE TABLE ${table} (token VARCHAR(43) CHARACTER SET utf8mb4 PRIMARY KEY, data BLOB NOT NULL, expiry BIGINT NOT NULL)`,
  )
  t.teardown(() => dropTable(database, table))
  const store = new MysqlStore(pool, { table, owner: false })
  t.equal(await store.create('abc', record('data')), true)
  t.equal(await textOf(store, 'ABC'), undefined)
  await t.rejects(store.create('ABC', record('other')), /another key differs from this one only in case/)
  t.equal(store.maxBytes, 65_535)
  await t.rejects(store.create('large', { ...record(''), data: Buffer.alloc(65_536) }), RangeError)
  await store.migrate()
  t.equal(await store.create('ABC', record('other')), true)
  t.equal(await textOf(store, 'abc'), 'data')
})

t.test('a table that was made anew in the other layout is noticed by the next clean-up', async (t) => {
  for (const [first, second] of [
    ['plain', 'scs'],
    ['scs', 'plain'],
  ] as const) {
    const { table } = await given(t, pool, { layout: first })
    const store = new MysqlStore(pool, { table })
    t.equal(await store.create('key', record('data')), true)
    await dropTable(database, table)
    await new MysqlStore(otherPool, { table, layout: second }).migrate()
    t.equal(await store.deleteExpired(10).catch(String), 0)
    const kept = record('data', Date.now() + 60_000)
    t.equal(await store.create('key', kept).catch(String), true)
    t.strictSame(await new MysqlStore(otherPool, { table }).find('key', { expiry: true }), kept)
  }
})

t.test('a table that is refused costs no connection', async (t) => {
  const table = tableName()
  await pool.query(`CREATE TABLE ${table} (a INT)`)
  t.teardown(() => dropTable(database, table))
  const own = database.pool(t, 1)
  const store = own.store({ table })
  for (let i = 0; i < 3; i++) await t.rejects(async () => store.find('key', { expiry: true }), /no columns token, data and expiry/)
  t.equal(own.opened(), 1)
})

t.test('an expiry below zero that somebody wrote is cleaned up', async (t) => {
  const { store, table } = await given(t, pool)
  await pool.query(`INSERT INTO ${table} (token, data, expiry) VALUES ('dead', 'x', -5), ('deader', 'x', -9000000000000000)`)
  t.equal(await store.deleteExpired(10), 2)
})

t.test('a moment that a column does not reach back to has passed all the same', async (t) => {
  for (const layout of ['plain', 'scs'] as const) {
    const { store } = await given(t, pool, { layout })
    for (const expiresAt of [0, -HOUR, -8_640_000_000_000_000]) {
      t.equal(await store.create('dead', record('', expiresAt)), true)
      t.equal(await textOf(store, 'dead'), undefined)
    }
  }
})
