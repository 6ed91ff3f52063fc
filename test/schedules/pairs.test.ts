import t from 'tap'
import { everyOrder, type Findings, setsOf } from './explore.ts'
import { OPERATIONS } from './operations.ts'
import { makeWorld } from './world.ts'

t.setTimeout(0)

t.test('the laws hold for any two requests of one session, in every order of their store calls', async (t) => {
  const world = await makeWorld()
  const findings: Findings = { runs: 0, broken: [] }
  const pairs = setsOf(Object.keys(OPERATIONS), 2)
  for (const kinds of pairs) await everyOrder(world, { kinds }, findings)
  t.comment(`${pairs.length} pairs, ${findings.runs} orders`)
  t.strictSame(findings.broken, [])
})
