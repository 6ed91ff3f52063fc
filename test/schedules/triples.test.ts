import t from 'tap'
import { apart } from './apart.ts'

t.setTimeout(0)

t.test('the laws hold for any three requests of one session, in every order of their store calls and of their replies', async (t) => {
  t.setTimeout(0)
  let runs = 0
  for (const report of await Promise.all([apart('triples', 0, 2), apart('triples', 1, 2)])) {
    t.comment(report.text)
    t.strictSame(report.broken, [])
    runs += report.runs
  }
  t.ok(runs > 30_000)
})
