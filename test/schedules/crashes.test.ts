import t from 'tap'
import { apart } from './apart.ts'

t.setTimeout(0)

t.test(
  'the laws hold when a login, a renewal, a logout or a merge dies, or its connection breaks, between any two of its store calls',
  async (t) => {
    t.setTimeout(0)
    const report = await apart('crashes')
    t.comment(report.text)
    t.ok(report.runs > 10_000)
    t.strictSame(report.broken, [])
  },
)
