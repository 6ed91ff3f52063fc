import { mkdirSync, readdirSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import t from 'tap'
import { configure, driverFor } from '../../stores/sqlite/open.ts'
import { SqliteStore } from '../../stores/sqlite.ts'
import { LIMIT } from '../support/limit.ts'
import { keysOf, record } from '../support/records.ts'
import { betterSqlite3, own, placeFor, sqliteStore } from '../support/sqlite.ts'

t.setTimeout(LIMIT)

const later = Date.now() + 3_600_000
const EXPIRY = { expiry: true }
const database = betterSqlite3()

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
  mkdirSync(`${path}-wal`)
  t.throws(() => new SqliteStore(path), {
    message: `SqliteStore: ${path} cannot be used with a write-ahead log, which needs a disk of this machine, not a network file system: disk I/O error`,
  })
  const statement = { run: () => ({ changes: 0 }), all: () => [], get: () => ({ journal_mode: 'delete' }) }
  t.throws(() => configure({ exec() {}, prepare: () => statement }, '/mnt/a.db', 'full'), {
    message:
      'SqliteStore: /mnt/a.db cannot be used with a write-ahead log, which needs a disk of this machine, not a network file system: the journal mode stays delete',
  })
})

t.test('a file that this user can only read is refused as such', async (t) => {
  const path = placeFor(t)
  own.open(path).exec('CREATE TABLE other (id INTEGER)')
  const readonly = own.open(path, { readonly: true })
  t.teardown(() => readonly.close())
  const refusal = new TypeError('SqliteStore: the database is read-only, but sessions must be written')
  t.throws(() => configure(readonly, path, 'full'), refusal)
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
