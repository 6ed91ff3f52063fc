import t from 'tap'
import { SEED } from '../support/seed.ts'
import { apart } from './apart.ts'
import { schedules } from './settings.ts'

t.setTimeout(0)

t.test('the laws hold for up to eight requests in random schedules', async (t) => {
  t.setTimeout(0)
  const half = Math.ceil(schedules(16_000) / 2)
  for (const report of await Promise.all([apart('random', SEED, half), apart('random', SEED + half, half)])) {
    t.comment(report.text)
    t.strictSame(report.broken, [])
  }
})
