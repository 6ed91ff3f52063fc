import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import t, { type Test } from 'tap'
import { type ConformanceSubject, type StoreConformanceOptions, storeConformance } from '../../stores/conformance/index.ts'
import { SqliteStore } from '../../stores/sqlite.ts'
import { LIMIT } from '../support/limit.ts'
import { manualClock } from '../support/reference-store.ts'
import { betterSqlite3, damageOf, databaseAt, drivers, placeFor, SCS_TABLE, type TestDatabase } from '../support/sqlite.ts'
import { conforms } from '../support/store-suite.ts'

t.setTimeout(LIMIT)

const start = Date.UTC(2030, 0, 1)

/** The suite by a clock that is put on: nothing waits. */
function suite(t: Test, name: string, createStore: () => ConformanceSubject | Promise<ConformanceSubject>, more = {}): void {
  const options: Omit<StoreConformanceOptions, 'test'> = { createStore, ...more }
  t.test(name, async (t) => storeConformance({ ...options, test: (name, run) => t.test(name, (t) => t.resolves(run())) }))
}

let tables = 0

/** A table of its own, as SCS makes it. */
function scsTable(database: TestDatabase): string {
  const table = `scs${tables++}`
  database.exec(SCS_TABLE.replaceAll('sessions', table))
  return table
}

betterSqlite3()

suite(t, 'on a path, it keeps every promise of the contract', () => {
  const [clock, path] = [manualClock(start), placeFor(t)]
  const store = new SqliteStore(path, { clock: () => clock.now(), synchronous: 'normal' })
  return { store, clock, close: () => rmSync(dirname(path), { recursive: true }) }
})

t.test('on a path, by the time of day', async (t) => {
  const path = placeFor(t)
  await conforms(t, 'it keeps every promise of the contract', {
    shortLife: 1500,
    createStore: () => ({ store: new SqliteStore(path, { table: `t${tables++}` }) }),
  })
})

for (const driver of drivers) {
  t.test(driver.name, async (t) => {
    const database = databaseAt(t, placeFor(t), driver)

    suite(t, 'in a table that it made, it keeps every promise of the contract', async () => {
      const [clock, table] = [manualClock(start), `t${tables++}`]
      const store = new SqliteStore(database, { clock: () => clock.now(), table })
      await store.migrate()
      return { store, clock, close: () => void database.exec(`DROP TABLE ${table}`) }
    })

    suite(t, 'in a table that SCS made and migrate() completed, too', async () => {
      const [clock, table] = [manualClock(start), scsTable(database)]
      const store = new SqliteStore(database, { clock: () => clock.now(), table })
      await store.migrate()
      return { store, clock, close: () => void database.exec(`DROP TABLE ${table}`) }
    })

    const createStore = () => {
      const [clock, table] = [manualClock(start), scsTable(database)]
      const store = new SqliteStore(database, { clock: () => clock.now(), table })
      return { store, clock, close: () => void database.exec(`DROP TABLE ${table}`) }
    }
    suite(t, 'in a table that SCS made, every one but those of owners', createStore, { lacks: ['owner'] })

    t.test('and leaves the file whole', async (t) => t.strictSame(damageOf(database), []))
  })
}
