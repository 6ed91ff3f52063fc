import { setTimeout as sleep } from 'node:timers/promises'
import mysql from 'mysql2/promise'
import t from 'tap'
import { MysqlStore } from '../../stores/mysql.ts'
import { LIMIT } from '../support/limit.ts'
import { bytes, entriesOf, HOUR, record, textOf } from '../support/sql.ts'
import { mysqlSite, openMysql } from '../support/sql-mysql.ts'

t.setTimeout(LIMIT)

const { url, database, pool, given } = await mysqlSite(t)

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
    until = Date.now() + 500
    const verb = async () => (slow === 'query' ? store.deleteOwnedBy('ada', undefined, until) : store.delete('key', undefined, until))
    await t.rejects(verb, /did not answer/)
    await sleep(100)
    t.equal(sent.filter((sql) => sql.startsWith('DELETE')).length, slow === 'query' ? 0 : 1)
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

/** As the server describes a plain table. */
const PLAIN_COLUMNS = [
  ['token', 'varbinary(43)', null],
  ['data', 'mediumblob', null],
  ['expiry', 'bigint(20)', null],
]
