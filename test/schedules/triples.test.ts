import t from 'tap'
import { brokenInBrowser } from './browser.ts'
import { everyOrder, type Findings, setsOf } from './explore.ts'
import { TEN } from './operations.ts'
import { makeWorld } from './world.ts'

t.setTimeout(180_000)

t.test('the laws hold for any three requests of one session, in every order of their store calls and of their replies', async (t) => {
  t.setTimeout(180_000)
  const world = await makeWorld()
  const findings: Findings = { runs: 0, broken: [] }
  const triples = setsOf(Object.keys(TEN), 3)
  let deliveries = 0
  for (const kinds of triples) {
    await everyOrder(world, { kinds }, findings, ({ outcome, token }) => {
      deliveries += 6
      return brokenInBrowser(outcome, token)
    })
  }
  t.comment(`${triples.length} sets of three, ${findings.runs} orders of their calls, ${deliveries} orders of their replies`)
  t.strictSame(findings.broken, [])
})
