import t from 'tap'
import { apart } from './apart.ts'

t.setTimeout(0)

const ORDERS = [
  ['awaited', 'the laws hold for a request of many session calls, each awaited at once'],
  ['inside', 'they hold whatever comes while a commit, an end or a merge of the same session is under way'],
  ['jobs', 'no message of a socket is lost: what its commit() acknowledged is saved, whatever the others do meanwhile'],
] as const

for (const [program, name] of ORDERS) {
  t.test(name, async (t) => {
    t.setTimeout(0)
    const report = await apart(program)
    t.comment(report.text)
    t.ok(report.runs > 100)
    t.strictSame(report.broken, [])
  })
}

t.test('they hold when any of the store calls fails, is lost or takes too long', async (t) => {
  t.setTimeout(0)
  for (const report of await Promise.all([apart('inside-faults', 0, 2), apart('inside-faults', 1, 2)])) {
    t.comment(report.text)
    t.ok(report.runs > 1000)
    t.strictSame(report.broken, [])
  }
})
