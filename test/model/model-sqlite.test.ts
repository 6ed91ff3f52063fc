import t from 'tap'
import { SqliteStore } from '../../stores/sqlite.ts'
import { fakeClock } from '../support/clock.ts'
import { damageOf, databaseAt, placeFor } from '../support/sqlite.ts'
import { checkModel, TIME_LIMIT } from './runner.ts'

t.setTimeout(TIME_LIMIT)

t.test('on SQLite, whatever three clients and the application do comes out as the model foresees', async (t) => {
  const clock = fakeClock()
  const database = databaseAt(t, placeFor(t))
  const store = new SqliteStore(database, { clock })
  await store.migrate()
  await checkModel(t, { store, clock, pass: clock.advance, grain: 1 }, 100)
  t.strictSame(damageOf(database), [])
})
