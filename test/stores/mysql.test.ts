import { setTimeout as sleep } from 'node:timers/promises'
import callbackMysql from 'mysql2'
import mysql from 'mysql2/promise'
import t, { type Test } from 'tap'
import { storeConformance } from '../../stores/conformance/index.ts'
import { MysqlStore, type MysqlStoreOptions } from '../../stores/mysql.ts'
import { LIMIT } from '../support/limit.ts'
import { mysqlUrl, startMysql, useMysql } from '../support/servers/mysql.ts'
import { bytes, dropTable, entriesOf, HOUR, makeScsTable, record, SHORT_LIFE, tableName, textOf } from '../support/sql.ts'
import { mysqlDatabase, openMysql } from '../support/sql-mysql.ts'
import { conforms } from '../support/store-suite.ts'

t.setTimeout(LIMIT)

const url = await useMysql(t)
const database = mysqlDatabase(t, url)
const pool = openMysql(t, { uri: url, connectionLimit: 20 })
/** As another process would have it. */
const otherPool = openMysql(t, { uri: url, connectionLimit: 10 })

/** Everything that an application may have set, so that it does not matter. */
const ODD: mysql.PoolOptions = {
  ...{ uri: url, connectionLimit: 20, charset: 'latin1_german1_ci', timezone: '+05:45', disableEval: true },
  ...{ supportBigNumbers: true, bigNumberStrings: true, dateStrings: true, decimalNumbers: true, stringifyObjects: true },
  ...{ namedPlaceholders: true, nestTables: true, typeCast: () => 'not what it was' },
}

t.test('the suite, on a table of its own', (t) => conforms(t, 'the suite', { shortLife: SHORT_LIFE, createStore: () => subject(pool) }))

t.test('the suite, on a table of SCS that migrate() made', (t) =>
  conforms(t, 'the suite', { shortLife: SHORT_LIFE, createStore: () => subject(pool, { layout: 'scs' }) }),
)

t.test('the suite, on the table of SCS, as it is', { jobs: 8, buffered: false }, async (t) => {
  // They have one key beside another that differs in case alone: this table cannot hold both, and the store says so.
  const apart = ['keys that differ in case alone are different keys', 'every character of base64url may stand in a key']
  storeConformance({
    shortLife: SHORT_LIFE,
    lacks: ['owner'],
    createStore: async () => {
      const table = await makeScsTable(database)
      const store = new MysqlStore(pool, { table })
      await store.find('none', { expiry: false })
      const second = () => new MysqlStore(otherPool, { table, owner: false })
      return { store, second, close: async () => void (await dropTable(database, table)) }
    },
    test: (name, run) =>
      t.test(name, { buffered: true }, (t) =>
        apart.some((one) => name.startsWith(one))
          ? t.rejects(run(), /MysqlStore: another key differs from this one only in case/)
          : t.resolves(run()),
      ),
  })
})

t.test(
  'the suite, with read committed as the default, a time zone of its own, an sql_mode that cuts, and every option of the driver odd',
  async (t) => {
    const args = ['--transaction-isolation=READ-COMMITTED', '--default-time-zone=-05:00', '--sql-mode=ANSI_QUOTES,NO_BACKSLASH_ESCAPES']
    const server = await startMysql(t, [...args, '--explicit-defaults-for-timestamp=OFF', '--innodb-lock-wait-timeout=1'])
    const odd = openMysql(t, { ...ODD, uri: mysqlUrl(server) })
    const other = openMysql(t, { ...ODD, uri: mysqlUrl(server), connectionLimit: 10 })
    for (const layout of ['plain', 'scs'] as const) {
      await conforms(t, `the suite, ${layout}`, {
        shortLife: SHORT_LIFE,
        createStore: async () => {
          const table = tableName()
          const store = new MysqlStore(odd, { table, layout })
          await store.migrate()
          return { store, second: () => new MysqlStore(other, { table }) }
        },
      })
    }
  },
)

t.test('the suite, with a connection instead of a pool', (t) =>
  conforms(t, 'the suite', {
    shortLife: SHORT_LIFE,
    createStore: async () => {
      const connection = await mysql.createConnection(url)
      const { store, second, close } = await subject(connection)
      return {
        store,
        second,
        async close() {
          await close()
          await connection.end()
        },
      }
    },
  }),
)

t.test('a pool and a connection in the flavour with callbacks will do', async (t) => {
  const callbackPool = callbackMysql.createPool(url)
  t.teardown(() => callbackPool.promise().end())
  const connection = callbackMysql.createConnection(url)
  t.teardown(() => connection.promise().end())
  for (const client of [callbackPool, connection]) {
    const { store } = await given(t, client)
    t.equal(await store.create('key', record('data')), true)
    t.equal(await textOf(store, 'key'), 'data')
  }
})

t.test('what is neither a pool nor a connection is refused', async (t) => {
  for (const client of [undefined, null, 'mysql://', {}, { query() {} }, () => {}]) {
    const message = 'MysqlStore: the first argument must be a pool or a connection of mysql2'
    t.throws(() => new MysqlStore(client as unknown as mysql.Pool), new TypeError(message))
  }
})

t.test('a pool that says nothing of its size will do', async (t) => {
  const { table } = await given(t, pool)
  const store = new MysqlStore({ getConnection: () => pool.getConnection() }, { table })
  t.equal(await store.create('key', record('data')), true)
})

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
    t.equal(await store.deleteExpired(10), 0)
    const kept = record('data', Date.now() + 60_000)
    t.equal(await store.create('key', kept), true)
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

t.test('with a connection, what a statement takes besides it is not followed by it when nobody waits any more', async (t) => {
  for (const slow of ['query', 'execute'] as const) {
    const sent: string[] = []
    let until = Number.POSITIVE_INFINITY
    const late = async (method: string, sql: string) => {
      sent.push(sql)
      if (method !== slow || sql.startsWith('SHOW') || sql.includes('autocommit')) return
      while (Date.now() < until + 20) await sleep(5)
      if (method === 'execute') throw Object.assign(new Error('no such statement'), { errno: 1243 })
    }
    const client = {
      async query({ sql }: { sql: string }) {
        await late('query', sql)
        if (sql.startsWith('SHOW')) return [PLAIN_COLUMNS, []]
        return sql.includes('autocommit') ? [[[1, 0, 0]], []] : [{ affectedRows: 0 }, []]
      },
      async execute({ sql }: { sql: string }) {
        await late('execute', sql)
        return [{ affectedRows: 0 }, []]
      },
    }
    const store = new MysqlStore(client as never)
    until = Date.now() + 50
    const verb = async () => (slow === 'query' ? store.deleteOwnedBy('ada', undefined, until) : store.delete('key', undefined, until))
    await t.rejects(verb, /did not answer/)
    await sleep(100)
    t.equal(sent.filter((sql) => sql.startsWith('DELETE')).length, slow === 'query' ? 0 : 1)
  }
})

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

t.test('a moment that a column does not reach back to has passed all the same', async (t) => {
  for (const layout of ['plain', 'scs'] as const) {
    const { store } = await given(t, pool, { layout })
    for (const expiresAt of [0, -HOUR, -8_640_000_000_000_000]) {
      t.equal(await store.create('dead', record('', expiresAt)), true)
      t.equal(await textOf(store, 'dead'), undefined)
    }
  }
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

t.test('a connection that would do harm is refused, with what to set, and works once it is set', async (t) => {
  const connection = await mysql.createConnection(url)
  t.teardown(() => connection.end())
  const { table } = await given(t, pool, { layout: 'scs' })
  const store = new MysqlStore(connection, { table })
  const refused = async (setting: string, message: RegExp) => {
    await connection.query(`SET ${setting}`)
    const trace = { key: ';trace', record: record('trace') }
    for (const verb of [
      () => store.find('key', { expiry: true }),
      () => store.create('key', record('data')),
      () => store.update('key', bytes('data'), record('more')),
      () => store.rename('key', 'new', bytes('data'), record('more'), trace),
      ...[() => store.touch('key', bytes('data'), Date.now() + HOUR), () => store.delete('key'), () => store.deleteOwnedBy('ada')],
      ...[() => entriesOf(store.all()), () => entriesOf(store.ownedBy('ada')), () => store.count(), () => store.deleteExpired(1)],
      () => store.migrate(),
    ]) {
      await t.rejects(async () => verb(), { message })
    }
  }
  await refused(
    "time_zone = '+02:00'",
    /^MysqlStore: this connection's time zone differs from the server's.*SET time_zone.*default_time_zone = '\+00:00'/,
  )
  await connection.query('SET time_zone = DEFAULT')
  await refused('autocommit = 0', /^MysqlStore: nothing would be committed: set autocommit = 1/)
  await connection.query('SET autocommit = 1')
  t.equal(await store.create('key', record('data')), true)
})

t.test('a connection on which an update to equal values counts for none is refused', async (t) => {
  const { table } = await given(t, pool)
  const connection = await mysql.createConnection({ uri: url, flags: ['-FOUND_ROWS'] })
  t.teardown(() => connection.end())
  const own = openMysql(t, { uri: url, flags: ['-FOUND_ROWS'] })
  for (const client of [connection, own]) {
    await t.rejects(new MysqlStore(client, { table }).count(), /remove '-FOUND_ROWS' from the flags/)
  }
})

t.test('a time zone with daylight saving is refused, one without is taken', async (t) => {
  const server = await startMysql(t)
  const admin = openMysql(t, { uri: mysqlUrl(server), multipleStatements: true })
  // A zone that goes forward in a hundred days.
  await admin.query(`USE mysql;
    INSERT INTO time_zone VALUES (1, 'N'); INSERT INTO time_zone_name VALUES ('Summer', 1);
    INSERT INTO time_zone_transition_type VALUES (1, 0, 3600, 0, 'W'), (1, 1, 7200, 1, 'S');
    INSERT INTO time_zone_transition VALUES (1, 0, 0), (1, UNIX_TIMESTAMP() + 8640000, 1);
    SET GLOBAL time_zone = 'Summer'`)
  const own = openMysql(t, { uri: mysqlUrl(server) })
  const store = new MysqlStore(own, { layout: 'scs' })
  await t.rejects(store.migrate(), /^Error: MysqlStore: the time zone has daylight saving.*default_time_zone = '\+00:00'|daylight saving/)
  await admin.query("SET GLOBAL time_zone = '+05:45'")
  const other = openMysql(t, { uri: mysqlUrl(server) })
  const second = new MysqlStore(other, { layout: 'scs' })
  await second.migrate()
  t.equal(await second.create('key', record('data', Date.now() + 60_000)), true)
  t.equal(await textOf(second, 'key'), 'data')
  const [rows] = await other.query('SELECT data FROM sessions WHERE UTC_TIMESTAMP(6) < expiry')
  t.equal((rows as unknown[]).length, 1, 'SCS finds it')
})

t.test('the look at the connection is taken once', async (t) => {
  const { table } = await given(t, pool)
  const own = database.pool(t, 5)
  const store = own.store({ table })
  for (let i = 0; i < 3; i++) await store.count()
  const sent = own.sent()
  t.strictSame(
    ['time_zone', 'SHOW FULL COLUMNS'].map((part) => sent.filter((text) => text.includes(part)).length),
    [1, 1],
  )
})

t.test('migrate gives up when somebody else has been at it for too long, and tells of a schema that is not there', async (t) => {
  const busy = {
    execute: pool.execute.bind(pool),
    query: (query: { sql: string }) => (query.sql.includes('GET_LOCK') ? Promise.resolve([[[0]], []]) : pool.query(query)),
  }
  const store = new MysqlStore(busy as unknown as mysql.Connection, { table: tableName() })
  await t.rejects(store.migrate(), new Error('MysqlStore: another process has been in migrate() for a minute'))
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

t.test('with a connection, a statement that waited too long for its turn is not sent', async (t) => {
  const connection = await mysql.createConnection(url)
  t.teardown(() => connection.end())
  const { store, table } = await given(t, connection)
  await store.create('locked', record('data'))
  const letGo = await database.lock(table, 'true')
  const first = store.update('locked', bytes('data'), record('more'))
  const refused = t.rejects(store.create('late', record('data'), Date.now() + 20), /was not sent/)
  await sleep(60)
  await letGo()
  t.equal(await first, true)
  await refused
  t.equal(await textOf(store, 'late'), undefined)
})

t.test('a connection that is lost while a verb waits is an error of that verb alone', async (t) => {
  const { table } = await given(t, pool)
  const own = openMysql(t, { uri: url, connectionLimit: 1 })
  const store = new MysqlStore(own, { table })
  await store.create('key', record('data'))
  const [[{ id }]] = (await own.query('SELECT CONNECTION_ID() AS id')) as unknown as [[{ id: number }]]
  const letGo = await database.lock(table, 'true')
  const refused = t.rejects(store.update('key', bytes('data'), record('more')), { code: /ER_|PROTOCOL_CONNECTION_LOST/ })
  await database.untilWaiting(table)
  await pool.query(`KILL CONNECTION ${id}`)
  await refused
  await letGo()
  t.equal(await textOf(store, 'key'), 'data', 'the pool has a new connection')
})

t.test('a server that cannot be written to any more costs its connections, for the address may have another one now', async (t) => {
  const { table } = await given(t, pool)
  const own = openMysql(t, { uri: url, connectionLimit: 1 })
  let connections = 0
  own.on('connection', (connection) => {
    connections++
    connection.query('SET SESSION TRANSACTION READ ONLY')
  })
  const store = new MysqlStore(own, { table })
  for (let i = 0; i < 2; i++) await t.rejects(store.create('key', record('data')), { code: 'ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION' })
  t.equal(connections, 2)
})

t.test('an expiry is not renewed by an update of its row, on a server that would make it so', async (t) => {
  const server = await startMysql(t, ['--explicit-defaults-for-timestamp=OFF'])
  const own = openMysql(t, { uri: mysqlUrl(server) })
  const other = mysqlDatabase(t, mysqlUrl(server))
  const scs = await makeScsTable(other)
  for (const table of ['ours', scs]) {
    const store = new MysqlStore(own, { table, layout: 'scs' })
    await store.migrate()
    const [[, sql] = []] = await other.query(`SHOW CREATE TABLE ${table}`)
    t.notMatch(sql, /on update/i)
    await store.create('key', record('data'))
    await own.query(`UPDATE ${table} SET owner = 'ada'`)
    t.equal(await textOf(store, 'key'), 'data')
    t.equal(await store.deleteOwnedBy('ada'), 1)
  }
})

t.test('a pool whose rows are nested by table serves the sessions all the same', async (t) => {
  for (const nestTables of [true, '_']) {
    const nesting = openMysql(t, { uri: url, nestTables } as mysql.PoolOptions)
    for (const prepare of [true, false]) {
      const { store } = await given(t, nesting, { prepare })
      const kept = record('data', undefined, 'ada')
      t.equal(await store.create('key', kept), true)
      t.strictSame(await store.find('key', { expiry: true }), kept)
      t.equal(await store.count(), 1)
    }
  }
})

t.test('a PoolCluster is refused, and what it gives', (t) => {
  const message = 'MysqlStore: a PoolCluster has several servers, but sessions need one: use a pool of that server'
  for (const cluster of [mysql.createPoolCluster(), callbackMysql.createPoolCluster()]) {
    cluster.add('one', { uri: url })
    for (const one of [cluster, cluster.of('one')]) t.throws(() => new MysqlStore(one as unknown as mysql.Pool), new TypeError(message))
  }
  t.end()
})

t.test('a pool that waits for ever for a connection is warned of', (t) => {
  const warningsOf = (options: mysql.PoolOptions) => {
    const warnings: string[] = []
    const store = new MysqlStore(openMysql(t, options))
    for (let i = 0; i < 2; i++) store.attach({ log: { warn: (_, message) => void warnings.push(message) } })
    return warnings
  }
  t.match(warningsOf({ connectTimeout: 0 }), [/connectTimeout: 0/])
  t.strictSame(warningsOf({}), [])
  t.end()
})

t.test('a pool without a limit will do', async (t) => {
  const { store } = await given(t, openMysql(t, { uri: url, connectionLimit: 0 }))
  t.equal(await store.create('key', record('data')), true)
})

t.test('where the server takes no more prepared statements, and where it has lost one, a statement goes without', async (t) => {
  const server = await startMysql(t, ['--max-prepared-stmt-count=1'])
  const own = openMysql(t, { uri: mysqlUrl(server), connectionLimit: 4 })
  const store = new MysqlStore(own)
  await store.migrate()
  t.strictSame(await Promise.all(['a', 'b', 'c', 'd'].map((key) => store.create(key, record(key)))), [true, true, true, true])
  t.strictSame(await Promise.all(['a', 'b', 'c', 'd'].map((key) => textOf(store, key))), ['a', 'b', 'c', 'd'])
  const one = openMysql(t, { uri: url, connectionLimit: 1 })
  const { store: other } = await given(t, one)
  t.equal(await other.create('key', record('data')), true)
  const connection = await one.getConnection()
  // What COM_RESET_CONNECTION does to prepared statements, without the driver's knowing.
  const { _statements } = connection.connection as unknown as { _statements: Map<string, { id: number }> }
  for (const statement of _statements.values()) statement.id += 1000
  connection.release()
  t.equal(await other.create('key', record('data')), false)
  t.equal(await textOf(other, 'key'), 'data')
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

t.test('after the server was restarted it works as before, with a pool that lost its connections', async (t) => {
  const server = await startMysql(t)
  const own = openMysql(t, { uri: mysqlUrl(server), connectionLimit: 4 })
  const store = new MysqlStore(own)
  await store.migrate()
  await store.create('key', record('data'))
  await server.kill()
  await t.rejects(store.create('other', record('data')), 'there is no server')
  await server.restart()
  t.equal(await textOf(store, 'key'), 'data')
  t.equal(await store.update('key', bytes('data'), record('more')), true)
})

t.test('under read committed, no session is missed that is renamed to where the deletion of its owner’s has been already', async (t) => {
  const server = await startMysql(t, ['--transaction-isolation=READ-COMMITTED'])
  const own = openMysql(t, { uri: mysqlUrl(server), connectionLimit: 12 })
  const store = new MysqlStore(own)
  await store.migrate()
  const kept = record('data', undefined, 'ada')
  for (const key of ['b', 'm', 'z']) await store.create(key, kept)
  const admin = mysqlDatabase(t, mysqlUrl(server))
  const letGo = await admin.lock('sessions', "token = 'm'")
  const deleting = store.deleteOwnedBy('ada')
  await admin.untilWaiting('sessions')
  const renaming = store.rename('z', 'a', kept.data, kept)
  await sleep(100)
  await letGo()
  t.equal(await deleting, 3)
  await renaming
  t.equal(await textOf(store, 'a'), undefined)
  t.strictSame(await entriesOf(store.all()), [])
})

t.test('under read committed, a session that is deleted while its renewal waits for it stays deleted', async (t) => {
  const server = await startMysql(t, ['--transaction-isolation=READ-COMMITTED'])
  const store = new MysqlStore(openMysql(t, { uri: mysqlUrl(server) }))
  await store.migrate()
  await store.create('key', record('data'))
  const admin = mysqlDatabase(t, mysqlUrl(server))
  const letGo = await admin.lock('sessions', 'true')
  const renaming = store.rename('key', 'new', bytes('data'), record('more'), { key: ';trace', record: record('trace') })
  await admin.untilWaiting('sessions')
  await letGo('DELETE FROM sessions')
  t.equal(await renaming, false)
  for (const key of ['key', 'new', ';trace']) t.equal(await textOf(store, key), undefined)
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

/** As the server describes a plain table. */
const PLAIN_COLUMNS = [
  ['token', 'varbinary(43)', null],
  ['data', 'mediumblob', null],
  ['expiry', 'bigint(20)', null],
]

async function given(t: Test, client: ConstructorParameters<typeof MysqlStore>[0], options: MysqlStoreOptions = {}) {
  const table = tableName()
  const store = new MysqlStore(client, { table, ...options })
  await store.migrate()
  t.teardown(() => dropTable(database, table))
  return { store, table }
}

async function subject(client: mysql.Pool | mysql.Connection, options: MysqlStoreOptions = {}) {
  const table = tableName()
  const store = new MysqlStore(client, { table, ...options })
  await store.migrate()
  return { store, second: () => new MysqlStore(otherPool, { table }), close: async () => void (await dropTable(database, table)) }
}
