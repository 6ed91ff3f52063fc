import t from 'tap'
import { everyOrder, TRIPLES } from './invariants.ts'
import { startSite } from './steps.ts'

t.setTimeout(120_000)

t.test('rules 3, 4, 5 and 8 hold for three requests, where renewals and log-outs meet, in every order', async (t) => {
  t.setTimeout(120_000)
  const runs = await everyOrder(t, await startSite(), TRIPLES, false)
  t.comment(`${runs} orders`)
  t.ok(runs > 400)
})
