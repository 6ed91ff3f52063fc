import t from 'tap'
import { SqliteStore } from '../../stores/sqlite.ts'
import { settled } from '../support/app.ts'
import { survivesFullDisk } from '../support/full-disk.ts'
import { LIMIT } from '../support/limit.ts'
import { keysOf, record } from '../support/records.ts'
import { betterSqlite3, damageOf, databaseAt, drivers, placeFor, sqliteStore, sqliteStores } from '../support/sqlite.ts'
import { virtualTime } from '../support/virtual-time.ts'

t.setTimeout(LIMIT)

const later = Date.now() + 3_600_000

t.test('on a full disk a write fails and breaks nothing, and when there is room again it goes on', async (t) => {
  betterSqlite3()
  const errors = await survivesFullDisk(t, sqliteStores)
  t.ok(errors.length >= 4, 'three alone, and of ten in one transaction those that do not fit')
  t.strictSame(new Set(errors.map(({ message }) => message)), new Set(['disk I/O error']))
})

t.test('a write without a moment of its own has five seconds, and not what is left of an earlier one’s', async (t) => {
  const path = placeFor(t)
  const store = sqliteStore(t, path)
  const holder = databaseAt(t, path)
  const time = virtualTime(t)
  for (const until of [undefined, Date.now() + 7000]) {
    holder.exec('BEGIN IMMEDIATE')
    const refused = t.rejects(store.delete('key', undefined, until), { name: 'LockedError' })
    await settled()
    await time.pass(6000)
    await refused
    holder.exec('COMMIT')
    await Promise.all([t.resolves(store.deleteExpired(10)), time.pass(20)])
  }
})

for (const driver of drivers) {
  t.test(`${driver.name}: of the writes that share a transaction, one that fails takes no other with it`, async (t) => {
    const database = databaseAt(t, placeFor(t), driver)
    const store = new SqliteStore(database)
    await store.migrate()
    database.exec('PRAGMA max_page_count = 20')
    const big = 'x'.repeat(100_000)
    const writes = ['a', big, 'b', big, 'c'].map((text, index) => store.create(`key${index}`, record(text, later)))
    const settled = await Promise.allSettled(writes)
    t.strictSame(
      settled.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : outcome.reason.message)),
      [true, 'database or disk is full', true, 'database or disk is full', true],
    )
    // An error that ends the whole transaction by itself, as a disk that fails does.
    const bad = "CREATE TRIGGER bad BEFORE INSERT ON sessions WHEN NEW.token = 'bad' BEGIN SELECT RAISE(ROLLBACK, 'a bad disk'); END"
    database.exec(bad)
    const [failed, made] = await Promise.allSettled([store.create('bad', record('x', later)), store.create('good', record('x', later))])
    t.match([failed, made], [{ reason: { message: 'a bad disk' } }, { value: true }])
    t.equal(await store.delete('good'), true)
    t.equal(await store.delete('key0'), true, 'and afterwards they share one again')
    t.strictSame(await keysOf(store.all()), ['key2', 'key4'])
    t.strictSame(damageOf(database), [])
  })
}
