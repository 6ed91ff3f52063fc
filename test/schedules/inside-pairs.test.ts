import t from 'tap'
import { apart } from './apart.ts'

t.setTimeout(0)

t.test('the laws hold for a request with points of its own and one beside it, in every order of both', async (t) => {
  t.setTimeout(0)
  for (const report of await Promise.all([apart('inside-pairs', 0, 2), apart('inside-pairs', 1, 2)])) {
    t.comment(report.text)
    t.ok(report.runs > 1000)
    t.strictSame(report.broken, [])
  }
})
