import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import {
  bytes,
  dropTable,
  entriesOf,
  fill,
  HOUR,
  makeScsTable,
  record,
  SHORT_LIFE,
  type SqlTestDatabase,
  tableName,
  textOf,
} from './sql.ts'
import { sqlRaces } from './sql-races.ts'
import { sqlSite } from './sql-site.ts'
import { sqlTables } from './sql-tables.ts'
import { conforms } from './store-suite.ts'

/** What both SQL stores are to show on a real server, beyond the contract. */
export async function sqlSuite(t: Test, database: SqlTestDatabase): Promise<void> {
  const site = sqlSite(t, database)
  const { pool, given } = site

  t.test('wrong arguments throw a TypeError that names the store and the rule', async (t) => {
    for (const table of [
      ...[
        '',
        '.',
        'a.',
        '.a',
        'a.b.c',
        '1a',
        'a b',
        'a-b',
        "a'b",
        'a"b',
        'a`b',
        'a\0b',
        'a\r\nb',
        'a;b',
        'a*',
        '{a}',
        'é',
        '👩',
        'a ',
        ' a',
      ],
      ...['x'.repeat(49), 'a"; DROP TABLE b; --', null, 1, {}],
    ]) {
      const message = `${database.name}: the option table must be name or schema.name, each a letter or _ and then letters, digits, _ or $, at most 48`
      t.throws(() => pool.store({ table: table as string }), new TypeError(message), String(table))
    }
    for (const owner of [null, 0, 'yes']) {
      const message = `${database.name}: the option owner must be true or false`
      t.throws(() => pool.store({ owner: owner as unknown as boolean }), new TypeError(message))
    }
  })

  t.test('a key or an owner that the database could take for another is refused', async (t) => {
    const { store } = await given(t)
    for (const key of ['', 'a ', ' ', 'a\0', 'a\r\n', 'é', '👩', 'x'.repeat(44)]) {
      await t.rejects(async () => store.find(key, { expiry: true }), RangeError, JSON.stringify(key))
      await t.rejects(async () => store.create(key, record('data')), RangeError)
      await t.rejects(async () => store.deleteOwnedBy('ada', key), RangeError)
    }
    for (const owner of ['\ud800', 'x'.repeat(2001), '👩'.repeat(501)]) {
      await t.rejects(async () => store.create('key', record('data', undefined, owner)), RangeError)
      await t.rejects(async () => entriesOf(store.ownedBy(owner)), RangeError)
    }
    for (const limit of [0, -1, 1.5, Number.NaN, '1' as unknown as number, '1; DROP TABLE x' as unknown as number]) {
      await t.rejects(async () => store.deleteExpired(limit), new RangeError(`${database.name}: the limit must be a positive whole number`))
    }
    t.equal(await store.count(), 0)
  })

  t.test('an owner of the greatest length is taken, and told from one that ends otherwise', async (t) => {
    const { store } = await given(t)
    const long = '👩'.repeat(255)
    await store.create('a', record('a', undefined, long))
    await store.create('b', record('b', undefined, `${long.slice(0, -2)}💻`))
    t.strictSame(
      (await entriesOf(store.ownedBy(long))).map(({ key }) => key),
      ['a'],
    )
    t.equal(await store.deleteOwnedBy(long), 1)
    t.equal(await textOf(store, 'b'), 'b')
  })

  t.test('two tables never see each other, nor do names that differ in case', async (t) => {
    const stores = [await given(t), await given(t)]
    const table = tableName()
    for (const name of [`${table}Case`, `${table}case`, `${table}$`]) {
      const store = pool.store({ table: name })
      await store.migrate()
      t.teardown(() => dropTable(database, name))
      stores.push({ store, table: name, sql: (text) => database.query(text) })
    }
    for (const { store, table } of stores) t.equal(await store.create('key', record(table, undefined, 'ada')), true)
    for (const { store, table } of stores) {
      t.equal(await textOf(store, 'key'), table)
      t.equal(await store.deleteOwnedBy('ada'), 1)
    }
  })

  t.test('each verb is one statement', async (t) => {
    const { table } = await given(t)
    const own = database.pool(t, 1)
    const store = own.store({ table })
    await store.count()
    own.sent()
    const one = async (name: string, verb: () => unknown) => {
      t.ok(await verb(), name)
      t.equal(own.sent().length, 1, `${name} is one statement`)
    }
    await one('create', () => store.create('key', record('1')))
    await one('find', () => store.find('key', { expiry: true }))
    await one('update', () => store.update('key', bytes('1'), record('2')))
    await one('touch', () => store.touch('key', bytes('2'), Date.now() + 2 * HOUR))
    await one('rename', () => store.rename('key', 'new', bytes('2'), record('3'), { key: ';trace', record: record('trace') }))
    await one('rename without a trace', () => store.rename('new', 'newer', bytes('3'), record('4')))
    await one('delete with bytes', () => store.delete('newer', bytes('4')))
    await one('delete', () => store.delete(';trace'))
  })

  t.test('the listings go through many pages', async (t) => {
    const { store, table } = await given(t)
    await fill(database, table, 1203, 3600)
    t.equal(new Set((await entriesOf(store.all())).map(({ key }) => key)).size, 1203)
    t.equal(await store.count(), 1203)
  })

  t.test('what the server’s clock says counts, not that of this process', async (t) => {
    const { store, sql } = await given(t)
    await sql(
      `INSERT INTO % (token, data, expiry) VALUES ('alive', 'x', ${database.inSeconds(60)}), ('dead', 'x', ${database.inSeconds(-60)})`,
    )
    const { now } = Date
    t.teardown(() => Object.assign(Date, { now }))
    for (const shift of [-24 * HOUR, 24 * HOUR]) {
      Date.now = () => now() + shift
      t.equal(await textOf(store, 'alive'), 'x')
      t.equal(await textOf(store, 'dead'), undefined)
    }
    t.equal(await store.deleteExpired(10), 1)
  })

  t.test('a statement that nobody waits for any more is not sent', async (t) => {
    const { table, store } = await given(t)
    const own = database.pool(t, 1)
    const late = own.store({ table })
    await late.count()
    own.sent()
    const giveBack = await own.take()
    const waiting = late.create('key', record('data'), Date.now() + 20)
    const inTime = late.create('other', record('data'), Date.now() + HOUR)
    const refused = t.rejects(async () => waiting, { message: /its time was up before its turn came/ })
    await sleep(50)
    giveBack()
    await refused
    t.equal(await inTime, true, 'one that has time is sent')
    t.equal(await textOf(store, 'key'), undefined)
    t.equal(own.sent().length, 1)
    t.equal(await textOf(late, 'other'), 'data', 'the connection was given back')
  })

  t.test('a command that is sent twice is harmless where there is no owner, too', async (t) => {
    const { store } = await given(t)
    const [first, second, third] = [record('1'), record('2'), record('3')]
    const trace = { key: ';trace', record: record('trace') }
    for (let time = 0; time < 2; time++) t.equal(await store.create('key', first), true)
    for (let time = 0; time < 2; time++) t.equal(await store.update('key', first.data, second), true)
    for (let time = 0; time < 2; time++) t.equal(await store.rename('key', 'new', second.data, third, trace), true)
    t.equal(await store.rename('key', 'new', second.data, record('3', undefined, 'ada'), trace), false)
  })

  t.test('on a table that SCS made, completed by migrate(), it keeps every promise of the contract', (t) =>
    conforms(t, 'the suite', {
      shortLife: SHORT_LIFE,
      createStore: async () => {
        const table = await makeScsTable(database)
        const store = pool.store({ table })
        await store.migrate()
        return { store, close: async () => void (await dropTable(database, table)) }
      },
    }),
  )

  await sqlTables(t, site)
  await sqlRaces(t, site)
}
