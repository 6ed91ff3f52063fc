import t from 'tap'
import { SEED } from '../support/seed.ts'
import { placeFor } from '../support/sqlite.ts'
import { apart } from './apart.ts'
import { schedules } from './settings.ts'

t.setTimeout(0)

t.test('the laws hold on SQLite', async (t) => {
  t.setTimeout(0)
  const report = await apart('SQLite', placeFor(t), SEED, schedules(1000))
  t.comment(report.text)
  t.strictSame(report.broken, [])
})
