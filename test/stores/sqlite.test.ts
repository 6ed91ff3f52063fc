import { mkdirSync, readdirSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { configure, driverFor } from '../../stores/sqlite/open.ts'
import { SqliteStore, type SqliteStoreOptions } from '../../stores/sqlite.ts'
import { fakeClock } from '../support/clock.ts'
import { LIMIT } from '../support/limit.ts'
import { bytes, keysOf, record } from '../support/records.ts'
import { betterSqlite3, databaseAt, drivers, entriesOf, own, placeFor, sqliteStore, textOf } from '../support/sqlite.ts'

t.setTimeout(LIMIT)

const later = Date.now() + 3_600_000
const EXPIRY = { expiry: true }
const database = betterSqlite3()

t.test('a wrong argument throws a TypeError that names the rule', async (t) => {
  const given = new database(':memory:')
  t.teardown(() => given.close())
  for (const place of [undefined, null, 7, {}, new Map(), { prepare() {} }]) {
    const message =
      'SqliteStore: the first argument must be the path of a file, a DatabaseSync of node:sqlite, or a Database of better-sqlite3'
    t.throws(() => new SqliteStore(place as string), new TypeError(message))
  }
  for (const place of ['', ':memory:']) {
    t.throws(() => new SqliteStore(place), new TypeError('SqliteStore: a path must name a file; in memory there is MemoryStore'))
  }
  for (const table of ['', '1a', 'a b', 'a"b', 'main.a', 'sqlite_a', 'SQLITE_a', 'é', 'x'.repeat(49), null, 1]) {
    const message =
      'SqliteStore: the option table must be a letter or _ and then letters, digits, _ or $, at most 48, and not begin with sqlite_'
    t.throws(() => new SqliteStore(given, { table } as SqliteStoreOptions), new TypeError(message), String(table))
  }
  for (const owner of [null, 0, 'yes']) {
    t.throws(
      () => new SqliteStore(given, { owner } as unknown as SqliteStoreOptions),
      new TypeError('SqliteStore: the option owner must be true or false'),
    )
  }
  for (const synchronous of ['off', null, 1]) {
    t.throws(
      () => new SqliteStore(placeFor(t), { synchronous } as unknown as SqliteStoreOptions),
      new TypeError("SqliteStore: the option synchronous must be 'full' or 'normal'"),
    )
  }
  const message = 'SqliteStore: the option synchronous goes with a path; a database that is given has settings of its own'
  t.throws(() => new SqliteStore(given, { synchronous: 'full' }), new TypeError(message))
})

t.test('a limit that is no positive whole number is refused', async (t) => {
  const store = sqliteStore(t)
  for (const limit of [0, -1, 1.5, Number.NaN, '1' as unknown as number]) {
    t.throws(() => store.deleteExpired(limit), new RangeError('SqliteStore: the limit must be a positive whole number'))
  }
})

t.test('the driver for a path is node:sqlite where Node has it, else better-sqlite3, else a sentence that says what to do', async (t) => {
  class DatabaseSync {}
  t.equal(
    driverFor(() => ({ DatabaseSync })),
    DatabaseSync,
  )
  const asked: string[] = []
  const load = (name: string) => {
    asked.push(name)
    return DatabaseSync
  }
  t.equal(
    driverFor(() => undefined, load),
    DatabaseSync,
  )
  t.strictSame(asked, ['better-sqlite3'])
  const cause = new Error('Cannot find module')
  const fail = () => {
    throw cause
  }
  t.throws(() => driverFor(() => undefined, fail), {
    message:
      'SqliteStore: this Node has no node:sqlite, and better-sqlite3 cannot be loaded: npm install better-sqlite3@12 (Node 20) or better-sqlite3, or run Node 22.13 or later',
    cause,
  })
})

t.test('a file system without a write-ahead log is refused in one sentence', async (t) => {
  const path = placeFor(t)
  mkdirSync(`${path}-shm`)
  t.throws(() => new SqliteStore(path), {
    message: `SqliteStore: ${path} cannot be used with a write-ahead log, which needs a disk of this machine, not a network file system: attempt to write a readonly database`,
  })
  const statement = { run: () => ({ changes: 0 }), all: () => [], get: () => ({ journal_mode: 'delete' }) }
  t.throws(() => configure({ exec() {}, prepare: () => statement }, '/mnt/a.db', 'full'), {
    message:
      'SqliteStore: /mnt/a.db cannot be used with a write-ahead log, which needs a disk of this machine, not a network file system: the journal mode stays delete',
  })
})

t.test('while another process opens the same file, it waits for it', async (t) => {
  let tries = 0
  const get = () => {
    // As node:sqlite says it: the code, and which kind of it.
    if (++tries < 3) throw Object.assign(new Error('database is locked'), { code: 'ERR_SQLITE_ERROR', errcode: 261 })
    return { journal_mode: 'wal' }
  }
  const sent: string[] = []
  const statement = { run: () => ({ changes: 0 }), all: () => [], get }
  configure({ exec: (sql) => sent.push(sql), prepare: () => statement }, '/mnt/a.db', 'normal')
  t.equal(tries, 3)
  t.equal(sent.at(-1), 'PRAGMA synchronous = normal')
})

t.test('a database that was told to give rows as arrays gives the store objects', async (t) => {
  const given = new database(':memory:')
  t.teardown(() => given.close())
  const told: boolean[] = []
  const setReturnArrays = (enabled: boolean) => void told.push(enabled)
  const store = new SqliteStore({
    exec: (sql) => given.exec(sql),
    prepare: (sql) => Object.assign(given.prepare(sql), { setReturnArrays }),
  })
  await store.migrate()
  t.ok(told.length > 0)
  t.strictSame(told.filter(Boolean), [])
})

t.test('what it makes on a path can be read by its user alone, and commits wait for the disk unless told otherwise', async (t) => {
  const path = placeFor(t, 'deep/er/sessions.db')
  const store = sqliteStore(t, relative(process.cwd(), path))
  await store.create('key', record('x', later))
  for (const name of readdirSync(dirname(path))) t.equal(statSync(join(dirname(path), name)).mode & 0o077, 0, name)
  t.equal(readdirSync(dirname(path)).length, 3, 'the file, its log and the index of that')
  for (const [synchronous, level] of [
    ['full', 2],
    ['normal', 1],
  ] as const) {
    const sent: string[] = []
    const statement = { run: () => ({ changes: 0 }), all: () => [], get: () => ({ journal_mode: 'wal' }) }
    configure({ exec: (sql) => sent.push(sql), prepare: () => statement }, path, synchronous)
    const file = new database(path)
    for (const sql of sent) file.exec(sql)
    t.strictSame(file.prepare('PRAGMA synchronous').get(), { synchronous: level })
    file.close()
  }
})

t.test('what was acknowledged is there when the store is opened again; a closed store rejects every call', async (t) => {
  const path = placeFor(t)
  const store = sqliteStore(t, path)
  const writing = store.create('key', record('x', later, 'ada'))
  await store.close()
  await store.close()
  t.equal(await writing, true, 'it waits for the writes that are under way')
  t.equal(readdirSync(dirname(path)).length, 1, 'and leaves the file alone')
  const closed = new Error('SqliteStore: the store is closed')
  for (const call of [() => store.find('key', EXPIRY), () => store.count(), () => store.delete('key')]) t.throws(call, closed)
  await t.rejects(keysOf(store.all()), closed)
  await t.rejects(store.migrate(), closed)
  t.strictSame(await keysOf(sqliteStore(t, path).ownedBy('ada')), ['key'])
})

t.test('a file that no driver can read is refused, and nothing stays open', async (t) => {
  const folder = dirname(placeFor(t))
  t.throws(() => new SqliteStore(folder), /cannot be used with|unable to open database file/)
  const path = placeFor(t)
  await sqliteStore(t, path).close()
  t.throws(() => new SqliteStore(join(path, 'sessions.db')), { code: 'EEXIST' })
  t.throws(() => new SqliteStore(join(folder, 'x'.repeat(300))), { code: 'ENAMETOOLONG' })
})

t.test('writes of one turn share a transaction, and keep their order', async (t) => {
  const store = sqliteStore(t)
  const data = Buffer.from('1')
  const answers = [
    store.create('key', { data, expiresAt: later }),
    store.create('key', record('2', later)),
    store.update('key', bytes('1'), record('3', later)),
    store.delete('key', bytes('1')),
    store.delete('key', bytes('3')),
  ]
  data.fill('9')
  t.strictSame(await Promise.all(answers), [true, false, true, false, true], 'and bytes that the caller changes are not theirs')
})

t.test('a write whose time is up is not made', async (t) => {
  const store = sqliteStore(t)
  await t.rejects(store.create('key', record('x', later), Date.now()), { name: 'LockedError', final: true })
  t.equal(await store.count(), 0)
})

t.test('moments come back exact to the millisecond, in order, and as far as a Date goes', async (t) => {
  const clock = fakeClock(Date.UTC(2030, 0, 1))
  const store = sqliteStore(t, placeFor(t), { clock })
  const moments = [clock() + 1, clock() + 2, Date.UTC(2077, 1, 2, 3, 4, 5, 678), Date.UTC(9999, 11, 31, 23, 59, 59, 999)]
  for (const [index, moment] of [...moments, Number.POSITIVE_INFINITY].entries()) await store.create(`key${index}`, record('1', moment))
  for (const [index, moment] of moments.entries()) t.equal((await store.find(`key${index}`, EXPIRY))?.expiresAt, moment)
  t.equal((await store.find('key4', EXPIRY))?.expiresAt, Number.POSITIVE_INFINITY)
  for (const [index, moment] of [-1, 0, Number.NEGATIVE_INFINITY].entries()) await store.create(`past${index}`, record('1', moment))
  t.equal(await store.deleteExpired(10), 3)
  clock.advance(1)
  t.equal(await store.deleteExpired(10), 1)
  t.strictSame(await keysOf(store.all()), ['key1', 'key2', 'key3', 'key4'])
})

t.test('the listings go through many pages, past what has expired', async (t) => {
  const clock = fakeClock(later)
  const store = sqliteStore(t, placeFor(t), { clock })
  const key = (index: number) => String(index).padStart(5, '0')
  await Promise.all(Array.from({ length: 350 }, (_, index) => store.create(key(index), record('x', later + 1 + (index % 2), 'ada'))))
  await store.create(';trace', record('x', later + 2))
  clock.advance(1)
  const odd = Array.from({ length: 175 }, (_, index) => key(2 * index + 1))
  t.strictSame(await keysOf(store.all()), odd)
  t.strictSame(await keysOf(store.ownedBy('ada')), odd)
  t.equal(await store.count(), 175)
  const seen: string[] = []
  for await (const { key } of store.ownedBy('ada')) {
    if (seen.push(key) === 1) await store.deleteOwnedBy('ada')
  }
  t.strictSame(seen, odd.slice(0, 100), 'what ended meanwhile is not in the next batch')
})

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
      t.throws(() => new SqliteStore(readonly), new TypeError('SqliteStore: the database is read-only, and sessions are written'))
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
        'the table has no owner column, so whose a session is cannot be kept: migrate() adds it, and the option owner: false says that it is meant so',
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
          message: `SqliteStore: the table ${table} is another program's: one of sessions has the columns token, data and expiry REAL`,
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
