import mysql from 'mysql2/promise'
import t from 'tap'
import { MysqlStore } from '../../stores/mysql.ts'
import { LIMIT } from '../support/limit.ts'
import { bytes, dropTable, entriesOf, HOUR, makeScsTable, record, tableName, textOf } from '../support/sql.ts'
import { mysqlSite, openMysql } from '../support/sql-mysql.ts'

t.setTimeout(LIMIT)

const { url, database, pool, otherPool, given } = await mysqlSite(t)

t.test('a plain table is one of any time zone', async (t) => {
  const { table } = await given(t, pool)
  const connection = await mysql.createConnection(url)
  t.teardown(() => connection.end())
  await connection.query("SET time_zone = '+02:00'")
  const store = new MysqlStore(connection, { table })
  const kept = record('data', Date.now() + 60_000)
  t.equal(await store.create('key', kept), true)
  t.strictSame(await new MysqlStore(pool, { table }).find('key', { expiry: true }), kept)
  t.equal(await store.create('dead', record('data', Date.now() - 1000)), true)
  t.equal(await textOf(store, 'dead'), undefined)
  t.equal(await store.deleteExpired(10), 1)
})

t.test('a key that differs in case alone is not taken for another, in the table of SCS as it is', async (t) => {
  const table = await makeScsTable(database)
  t.teardown(() => dropTable(database, table))
  const store = new MysqlStore(pool, { table })
  t.equal(await store.create('key', record('data')), true)
  t.equal(await textOf(store, 'KEY'), undefined)
  t.equal(await store.update('KEY', bytes('data'), record('other')), false)
  t.equal(await store.touch('KEY', bytes('data'), Date.now() + 2 * HOUR), false)
  t.equal(await store.rename('KEY', 'new', bytes('data'), record('other')), false)
  t.equal(await store.rename('KEY', 'new', bytes('data'), record('other'), { key: ';trace', record: record('trace') }), false)
  t.equal(await store.delete('KEY'), false)
  t.equal(await store.delete('KEY', bytes('data')), false)
  await t.rejects(store.create('KEY', record('other')), /another key differs from this one only in case.*migrate\(\)/)
  t.equal(await textOf(store, 'key'), 'data')
  await store.migrate()
  t.equal(await store.create('KEY', record('other', undefined, 'ada')), true, 'after migrate() they are two keys')
  t.strictSame(
    (await entriesOf(store.all())).map(({ key }) => key),
    ['KEY', 'key'],
  )
  t.strictSame(
    (await entriesOf(store.ownedBy('ada'))).map(({ key }) => key),
    ['KEY'],
  )
})

t.test('migrate leaves alone what is compared by bytes already', async (t) => {
  for (const type of ['VARBINARY(43)', 'VARCHAR(43) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin', 'CHAR(43) CHARACTER SET latin1']) {
    const table = tableName()
    await pool.query(`CREATE TABLE ${table} (token ${type} PRIMARY KEY, data BLOB NOT NULL, expiry TIMESTAMP(6) NOT NULL)`)
    t.teardown(() => dropTable(database, table))
    const store = new MysqlStore(pool, { table })
    await store.migrate()
    await store.migrate()
    t.equal(await store.create('key', record('data', undefined, 'ada')), true, type)
    t.equal(await store.create('KEY', record('data')), true)
    t.strictSame(
      (await entriesOf(store.ownedBy('ada'))).map(({ key }) => key),
      ['key'],
    )
    t.equal(await store.deleteOwnedBy('ada'), 1)
  }
})

t.test('migrate gives up when somebody else has been at it for too long, and tells of a schema that is not there', async (t) => {
  const answers = [
    [0, 'another process has been in migrate() for a minute'],
    [null, 'the server cut off GET_LOCK: raise max_statement_time'],
  ] as const
  for (const [answer, message] of answers) {
    const busy = {
      execute: pool.execute.bind(pool),
      query: (query: { sql: string }) => (query.sql.includes('GET_LOCK') ? Promise.resolve([[[answer]], []]) : pool.query(query)),
    }
    const store = new MysqlStore(busy as unknown as mysql.Connection, { table: tableName() })
    await t.rejects(store.migrate(), new Error(`MysqlStore: ${message}`))
  }
  await t.rejects(new MysqlStore(pool, { table: `nowhere.${tableName()}` }).migrate(), { code: 'ER_BAD_DB_ERROR' })
})

t.test('migrate leaves alone what another process made while it waited for the lock', async (t) => {
  const table = tableName()
  t.teardown(() => dropTable(database, table))
  const statements: string[] = []
  const late = {
    execute: pool.execute.bind(pool),
    query: async (query: { sql: string }) => {
      statements.push(query.sql)
      if (query.sql.includes('GET_LOCK')) await new MysqlStore(otherPool, { table }).migrate()
      return await pool.query(query)
    },
  }
  await new MysqlStore(late as unknown as mysql.Connection, { table }).migrate()
  t.notMatch(statements.join('\n'), /CREATE|ALTER/)
  t.match(statements.at(-1), 'RELEASE_LOCK')
})

t.test('a user who may not see the table is told so', async (t) => {
  const { table } = await given(t, pool)
  const user = `stranger_${process.pid}`
  await pool.query(`CREATE USER ${user}`)
  t.teardown(() => pool.query(`DROP USER ${user}`))
  const strangers = openMysql(t, { uri: url.replace('root@', `${user}@`).replace('/test', '/') })
  const store = new MysqlStore(strangers, { table: `test.${table}` })
  await t.rejects(store.migrate(), { code: 'ER_TABLEACCESS_DENIED_ERROR' })
  await t.rejects(store.count(), { code: 'ER_TABLEACCESS_DENIED_ERROR' })
  await pool.query(`GRANT CREATE, ALTER, INDEX ON ${table} TO ${user}`)
  await t.rejects(store.migrate(), /this user sees no columns token, data and expiry/)
})

t.test('a key that is taken whenever it is tried, and nobody has, is an error in the end', async (t) => {
  const { table } = await given(t, pool)
  let tried = 0
  const broken = {
    query: pool.query.bind(pool),
    execute(query: { sql: string }, values: string[]) {
      if (!query.sql.startsWith('INSERT')) return pool.execute(query, values)
      tried++
      return Promise.reject(Object.assign(new Error('Duplicate entry'), { errno: 1062 }))
    },
  }
  await t.rejects(new MysqlStore(broken as unknown as mysql.Connection, { table }).create('key', record('data')), {
    message: 'Duplicate entry',
  })
  t.equal(tried, 10)
})

t.test('what the database gives up for the sake of another is tried again, twenty times or as long as somebody waits', async (t) => {
  const { table } = await given(t, pool)
  let tried = 0
  let fails = 0
  const busy = {
    query: pool.query.bind(pool),
    execute(query: { sql: string }, values: string[]) {
      if (!query.sql.startsWith('UPDATE') || tried++ >= fails) return pool.execute(query, values)
      return Promise.reject(Object.assign(new Error('Deadlock found'), { errno: 1213 }))
    },
  }
  const store = new MysqlStore(busy as unknown as mysql.Connection, { table })
  await store.create('key', record('1'))
  fails = 19
  t.equal(await store.update('key', bytes('1'), record('2')), true)
  tried = 0
  fails = 20
  await t.rejects(store.update('key', bytes('2'), record('3')), { message: 'Deadlock found' })
  t.equal(tried, 20)
  tried = 0
  await t.rejects(store.update('key', bytes('2'), record('3'), Date.now() + 30))
  t.ok(tried < 20)
  t.equal(await textOf(store, 'key'), '2')
})

t.test('each statement is prepared once on a connection', async (t) => {
  const own = openMysql(t, { uri: url, connectionLimit: 1 })
  const { store } = await given(t, own)
  const prepared = async () =>
    Number(((await own.query("SHOW SESSION STATUS LIKE 'Com_stmt_prepare'")) as unknown as [{ Value: string }[]])[0][0]?.Value)
  await store.find('key', { expiry: true })
  const before = await prepared()
  for (let time = 0; time < 3; time++) await store.find('key', { expiry: true })
  t.equal(await prepared(), before)
})

t.test('clean-ups of any size prepare no statements', async (t) => {
  const own = database.pool(t, 1)
  const { table, store } = await given(t, pool)
  const cleaning = own.store({ table })
  await cleaning.deleteExpired(1)
  const before = await own.prepared()
  for (let limit = 2; limit < 10; limit++) {
    await store.create('dead', record('', 0))
    t.equal(await cleaning.deleteExpired(limit), 1)
  }
  t.equal(await own.prepared(), before)
})

t.test('a clean-up uses the index', async (t) => {
  for (const layout of ['plain', 'scs'] as const) {
    const { table, store } = await given(t, pool, { layout })
    const expiry = layout === 'plain' ? Date.now() + HOUR : new Date(Date.now() + HOUR)
    const rows = Array.from({ length: 5000 }, (_, index) => [`row${index}`, 'x', expiry])
    await pool.query(`INSERT INTO ${table} (token, data, expiry) VALUES ?`, [rows])
    await store.create('dead', record('', 0))
    await pool.query(`ANALYZE TABLE ${table}`)
    const own = database.pool(t, 1)
    t.equal(await own.store({ table }).deleteExpired(1000), 1)
    for (const text of own.sent().slice(2)) {
      const plan = (await database.query(`EXPLAIN ${text.replace('?', layout === 'plain' ? "'0'" : "'1970-01-03'")}`))
        .map((row) => row.join(' '))
        .join('\n')
      t.match(plan, `${table}_expiry_idx`)
      t.notMatch(plan, new RegExp(`${table} (ALL|index) `))
    }
  }
})
