import { syncBuiltinESMExports } from 'node:module'
import timers from 'node:timers/promises'
import t, { type Test } from 'tap'
import { type Site, startSite } from '../http/steps.ts'

/** Notes the waits between two tries instead of waiting. Chance is at its end. */
function watchWaits(t: Test): number[] {
  const waits: number[] = []
  // The last of the teardowns, which run in reverse.
  t.teardown(() => syncBuiltinESMExports())
  t.intercept(Math, 'random', { value: () => 1 })
  t.intercept(timers, 'setTimeout', { value: async (ms: number) => void waits.push(ms) })
  syncBuiltinESMExports()
  return waits
}

/** A site whose store refuses so many updates. */
async function disagreeing(times: number, onRefusal: (site: Site) => void = () => {}): Promise<Site> {
  const site = await startSite({}, 'sync')
  const { inner } = site.store
  const update = inner.update.bind(inner)
  let refusals = 0
  inner.update = (...call) => {
    if (++refusals > times) return update(...call)
    onRefusal(site)
    return false
  }
  return site
}

t.test('requests that meet at one session try again at once, and from the sixteenth try on step out of each other’s way', async (t) => {
  const waits = watchWaits(t)
  const site = await disagreeing(25)
  const reply = await site.post(await site.start({ a: 1 }), (session) => session.put('a', 2))
  t.equal(reply.statusCode, 200)
  t.strictSame(waits, [1, 2, 3, 4, 5, 6, 7, 8, 8, 8])
})

t.test('a store that never agrees is asked a thousand times, and then the request gives up with 503', async (t) => {
  watchWaits(t)
  const site = await disagreeing(Number.POSITIVE_INFINITY)
  const token = await site.start({ a: 1 })
  site.store.take()
  const reply = await site.post(token, (session) => session.put('a', 2))
  t.match(reply.json(), { statusCode: 503, code: 'FST_ERR_SCS_CONFLICT' })
  t.equal(site.store.take().filter((verb) => verb === 'update').length, 1000)
})

t.test('when the time is up nothing is tried again', async (t) => {
  const site = await disagreeing(1, ({ clock }) => clock.advance(5000))
  const token = await site.start({ a: 1 })
  site.store.take()
  const reply = await site.post(token, (session) => session.put('a', 2))
  t.match(reply.json(), { statusCode: 503, code: 'FST_ERR_SCS_CONFLICT' })
  t.strictSame(site.store.take(), ['find', 'update'])
})

t.test('a function given to update runs once, and once more for each conflict', async (t) => {
  for (const conflicts of [0, 1]) {
    const site = await disagreeing(conflicts)
    let runs = 0
    const count = (value: unknown) => {
      runs++
      return Number(value) + 1
    }
    const token = await site.start({ a: 1 })
    t.equal((await site.post(token, (session) => session.update('a', count))).statusCode, 200)
    t.equal(runs, 1 + conflicts)
    t.equal((await site.stored(token))?.['a'], 2)
  }
})

t.test('a store that holds every new key is said to', async (t) => {
  const site = await startSite({}, 'sync')
  site.store.inner.create = () => false
  await t.rejects(site.app.sessions.create({ a: 1 }), {
    code: 'FST_ERR_SCS_STORE',
    cause: { message: 'the store holds every new key already' },
  })
})
