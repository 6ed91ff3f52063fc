import t from 'tap'
import { LATEST } from '../../stores/shared/text.ts'
import { SqliteStore, type SqliteStoreOptions } from '../../stores/sqlite.ts'
import { fakeClock } from '../support/clock.ts'
import { LIMIT } from '../support/limit.ts'
import { bytes, keysOf, record } from '../support/records.ts'
import { betterSqlite3, placeFor, sqliteStore } from '../support/sqlite.ts'

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
    t.throws(() => new SqliteStore(place), new TypeError('SqliteStore: a path must name a file; for sessions in memory use MemoryStore'))
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
  const message = 'SqliteStore: the option synchronous works only with a path; an open database keeps its own settings'
  t.throws(() => new SqliteStore(given, { synchronous: 'full' }), new TypeError(message))
})

t.test('a limit that is no positive whole number is refused', async (t) => {
  const store = sqliteStore(t)
  for (const limit of [0, -1, 1.5, Number.NaN, '1' as unknown as number]) {
    t.throws(() => store.deleteExpired(limit), new RangeError('SqliteStore: the limit must be a positive whole number'))
  }
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
  const moments = [clock() + 1, clock() + 2, Date.UTC(2077, 1, 2, 3, 4, 5, 678), Date.UTC(9999, 11, 31, 23, 59, 59, 999), LATEST]
  for (const [index, moment] of moments.entries()) await store.create(`key${index}`, record('1', moment))
  for (const [index, moment] of moments.entries()) t.equal((await store.find(`key${index}`, EXPIRY))?.expiresAt, moment)
  for (const moment of [LATEST + 1, Number.POSITIVE_INFINITY, Number.NaN]) {
    t.throws(() => store.create('never', record('1', moment)), RangeError)
    t.throws(() => store.touch('key0', bytes('1'), moment), RangeError)
  }
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
