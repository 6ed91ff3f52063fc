import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { bytes, entriesOf, fill, HOUR, record, textOf } from './sql.ts'

import type { SqlSite } from './sql-site.ts'

/** What both SQL stores are to show when rows are locked, and when many clean up at once. */
export async function sqlRaces(t: Test, { database, given }: SqlSite): Promise<void> {
  t.test('eight clean-ups at once remove each row once, and none that is touched meanwhile', async (t) => {
    const { store, table, sql } = await given(t)
    await fill(database, table, 2000, -3600)
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
    const cleaners = Array.from({ length: 8 }, () => clean(database.pool(t, 1).store({ table })))
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
      const letGo = await database.lock(table, 'true')
      const waiting = verb()
      await database.untilWaiting(table)
      await letGo(`DELETE FROM ${database.quoted(table)}`)
      t.equal(await waiting, false)
      for (const key of ['key', 'new', ';trace']) t.equal(await textOf(store, key), undefined)
    }
  })

  t.test('the end of an owner’s sessions waits for one that is being renamed, and takes it along', async (t) => {
    const { store, table } = await given(t)
    for (const key of ['key', 'other']) await store.create(key, record('data', undefined, 'ada'))
    const letGo = await database.lock(table, "token = 'key'")
    const ending = store.deleteOwnedBy('ada')
    await database.untilWaiting(table)
    await letGo(`UPDATE ${database.quoted(table)} SET token = 'moved' WHERE token = 'key'`)
    t.equal(await ending, 2)
    t.strictSame(await entriesOf(store.all()), [])
  })

  t.test('a clean-up does not wait for a row that somebody else holds', async (t) => {
    const { store, table } = await given(t)
    await fill(database, table, 30, -3600)
    const letGo = await database.lock(table, "token IN ('row3', 'row4')")
    t.equal(await store.deleteExpired(100), 28)
    await letGo()
    t.equal(await store.deleteExpired(100), 2)
  })
}
