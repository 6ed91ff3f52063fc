import t from 'tap'
import { databaseOf, startDatabase } from '../support/faults/databases.ts'
import { SEED } from '../support/seed.ts'
import { apart } from './apart.ts'
import { schedules } from './settings.ts'

t.setTimeout(0)

t.test('the laws hold on PostgreSQL', async (t) => {
  t.setTimeout(0)
  const { port } = await startDatabase(t, databaseOf('PostgreSQL'))
  const report = await apart('PostgreSQL', port, SEED, schedules(1000))
  t.comment(report.text)
  t.strictSame(report.broken, [])
})
