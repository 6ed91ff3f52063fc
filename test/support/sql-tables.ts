import type { Test } from 'tap'
import { inChild } from './child.ts'
import { bytes, dropTable, entriesOf, HOUR, record, tableName, textOf } from './sql.ts'

import type { SqlSite } from './sql-site.ts'

/** What both SQL stores are to show of tables: who makes them, completes them, and what they may lack. */
export async function sqlTables(t: Test, { database, pool, given, givenScs }: SqlSite): Promise<void> {
  t.test('migrate changes nothing the second time, and may be called by four processes at once', async (t) => {
    const table = tableName()
    await Promise.all(Array.from({ length: 4 }, () => inChild(database.migrating(table))))
    t.teardown(() => dropTable(database, table))
    const store = pool.store({ table })
    t.equal(await store.create('key', record('data', undefined, 'ada')), true)
    const own = database.pool(t, 1)
    await own.store({ table }).migrate()
    t.notMatch(own.sent().join('\n'), /CREATE|ALTER/, 'where nothing is missing nothing is sent')
    t.equal(await store.deleteOwnedBy('ada'), 1)
  })

  t.test('without its table a store names migrate()', async (t) => {
    await t.rejects(async () => pool.store({ table: tableName() }).find('key', { expiry: true }), /: call await store\.migrate\(\) once/)
  })

  t.test('a table that SCS made is completed by four processes at once, and keeps its rows', async (t) => {
    const { table, sql, store } = await givenScs(t)
    await sql(database.scsCommit, ['gos', bytes('by Go'), database.scsExpiry(Date.now() + HOUR)])
    await Promise.all(Array.from({ length: 4 }, () => inChild(database.migrating(table))))
    t.equal(await textOf(store, 'gos'), 'by Go')
    t.equal(await store.update('gos', bytes('by Go'), record('owned', undefined, 'ada')), true)
    t.equal(await store.deleteOwnedBy('ada'), 1)
    t.strictSame(store.lacks, [])
  })

  t.test('without the owner column everything but owners works, and one warning says so', async (t) => {
    const { store, warnings } = await givenScs(t)
    t.strictSame(await Promise.all([store.find('a', { expiry: true }), store.find('b', { expiry: true })]), [undefined, undefined])
    t.equal(warnings.length, 1)
    t.match(warnings[0], /the table has no owner column.*call migrate\(\) to add it/)
    t.strictSame(store.lacks, ['owner'])
    t.equal(await store.create('key', record('data', undefined, 'ada')), true)
    t.equal((await store.find('key', { expiry: true }))?.owner, undefined)
    await t.rejects(async () => store.deleteOwnedBy('ada'), { message: `${database.name}: ${warnings[0]}` })
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
    t.teardown(() => dropTable(database, table))
    t.equal(await store.create('key', record('data')), true)
  })

  t.test('sessions that Go wrote are found, updated, renamed and deleted, and Go finds ours', async (t) => {
    const { store, sql } = await givenScs(t)
    await store.migrate()
    const expiresAt = Date.now() + HOUR
    for (const key of ['one', 'two', 'three']) await sql(database.scsCommit, [key, bytes('by Go'), database.scsExpiry(expiresAt)])
    const found = await store.find('one', { expiry: true })
    t.strictSame(found, { data: bytes('by Go'), expiresAt })
    t.equal(await store.update('one', bytes('by Go'), record('ours', undefined, 'ada')), true)
    t.equal(await store.touch('two', bytes('by Go'), Date.now() + 2 * HOUR), true)
    t.equal(await store.rename('two', 'new', bytes('by Go'), record('renamed'), { key: ';trace', record: record('trace') }), true)
    t.equal(await store.delete('three', bytes('by Go')), true)
    const goFinds = async (key: string) => String((await sql(database.scsFind, [key]))[0]?.[0])
    t.strictSame(await Promise.all(['one', 'two', 'new'].map(goFinds)), ['ours', 'undefined', 'renamed'])
    await sql(database.scsCommit, ['one', bytes('by Go again'), database.scsExpiry(expiresAt)])
    t.strictSame(await store.find('one', { expiry: true }), { data: bytes('by Go again'), expiresAt, owner: 'ada' }, 'the owner stays')
    await sql(database.scsCommit, ['later', bytes('by Go'), database.scsExpiry(expiresAt + 1)])
    await store.create('same', record('ours', expiresAt))
    await sql(database.scsCommit, ['earlier', bytes('by Go'), database.scsExpiry(expiresAt - 1)])
    const inOrder = await sql("SELECT token FROM % WHERE token IN ('earlier', 'same', 'later') ORDER BY expiry")
    t.strictSame(inOrder.flat(), ['earlier', 'same', 'later'], 'Go and we mean the same moment')
  })

  t.test('a user who may only read and write the table can do everything, and call migrate()', async (t) => {
    const { table } = await given(t)
    const limited = (await database.limitedPool(t, [table])).store({ table })
    await limited.migrate()
    t.equal(await limited.create('key', record('1')), true)
    t.equal(await limited.rename('key', 'new', bytes('1'), record('2', undefined, 'ada'), { key: ';trace', record: record('trace') }), true)
    t.equal(await limited.update('new', bytes('2'), record('3', undefined, 'ada')), true)
    t.equal(await limited.touch('new', bytes('3'), Date.now() + HOUR), true)
    t.equal((await entriesOf(limited.ownedBy('ada'))).length, 1)
    t.equal(await limited.deleteOwnedBy('ada'), 1)
    t.equal(await limited.deleteExpired(10), 0)
  })
}
