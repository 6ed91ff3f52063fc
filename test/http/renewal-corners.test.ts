import t from 'tap'
import { cookieOf, setCookies } from '../support/app.ts'
import { type Handler, holdIn, login, logout, startSite } from './steps.ts'

t.test('destroyOwnedBy spares a session whose renewal is under way', async (t) => {
  const site = await startSite({ owner: 'user' })
  const token = await site.start({ user: 'ann' })
  const reply = await site.post(token, async (session) => {
    session.renewToken()
    const committed = session.commit()
    const ended = await site.app.sessions.destroyOwnedBy('ann', { except: session })
    await committed
    return { ended }
  })
  t.strictSame(reply.json(), { ended: 0 })
  t.match((await site.get(cookieOf(reply))).json(), { user: 'ann' })
})

t.test('a POST that only read is answered as it stands, though a cookie is due and the session ended', async (t) => {
  const site = await startSite()
  const token = await site.start({ user: 'ann' })
  const job = await site.app.sessions.find(token)
  job?.setDeadline(new Date(site.clock() + 1_000_000))
  await job?.commit()
  const { handler, held } = holdIn((session) => session.data())
  const slow = site.post(token, handler)
  await held.reached
  await site.post(token, logout)
  held.release()
  const reply = await slow
  t.equal(reply.statusCode, 200)
  t.strictSame(setCookies(reply), [])
  t.equal(await site.stored(token), undefined)
})

t.test('a login begins its time without requests anew, on a route that prolongs nothing too', async (t) => {
  const site = await startSite({ idleTimeout: '10m', remember: { lifetime: '30d', idleTimeout: '7d' } })
  for (const [handler, later] of [
    [login('ann'), 9 * 60_000],
    [(session) => session.rememberMe(true), 86_400_000],
  ] as readonly (readonly [Handler, number])[]) {
    const token = await site.start({ cart: 1 })
    site.clock.advance(9.5 * 60_000)
    const reply = await site.send('GET', token, handler, { url: '/quiet' })
    site.clock.advance(later)
    t.match((await site.get(cookieOf(reply) ?? token)).json(), { cart: 1 })
  }
})

t.test('a renewal whose answer was lost is found by the next commit, and keeps what the session held', async (t) => {
  for (const idleTimeout of [undefined, '20m'] as const) {
    const site = await startSite({ ...(idleTimeout && { idleTimeout }) })
    const token = await site.start({ cart: ['tea'] })
    const reply = await site.post(token, async (session) => {
      session.renewToken()
      session.put('user', 'ann')
      site.store.fail('rename', 'after')
      site.store.fail('find', 'before')
      await t.rejects(session.commit(), { code: 'FST_ERR_SCS_STORE' })
      site.clock.advance(1000)
    })
    t.equal(reply.statusCode, 200)
    t.match((await site.get(cookieOf(reply))).json(), { cart: ['tea'], user: 'ann' })
    t.equal(await site.app.sessions.count(), 1, 'and nobody has another one')
  }
})

t.test('so it is under a limit, which then ends the oldest session, and not when somebody ended it since', async (t) => {
  for (const isEnded of [false, true]) {
    const site = await startSite({ owner: 'user', limit: { perOwner: 1, then: 'end-oldest' } })
    const oldest = await site.start({ user: 'ann' })
    const token = await site.start({ cart: 1 })
    const reply = await site.post(token, async (session) => {
      session.renewToken()
      session.put('user', 'ann')
      site.store.fail('rename', 'after')
      site.store.gate = (verb, key) => {
        if (verb === 'rename') site.store.fail('find', 'before')
        if (verb === 'find' && key !== '') site.store.gate = undefined
        return undefined
      }
      await t.rejects(session.commit(), { code: 'FST_ERR_SCS_STORE' })
      site.clock.advance(1000)
      if (isEnded) await site.app.sessions.destroyOwnedBy('ann')
    })
    t.equal(reply.statusCode, isEnded ? 409 : 200)
    t.equal(await site.app.sessions.count(), isEnded ? 0 : 1)
    t.equal(await site.stored(oldest), undefined)
  }
})
