import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { inChild } from './child.ts'
import { bytes, dropTable, entriesOf, fill, HOUR, makeScsTable, record, SHORT_LIFE, type SqlTestEngine, tableName, textOf } from './sql.ts'
import { conforms } from './store-suite.ts'

/** What both SQL stores are to show on a real server, beyond the contract. */
export async function sqlSuite(t: Test, engine: SqlTestEngine): Promise<void> {
  const pool = engine.pool(t, 20)

  /** A store with a table that migrate() made. */
  async function given(t: Test, options: { owner?: boolean } = {}) {
    const table = tableName()
    const store = pool.store({ table, ...options })
    await store.migrate()
    t.teardown(() => dropTable(engine, table))
    return { store, table, sql: (text: string, values?: unknown[]) => engine.query(text.replaceAll('%', engine.quoted(table)), values) }
  }

  /** A store with the table that SCS made. */
  async function givenScs(t: Test) {
    const table = await makeScsTable(engine)
    t.teardown(() => dropTable(engine, table))
    const store = pool.store({ table })
    const warnings: string[] = []
    store.attach?.({ log: { warn: (_, message) => void warnings.push(message) } })
    return { store, table, warnings, sql: (text: string, values?: unknown[]) => engine.query(text.replaceAll('%', table), values) }
  }

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
      const message = `${engine.name}: the option table must be name or schema.name, each a letter or _ and then letters, digits, _ or $, at most 48`
      t.throws(() => pool.store({ table: table as string }), new TypeError(message), String(table))
    }
    for (const owner of [null, 0, 'yes']) {
      const message = `${engine.name}: the option owner must be true or false`
      t.throws(() => pool.store({ owner: owner as unknown as boolean }), new TypeError(message))
    }
  })

  t.test('a key or an owner that the engine could take for another is refused', async (t) => {
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
      await t.rejects(async () => store.deleteExpired(limit), new RangeError(`${engine.name}: the limit must be a positive whole number`))
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
      t.teardown(() => dropTable(engine, name))
      stores.push({ store, table: name, sql: (text) => engine.query(text) })
    }
    for (const { store, table } of stores) t.equal(await store.create('key', record(table, undefined, 'ada')), true)
    for (const { store, table } of stores) {
      t.equal(await textOf(store, 'key'), table)
      t.equal(await store.deleteOwnedBy('ada'), 1)
    }
  })

  t.test('each verb is one statement', async (t) => {
    const { table } = await given(t)
    const own = engine.pool(t, 1)
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
    await fill(engine, table, 1203, 3600)
    t.equal(new Set((await entriesOf(store.all())).map(({ key }) => key)).size, 1203)
    t.equal(await store.count(), 1203)
  })

  t.test('what the server’s clock says counts, not that of this process', async (t) => {
    const { store, sql } = await given(t)
    await sql(`INSERT INTO % (token, data, expiry) VALUES ('alive', 'x', ${engine.inSeconds(60)}), ('dead', 'x', ${engine.inSeconds(-60)})`)
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
    const own = engine.pool(t, 1)
    const late = own.store({ table })
    await late.count()
    own.sent()
    const giveBack = await own.take()
    const waiting = late.create('key', record('data'), Date.now() + 20)
    const inTime = late.create('other', record('data'), Date.now() + HOUR)
    const refused = t.rejects(async () => waiting, { message: /its turn had not come before its time was up/ })
    await sleep(50)
    giveBack()
    await refused
    t.equal(await inTime, true, 'one that has time is sent')
    t.equal(await textOf(store, 'key'), undefined)
    t.equal(own.sent().length, 1)
    t.equal(await textOf(late, 'other'), 'data', 'the connection was given back')
  })

  t.test('migrate changes nothing the second time, and may be called by four processes at once', async (t) => {
    const table = tableName()
    await Promise.all(Array.from({ length: 4 }, () => inChild(engine.migrating(table))))
    t.teardown(() => dropTable(engine, table))
    const store = pool.store({ table })
    t.equal(await store.create('key', record('data', undefined, 'ada')), true)
    const own = engine.pool(t, 1)
    await own.store({ table }).migrate()
    t.notMatch(own.sent().join('\n'), /CREATE|ALTER/, 'where nothing is missing nothing is sent')
    t.equal(await store.deleteOwnedBy('ada'), 1)
  })

  t.test('a table that SCS made is completed by four processes at once, and keeps its rows', async (t) => {
    const { table, sql, store } = await givenScs(t)
    await sql(engine.scsCommit, ['gos', bytes('by Go'), engine.scsExpiry(Date.now() + HOUR)])
    await Promise.all(Array.from({ length: 4 }, () => inChild(engine.migrating(table))))
    t.equal(await textOf(store, 'gos'), 'by Go')
    t.equal(await store.update('gos', bytes('by Go'), record('owned', undefined, 'ada')), true)
    t.equal(await store.deleteOwnedBy('ada'), 1)
    t.strictSame(store.lacks, [])
  })

  t.test('without the owner column everything but owners works, and one warning says so', async (t) => {
    const { store, warnings } = await givenScs(t)
    t.strictSame(await Promise.all([store.find('a', { expiry: true }), store.find('b', { expiry: true })]), [undefined, undefined])
    t.equal(warnings.length, 1)
    t.match(warnings[0], /the table has no owner column.*migrate\(\) adds it/)
    t.strictSame(store.lacks, ['owner'])
    t.equal(await store.create('key', record('data', undefined, 'ada')), true)
    t.equal((await store.find('key', { expiry: true }))?.owner, undefined)
    await t.rejects(async () => store.deleteOwnedBy('ada'), { message: `${engine.name}: ${warnings[0]}` })
    await t.rejects(entriesOf(store.ownedBy('ada')), /the table has no owner column/)
    t.equal(warnings.length, 1)
    await store.migrate()
    t.strictSame(store.lacks, [], 'migrate() mends it')
    t.equal(await store.update('key', bytes('data'), record('owned', undefined, 'ada')), true)
    t.equal(await store.deleteOwnedBy('ada'), 1)
  })

  t.test('the first statement of all may be one that needs the owner column', async (t) => {
    const { store } = await givenScs(t)
    await t.rejects(async () => store.deleteOwnedBy('ada'), /the table has no owner column/)
    t.strictSame(store.lacks, ['owner'])
  })

  t.test('with owner: false the table has no such column, and no statement names one', async (t) => {
    const { store, sql } = await given(t, { owner: false })
    t.strictSame(store.lacks, ['owner'])
    t.equal(await store.create('key', record('data', undefined, 'ada')), true)
    await t.rejects(sql('SELECT owner FROM %'))
    await store.migrate()
    t.strictSame(store.lacks, ['owner'])
  })

  t.test('a table that is not there is an error of the driver’s, and migrate() mends it', async (t) => {
    const table = tableName()
    const store = pool.store({ table })
    const error = await t.rejects(async () => store.find('key', { expiry: true }))
    t.ok(error)
    t.strictSame(store.lacks, [])
    await store.migrate()
    t.teardown(() => dropTable(engine, table))
    t.equal(await store.create('key', record('data')), true)
  })

  t.test('sessions that Go wrote are found, updated, renamed and deleted, and Go finds ours', async (t) => {
    const { store, sql } = await givenScs(t)
    await store.migrate()
    const expiresAt = Date.now() + HOUR
    for (const key of ['one', 'two', 'three']) await sql(engine.scsCommit, [key, bytes('by Go'), engine.scsExpiry(expiresAt)])
    const found = await store.find('one', { expiry: true })
    t.strictSame(found, { data: bytes('by Go'), expiresAt })
    t.equal(await store.update('one', bytes('by Go'), record('ours', undefined, 'ada')), true)
    t.equal(await store.touch('two', bytes('by Go'), Date.now() + 2 * HOUR), true)
    t.equal(await store.rename('two', 'new', bytes('by Go'), record('renamed'), { key: ';trace', record: record('trace') }), true)
    t.equal(await store.delete('three', bytes('by Go')), true)
    const goFinds = async (key: string) => String((await sql(engine.scsFind, [key]))[0]?.[0])
    t.strictSame(await Promise.all(['one', 'two', 'new'].map(goFinds)), ['ours', 'undefined', 'renamed'])
    await sql(engine.scsCommit, ['one', bytes('by Go again'), engine.scsExpiry(expiresAt)])
    t.strictSame(await store.find('one', { expiry: true }), { data: bytes('by Go again'), expiresAt, owner: 'ada' }, 'the owner stays')
    await sql(engine.scsCommit, ['later', bytes('by Go'), engine.scsExpiry(expiresAt + 1)])
    await store.create('same', record('ours', expiresAt))
    await sql(engine.scsCommit, ['earlier', bytes('by Go'), engine.scsExpiry(expiresAt - 1)])
    const inOrder = await sql("SELECT token FROM % WHERE token IN ('earlier', 'same', 'later') ORDER BY expiry")
    t.strictSame(inOrder.flat(), ['earlier', 'same', 'later'], 'Go and we mean the same moment')
  })

  t.test('a user who may only read and write the table can do everything, and call migrate()', async (t) => {
    const { table } = await given(t)
    const limited = (await engine.limitedPool(t, [table])).store({ table })
    await limited.migrate()
    t.equal(await limited.create('key', record('1')), true)
    t.equal(await limited.rename('key', 'new', bytes('1'), record('2', undefined, 'ada'), { key: ';trace', record: record('trace') }), true)
    t.equal(await limited.update('new', bytes('2'), record('3', undefined, 'ada')), true)
    t.equal(await limited.touch('new', bytes('3'), Date.now() + HOUR), true)
    t.equal((await entriesOf(limited.ownedBy('ada'))).length, 1)
    t.equal(await limited.deleteOwnedBy('ada'), 1)
    t.equal(await limited.deleteExpired(10), 0)
  })

  t.test('eight clean-ups at once remove each row once, and none that is touched meanwhile', async (t) => {
    const { store, table, sql } = await given(t)
    await fill(engine, table, 2000, -3600)
    const soon = Date.now() + 1500
    const keys = Array.from({ length: 60 }, (_, index) => `alive${index}`)
    await Promise.all(keys.map((key) => store.create(key, record('data', soon))))
    let going = true
    const clean = async (cleaner: { deleteExpired(limit: number): number | PromiseLike<number> }) => {
      let [sum, some] = [0, 0]
      do {
        some = await cleaner.deleteExpired(50)
        sum += some
      } while (going || some > 0)
      return sum
    }
    const cleaners = Array.from({ length: 8 }, () => clean(engine.pool(t, 1).store({ table })))
    // Shortly before they expire, or after that on a slow machine.
    await sleep(Math.max(0, soon - 300 - Date.now()))
    const touched = await Promise.all(keys.map((key) => store.touch(key, bytes('data'), Date.now() + HOUR)))
    await sleep(Math.max(0, soon + 300 - Date.now()))
    going = false
    const removed = await Promise.all(cleaners)
    t.equal(
      removed.reduce((sum, one) => sum + one, 0),
      2000 + touched.filter((answer) => !answer).length,
    )
    t.equal(await store.count(), touched.filter((answer) => answer).length)
    t.strictSame(await sql('SELECT count(*) FROM %').then((rows) => Number(rows[0]?.[0])), await store.count())
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

  t.test('whoever waits for a deletion finds that there is nothing, and leaves nothing', async (t) => {
    const { store, table } = await given(t)
    const trace = { key: ';trace', record: record('trace') }
    for (const verb of [
      () => store.rename('key', 'new', bytes('data'), record('more', undefined, 'ada'), trace),
      () => store.rename('key', 'new', bytes('data'), record('more', undefined, 'ada')),
      () => store.update('key', bytes('data'), record('more')),
      () => store.touch('key', bytes('data'), Date.now() + 2 * HOUR),
      () => store.delete('key'),
    ]) {
      await store.create('key', record('data', undefined, 'ada'))
      const letGo = await engine.lock(table, 'true')
      const waiting = verb()
      await engine.untilWaiting(table)
      await letGo(`DELETE FROM ${engine.quoted(table)}`)
      t.equal(await waiting, false)
      for (const key of ['key', 'new', ';trace']) t.equal(await textOf(store, key), undefined)
    }
  })

  t.test('the end of an owner’s sessions waits for one that is being renamed, and takes it along', async (t) => {
    const { store, table } = await given(t)
    for (const key of ['key', 'other']) await store.create(key, record('data', undefined, 'ada'))
    const letGo = await engine.lock(table, "token = 'key'")
    const ending = store.deleteOwnedBy('ada')
    await engine.untilWaiting(table)
    await letGo(`UPDATE ${engine.quoted(table)} SET token = 'moved' WHERE token = 'key'`)
    t.equal(await ending, 2)
    t.strictSame(await entriesOf(store.all()), [])
  })

  t.test('a clean-up does not wait for a row that somebody else holds', async (t) => {
    const { store, table } = await given(t)
    await fill(engine, table, 30, -3600)
    const letGo = await engine.lock(table, "token IN ('row3', 'row4')")
    t.equal(await store.deleteExpired(100), 28)
    await letGo()
    t.equal(await store.deleteExpired(100), 2)
  })

  t.test('on a table that SCS made, completed by migrate(), it keeps every promise of the contract', (t) =>
    conforms(t, 'the suite', {
      shortLife: SHORT_LIFE,
      createStore: async () => {
        const table = await makeScsTable(engine)
        const store = pool.store({ table })
        await store.migrate()
        return { store, close: async () => void (await dropTable(engine, table)) }
      },
    }),
  )
}
