import { setTimeout as sleep } from 'node:timers/promises'
import type mysql from 'mysql2/promise'
import t from 'tap'
import { MysqlStore } from '../../stores/mysql.ts'
import { LIMIT } from '../support/limit.ts'
import { mysqlUrl, startMysql } from '../support/servers/mysql.ts'
import { bytes, entriesOf, makeScsTable, record, SHORT_LIFE, tableName, textOf } from '../support/sql.ts'
import { mysqlDatabase, openMysql } from '../support/sql-mysql.ts'
import { conforms } from '../support/store-suite.ts'

t.setTimeout(LIMIT)

/** Everything that an application may have set, so that it does not matter. */
const ODD: mysql.PoolOptions = {
  ...{ connectionLimit: 20, charset: 'latin1_german1_ci', timezone: '+05:45', disableEval: true },
  ...{ supportBigNumbers: true, bigNumberStrings: true, dateStrings: true, decimalNumbers: true, stringifyObjects: true },
  ...{ namedPlaceholders: true, nestTables: true, typeCast: () => 'not what it was' },
}

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
