import { readdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { SqliteStore, type SqliteStoreOptions } from '../../stores/sqlite.ts'
import { LIMIT } from '../support/limit.ts'
import { keysOf, record, textOf } from '../support/records.ts'
import { databaseAt, drivers, entriesOf, own, placeFor, sqliteStore } from '../support/sqlite.ts'

t.setTimeout(LIMIT)

const later = Date.now() + 3_600_000
const EXPIRY = { expiry: true }

for (const driver of drivers) {
  t.test(driver.name, async (t) => {
    const given = async (t: Parameters<typeof placeFor>[0], options: SqliteStoreOptions = {}) => {
      const database = databaseAt(t, placeFor(t), driver)
      const store = new SqliteStore(database, options)
      await store.migrate()
      return { database, store }
    }

    t.test('a database that is read-only is refused', async (t) => {
      const path = placeFor(t)
      await sqliteStore(t, path).create('key', record('x', later))
      const readonly = driver.open(path, { readonly: true })
      t.teardown(() => readonly.close())
      t.throws(() => new SqliteStore(readonly), new TypeError('SqliteStore: the database is read-only, but sessions must be written'))
    })

    t.test('a database in UTF-16 is refused', (t) => {
      const database = driver.open(placeFor(t))
      t.teardown(() => database.close())
      database.exec("PRAGMA encoding = 'UTF-16le'")
      t.throws(() => new SqliteStore(database), new TypeError('SqliteStore: the database must be in UTF-8'))
      t.end()
    })

    t.test('one that was given is left open and keeps its settings', async (t) => {
      const { database, store } = await given(t)
      database.exec('PRAGMA busy_timeout = 1234')
      await store.create('key', record('x', later))
      await store.close()
      t.strictSame({ ...Object(database.prepare('PRAGMA busy_timeout').get()) }, { timeout: 1234 })
      t.equal(await textOf(store, 'key'), 'x')
      t.equal(new SqliteStore(database).lacks.length, 0)
    })

    t.test('one that is locked while the store is made is taken all the same', async (t) => {
      const path = placeFor(t)
      const { database } = { database: databaseAt(t, path, driver) }
      await new SqliteStore(database).migrate()
      database.exec('BEGIN IMMEDIATE')
      const second = databaseAt(t, path, driver)
      second.exec('PRAGMA busy_timeout = 0')
      const store = new SqliteStore(second)
      database.exec('COMMIT')
      t.equal(await store.create('key', record('x', later)), true)
    })

    t.test('while the application is in a transaction of its own, a write waits', async (t) => {
      const { database, store } = await given(t)
      database.exec('BEGIN')
      const writing = store.create('key', record('x', later))
      await sleep(50)
      database.exec('ROLLBACK')
      t.equal(await writing, true)
      t.equal(await textOf(store, 'key'), 'x')
    })

    t.test('a read that is locked out waits, up to its time', async (t) => {
      const path = placeFor(t)
      const [holder, database] = [driver.open(path), driver.open(path)]
      t.teardown(() => [holder, database].map((each) => each.close()))
      const store = new SqliteStore(database)
      await store.migrate()
      await store.create('key', record('x', later))
      holder.exec('BEGIN EXCLUSIVE')
      await t.rejects(async () => store.find('key', EXPIRY, Date.now() + 50), {
        name: 'LockedError',
        cause: { message: 'database is locked' },
      })
      const reading = store.find('key', EXPIRY)
      await sleep(30)
      holder.exec('COMMIT')
      t.equal(String(Buffer.from((await reading)?.data ?? [])), 'x')
      holder.exec('BEGIN EXCLUSIVE')
      const gone = store.find('key', EXPIRY)
      holder.exec('DROP TABLE sessions')
      holder.exec('COMMIT')
      await t.rejects(async () => gone, { message: 'no such table: sessions' })
      t.throws(() => store.find('key', EXPIRY), { message: 'no such table: sessions' })
      await t.rejects(store.delete('key'), { message: 'no such table: sessions' })
    })

    t.test('owners are any text, and told apart by bytes', async (t) => {
      const { store } = await given(t)
      const owners = ['ada', 'Ada', 'ada ', 'ada\0', 'ada\0b', 'ä', 'a\u0308', '👩', '', 'x'.repeat(5000)]
      for (const [index, owner] of owners.entries()) await store.create(`key${index}`, record('x', later, owner))
      for (const [index, owner] of owners.entries()) {
        t.strictSame(await entriesOf(store.ownedBy(owner)), [{ key: `key${index}`, record: { ...record('x', later, owner) } }])
        t.equal(await store.deleteOwnedBy(owner), 1)
      }
      t.equal(await store.count(), 0)
    })

    t.test('a table whose owner column is missing is used without, and with it as soon as anybody adds it', async (t) => {
      const database = databaseAt(t, placeFor(t), driver)
      const plain = new SqliteStore(database, { owner: false })
      await plain.migrate()
      t.strictSame(plain.lacks, ['owner'])
      const store = new SqliteStore(database)
      t.strictSame(store.lacks, ['owner'])
      const warnings: string[] = []
      for (const each of [plain, store]) each.attach({ log: { warn: (_, message) => void warnings.push(message) } })
      t.strictSame(warnings, [
        'the table has no owner column, so the owner of a session cannot be stored: call migrate() to add it, or set the option owner: false',
      ])
      await store.create('before', record('x', later, 'ada'))
      await t.rejects(store.deleteOwnedBy('ada'), /^SqliteStore: the table has no owner column/)
      await t.rejects(keysOf(store.ownedBy('ada')), /^SqliteStore: the table has no owner column/)
      await new SqliteStore(database).migrate()
      await store.create('after', record('x', later, 'ada'))
      t.strictSame(store.lacks, [])
      t.strictSame(await keysOf(store.ownedBy('ada')), ['after'])
      t.equal((await store.find('before', EXPIRY))?.owner, undefined)
    })

    t.test('a table of another program is refused', async (t) => {
      const database = databaseAt(t, placeFor(t), driver)
      const columns = ['token TEXT, data BLOB', 'token TEXT, data BLOB, expiry DATETIME', 'sid TEXT, sess TEXT, expire REAL']
      for (const [index, definition] of columns.entries()) {
        const table = `other${index}`
        database.exec(`CREATE TABLE ${table} (${definition})`)
        t.throws(() => new SqliteStore(database, { table }), {
          message: `SqliteStore: the table ${table} is another program's: a table of sessions has the columns token, data and expiry REAL`,
        })
      }
    })

    t.test('a view is no table', async (t) => {
      const { database } = await given(t, { table: 'real' })
      database.exec('CREATE VIEW sessions AS SELECT * FROM real')
      t.throws(() => new SqliteStore(database), { message: 'cannot modify sessions because it is a view' })
    })

    t.test('a path whose table is another program’s is refused, and the file let go', async (t) => {
      const path = placeFor(t)
      const database = own.open(path)
      database.exec('CREATE TABLE sessions (token TEXT, data BLOB, expiry DATETIME)')
      database.close()
      t.throws(() => new SqliteStore(path), /^SqliteStore: the table sessions is another program's/)
      t.strictSame(readdirSync(dirname(path)), ['sessions.db'])
    })

    t.test('a table that was renamed took its index names along: the next one has its indexes all the same', async (t) => {
      const { database, store } = await given(t)
      database.exec('ALTER TABLE sessions RENAME TO old')
      await store.migrate()
      const nameOf = (row: unknown) => (row as { name: string }).name
      const made = () =>
        database.prepare("SELECT name FROM sqlite_master WHERE tbl_name = 'sessions' AND sql IS NOT NULL").all().map(nameOf)
      const names = ['sessions', 'sessions_expiry_idx2', 'sessions_owner_idx2', 'sessions_keep_owner2']
      t.strictSame(made().sort(), names.sort())
      await store.migrate()
      await new SqliteStore(database, { table: 'old' }).migrate()
      t.strictSame(made().sort(), names.sort(), 'and nothing is made twice')
      await store.create('key', record('x', later, 'ada'))
      t.strictSame(await keysOf(store.ownedBy('ada')), ['key'])
    })

    t.test('what asks for expired or owned sessions goes by an index', async (t) => {
      const { database } = await given(t)
      const planOf = (sql: string) =>
        database
          .prepare(`EXPLAIN QUERY PLAN ${sql}`)
          .all()
          .map((row) => (row as { detail: string }).detail)
      const plans = [
        'SELECT rowid FROM sessions WHERE expiry <= 1 ORDER BY expiry LIMIT 10',
        "DELETE FROM sessions WHERE owner = 'ada' AND expiry > 1 AND token <> ''",
        'SELECT count(*) FROM sessions WHERE expiry > 1',
      ].map(planOf)
      t.match(plans, [[/INDEX sessions_expiry_idx/], [/INDEX sessions_owner_idx/], [/COVERING INDEX sessions_expiry_idx/]])
    })
  })
}
