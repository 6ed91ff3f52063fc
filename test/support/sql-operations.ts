import type { Test } from 'tap'
import { bytes, dropTable, fill, makeScsTable, record, type SqlTestDatabase, tableName, textOf } from './sql.ts'

const MINUTE = 60_000

/** What happens to a table and its connections in the course of time, on both SQL stores. */
export async function sqlOperations(t: Test, database: SqlTestDatabase): Promise<void> {
  const pool = database.pool(t, 4)

  t.test('an owner column that somebody adds is noticed within a minute, and at once by what needs it', async (t) => {
    const table = await makeScsTable(database)
    t.teardown(() => dropTable(database, table))
    const [early, late, third] = [pool.store({ table }), pool.store({ table }), pool.store({ table })]
    const warnings: string[] = []
    early.attach?.({ log: { warn: (_, message) => void warnings.push(message) } })
    let now = Date.now()
    t.intercept(Date, 'now', { value: () => now })
    for (const store of [early, third]) t.equal(await store.create(`before${store === early}`, record('data', undefined, 'ada')), true)
    t.strictSame(early.lacks, ['owner'])
    await late.migrate()
    t.equal(await early.deleteOwnedBy('nobody'), 0, 'what needs the column looks at once')
    t.strictSame(early.lacks, [])
    now += MINUTE - 1
    t.equal(await third.create('soon', record('data', undefined, 'ada')), true)
    t.strictSame(third.lacks, ['owner'])
    now++
    t.equal(await third.create('after', record('data', undefined, 'ada')), true)
    t.strictSame(third.lacks, [])
    t.equal(await late.deleteOwnedBy('ada'), 1, 'who writes and who ends sessions mean the same')
    t.equal(await textOf(late, 'after'), undefined)
    t.match(warnings, [/the table has no owner column/])
  })

  t.test('a table without the column is asked for it once a minute, by one statement, and warned of once', async (t) => {
    const table = await makeScsTable(database)
    t.teardown(() => dropTable(database, table))
    const own = database.pool(t, 1)
    const store = own.store({ table })
    const warnings: string[] = []
    store.attach?.({ log: { warn: (_, message) => void warnings.push(message) } })
    await textOf(store, 'key')
    const { now } = Date
    for (let minute = 1; minute < 3; minute++) {
      t.intercept(Date, 'now', { value: () => now() + minute * MINUTE })
      own.sent()
      await Promise.all([textOf(store, 'a'), textOf(store, 'b'), textOf(store, 'c')])
      t.equal(own.sent().filter((text) => text.includes('owner')).length, 1)
    }
    t.equal(warnings.length, 1)
  })

  t.test('a clean-up goes on where it was, and finds what is earlier in the end', async (t) => {
    const table = tableName()
    const store = pool.store({ table })
    await store.migrate()
    t.teardown(() => dropTable(database, table))
    await fill(database, table, 25, -3600)
    t.equal(await store.deleteExpired(10), 10)
    await database.query(`INSERT INTO ${table} (token, data, expiry) VALUES ('earlier', 'x', ${database.inSeconds(-7200)})`)
    t.equal(await store.deleteExpired(10), 10)
    t.equal(await store.deleteExpired(10), 6, 'fewer than the limit: none is left')
    t.equal(await store.deleteExpired(10), 0)
    await database.query(`INSERT INTO ${table} (token, data, expiry) VALUES ('again', 'x', ${database.inSeconds(-7200)})`)
    t.equal(await store.deleteExpired(10), 1)
    t.strictSame(await database.query(`SELECT token FROM ${table}`), [])
  })

  t.test('an error of a statement alone costs the pool no connection', async (t) => {
    const table = tableName()
    const own = database.pool(t, 1)
    const connections = own.opened()
    const missing = own.store({ table: tableName() })
    for (let i = 0; i < 5; i++) await t.rejects(async () => missing.count())
    const store = own.store({ table })
    await store.migrate()
    t.teardown(() => dropTable(database, table))
    await store.create('a', record('a'))
    await store.create('b', record('b'))
    t.equal(await store.rename('a', 'b', bytes('a'), record('c')), false)
    t.equal(own.opened() - connections, 1)
  })

  t.test('with prepare: false every verb works, and the server keeps no statement', async (t) => {
    const table = tableName()
    const own = database.pool(t, 1)
    const store = own.store({ table, prepare: false })
    await store.migrate()
    t.teardown(() => dropTable(database, table))
    const odd = { data: Buffer.from([0, 39, 92, 255, 128, 10, 13, 26, 34, 37, 95, 1]), expiresAt: Date.now() + MINUTE, owner: '\'\\"é👩' }
    t.equal(await store.create('key', odd), true)
    t.strictSame(await store.find('key', { expiry: true }), odd)
    t.equal(await store.update('key', odd.data, record('more', undefined, odd.owner)), true)
    t.equal(
      await store.rename('key', 'new', bytes('more'), record('more', undefined, odd.owner), { key: ';trace', record: record('') }),
      true,
    )
    t.equal(await store.count(), 1)
    t.equal(await store.deleteOwnedBy(odd.owner), 1)
    t.equal(await store.deleteExpired(10), 0)
    t.equal(await own.prepared(), 0)
    for (const prepare of [null, 1, 'no']) {
      const message = `${database.name}: the option prepare must be true or false`
      t.throws(() => pool.store({ prepare: prepare as unknown as boolean }), new TypeError(message))
    }
  })
}
