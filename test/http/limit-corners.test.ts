import t from 'tap'
import { GobCodec } from '../../lib/codecs/gob.ts'
import { cookieOf, setCookies } from '../support/app.ts'
import { limitedSite, living, loginOf } from './owned-site.ts'
import { type Handler, holdIn, holdNext, latch, login, startSite } from './steps.ts'

t.test('end-oldest: the login is the newest, in a session that is old, at the same moment and by a clock that is behind', async (t) => {
  const put: Handler = (session) => session.put('user', 'ann')
  const renewed: Handler = (session) => {
    session.renewToken({ reauthenticated: false })
    session.put('user', 'ann')
  }
  for (const handler of [put, renewed, login('ann')]) {
    for (const step of [60_000, 0, -60_000]) {
      const site = await limitedSite('end-oldest', 1)
      const guest = await site.start({ cart: 1 })
      site.clock.advance(60_000)
      const before = await loginOf(site, 'ann')
      site.clock.advance(step)
      const after = cookieOf(await site.post(guest, handler)) ?? guest
      t.same(await living(site, [before, after]), [1], `${step}`)
    }
  }
})

t.test('a session that ends with the login takes no place: one that is merged, and one whose cookie came beside it', async (t) => {
  for (const then of ['end-oldest', 'refuse'] as const) {
    const site = await limitedSite(then, 2)
    const [first, second] = [await loginOf(site, 'ann'), await loginOf(site, 'ann')]
    const merged = await site.post(undefined, async (session) => {
      session.renewToken()
      await session.mergeSession(String(second))
    })
    // A merged session may live on, should another request change it meanwhile, so it has a place.
    t.equal(merged.statusCode, then === 'refuse' ? 409 : 200)
    t.same(await living(site, [first, second, cookieOf(merged)]), then === 'refuse' ? [0, 1] : [0, 2])
    const planted = await site.start({ user: 'eve' })
    const cookie = `session=${planted}; session=${first}`
    const healed = await site.send('POST', undefined, login('ann'), { cookie })
    t.equal(healed.statusCode, 200)
    t.same(await living(site, [planted, first, cookieOf(merged) ?? second, cookieOf(healed)]), [2, 3])
  }
})

t.test('a session that changes while it is merged is one of those that live', async (t) => {
  const site = await limitedSite('end-oldest', 1)
  const first = String(await loginOf(site, 'ann'))
  const second = await site.post(undefined, async (session) => {
    session.renewToken()
    await session.mergeSession(first)
    await site.post(first, (other) => other.put('n', 1))
    session.put('user', 'ann')
  })
  t.same(await living(site, [first, cookieOf(second)]), [1])
})

t.test('refuse: a session is not counted beside itself, should two requests log in with it', async (t) => {
  const site = await limitedSite('refuse', 1)
  const guest = await site.start({ cart: 1 })
  const { handler, held } = holdIn((session) => session.put('user', 'ann'))
  const later = site.post(guest, handler)
  await held.reached
  t.equal((await site.post(guest, (session) => session.put('user', 'ann'))).statusCode, 200)
  held.release()
  t.equal((await later).statusCode, 200)
})

t.test('end-oldest: a login again stands after the others at once', async (t) => {
  const site = await limitedSite('end-oldest', 2)
  const [first, second] = [await loginOf(site, 'ann'), await loginOf(site, 'ann')]
  const again = await loginOf(site, 'ann', first)
  const third = await loginOf(site, 'ann')
  t.same(await living(site, [second, again, third]), [1, 2])
})

t.test('sessions of another codec and those that cannot be upgraded count as the oldest', async (t) => {
  for (const then of ['end-oldest', 'refuse'] as const) {
    const site = await limitedSite(then, 1)
    const foreign = await site.start({ user: 'ann' })
    const other = await startSite({
      store: site.store,
      clock: site.clock,
      codec: new GobCodec(),
      owner: 'user',
      limit: { perOwner: 1, then },
    })
    const reply = await other.post(undefined, login('ann'))
    t.equal(reply.statusCode, then === 'refuse' ? 409 : 200)
    t.equal(await site.app.sessions.count(), 1)
    t.equal((await site.stored(foreign)) !== undefined, then === 'refuse')
  }
})

t.test('refuse: a page is served to the client of an adopted session that is one too many, and a POST is told', async (t) => {
  const site = await limitedSite('refuse', 1, { adopt: () => ({ user: 'ann' }) })
  await site.app.sessions.create({ user: 'ann' })
  const own = await site.get(undefined, login('ann'))
  t.equal(own.statusCode, 409, 'but who logs in there is told')
  const page = await site.get(undefined)
  t.same([page.statusCode, setCookies(page)], [200, []])
  t.equal((await site.post(undefined)).statusCode, 409)
  t.match(site.warnings(), [{ msg: /adopted session was not saved/ }])
})

t.test('refuse: the place of a login that died with a clock far ahead is free after the time of a login', async (t) => {
  const site = await limitedSite('refuse', 1, { storeTimeout: '1s' })
  const reserved = latch()
  site.clock.advance(3_600_000)
  site.store.gate = (verb, key) => {
    if (verb !== 'create' || key.startsWith(';')) return undefined
    reserved.open()
    return new Promise(() => {})
  }
  const lost = site.post(undefined, login('ann'))
  await reserved.opened
  site.store.gate = undefined
  site.clock.advance(-3_600_000)
  t.equal((await site.post(undefined, login('ann'))).statusCode, 409)
  site.clock.advance(11_001)
  t.equal((await site.post(undefined, login('ann'))).statusCode, 200)
  t.equal((await lost).statusCode, 503)
})

t.test('end-oldest: a session that is renewed while others are counted is neither ended nor counted twice', async (t) => {
  const site = await limitedSite('end-oldest', 2)
  const [first, second] = [await loginOf(site, 'ann'), await loginOf(site, 'ann')]
  site.clock.advance(1)
  const held = holdNext(site.store, 'delete')
  const third = site.post(undefined, login('ann'))
  await held.reached
  site.clock.advance(1)
  const renewed = await Promise.all([first, second].map((token) => loginOf(site, 'ann', token)))
  held.release()
  t.same(await living(site, [...renewed, cookieOf(await third)]), [0, 1], 'now the third is the oldest')
})
