import t from 'tap'
import { everyOrder, PAIRS } from './invariants.ts'
import { startSite } from './steps.ts'

t.setTimeout(120_000)

t.test('rules 3, 4, 5 and 8 hold for any two requests of one session, in every order of their store calls', async (t) => {
  t.setTimeout(120_000)
  const runs = await everyOrder(t, await startSite(), PAIRS, false)
  t.comment(`${runs} orders`)
  t.ok(runs > 250)
})

t.test('the same with an idle timeout, where reads write a touch', async (t) => {
  t.setTimeout(120_000)
  const runs = await everyOrder(t, await startSite({ idleTimeout: '20m' }), PAIRS, true)
  t.comment(`${runs} orders`)
  t.ok(runs > 300)
})
