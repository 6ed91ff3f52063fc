import t from 'tap'
import { survivesKills } from '../support/killed-writers.ts'
import { LIMIT } from '../support/limit.ts'
import { damageOf, databaseAt, placeFor, sqliteStore } from '../support/sqlite.ts'

t.setTimeout(LIMIT)

t.test('killed forty times in mid-write, it has every acknowledged session and no ended one', async (t) => {
  const path = placeFor(t)
  const store = sqliteStore(t, path)
  await survivesKills(t, 'sqlite', path, store)
  await store.close()
  t.strictSame(damageOf(databaseAt(t, path)), [], 'the file is whole')
})
