import t from 'tap'
import { SEED } from '../support/seed.ts'
import { apart } from './apart.ts'
import { schedules } from './settings.ts'

t.setTimeout(0)

t.test('the laws hold for random requests and sockets that do anything at any point', async (t) => {
  t.setTimeout(0)
  const half = Math.ceil(schedules(6000) / 2)
  for (const report of await Promise.all([apart('inside-random', SEED, half), apart('inside-random', SEED + half, half)])) {
    t.comment(report.text)
    t.strictSame(report.broken, [])
  }
})
