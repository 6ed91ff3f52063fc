import callbackMysql from 'mysql2'
import mysql from 'mysql2/promise'
import t from 'tap'
import { storeConformance } from '../../stores/conformance/index.ts'
import { MysqlStore } from '../../stores/mysql.ts'
import { LIMIT } from '../support/limit.ts'
import { mysqlUrl, startMysql } from '../support/servers/mysql.ts'
import { dropTable, makeScsTable, record, SHORT_LIFE, textOf } from '../support/sql.ts'
import { mysqlSite, openMysql } from '../support/sql-mysql.ts'
import { sqlOperations } from '../support/sql-operations.ts'
import { sqlSuite } from '../support/sql-suite.ts'
import { conforms } from '../support/store-suite.ts'

t.setTimeout(LIMIT)

const { url, database, pool, otherPool, given, subject } = await mysqlSite(t)

await sqlSuite(t, database)
await sqlOperations(t, database)

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

t.test('a pool that shapes its rows in any way serves the sessions all the same', async (t) => {
  for (const shape of [
    { nestTables: true },
    { nestTables: '_' },
    { rowsAsArray: true },
    { typeCast: false },
    { typeCast: () => 'other' },
  ]) {
    const shaping = openMysql(t, { uri: url, ...shape } as mysql.PoolOptions)
    for (const prepare of [true, false]) {
      const { store } = await given(t, shaping, { prepare })
      const kept = record('data', undefined, 'ada')
      t.equal(await store.create('key', kept), true)
      t.strictSame(await store.find('key', { expiry: true }), kept)
      t.equal(await store.count(), 1)
    }
  }
})

t.test('a prepared statement goes as a string where no setting shapes the rows, with options of its own where one does', async (t) => {
  const typesOn = async (shape: object) => {
    const types = new Set<string>()
    const own = openMysql(t, { uri: url, connectionLimit: 1, ...shape })
    own.pool.on('connection', (connection) => {
      const execute = connection.execute.bind(connection) as (...args: unknown[]) => unknown
      Object.assign(connection, {
        execute: (...args: unknown[]) => {
          types.add(typeof args[0])
          return execute(...args)
        },
      })
    })
    const { store } = await given(t, own)
    await store.find('key', { expiry: true })
    return [...types]
  }
  t.strictSame(await typesOn({}), ['string'])
  t.strictSame(await typesOn({ nestTables: true }), ['object'])
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
