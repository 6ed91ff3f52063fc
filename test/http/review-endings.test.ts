import t from 'tap'
import { cookieOf, setCookies } from '../support/app.ts'
import { type Handler, holdIn, login, logout, startSite } from './steps.ts'

t.test('a double click on "change password" ends neither login', async (t) => {
  const site = await startSite({ owner: 'user' })
  const token = await site.start({ user: 'ann' })
  const other = await site.start({ user: 'ann' })
  const change: Handler = async (session) => {
    session.renewToken()
    return { ended: await site.app.sessions.destroyOwnedBy('ann', { except: session }) }
  }
  const { handler, held } = holdIn(() => {})
  const slow = site.post(token, async (session, request, reply) => {
    await handler(session, request, reply)
    return change(session, request, reply)
  })
  await held.reached
  const first = await site.post(token, change)
  t.strictSame(first.json(), { ended: 1 })
  held.release()
  t.strictSame((await slow).json(), { ended: 0 }, 'the session that this one was renewed to is spared')
  t.match((await site.get(cookieOf(first))).json(), { user: 'ann' })
  t.equal(await site.stored(other), undefined)
})

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

t.test('a second renewal that is no login does not replace the cookie of the first', async (t) => {
  const site = await startSite({ owner: 'user' })
  const token = await site.start({ user: 'ann' })
  const confirm: Handler = (session) => {
    session.renewToken({ reauthenticated: false })
    session.put('role', 'admin')
  }
  const { handler, held } = holdIn(confirm)
  const slow = site.post(token, handler)
  await held.reached
  const first = await site.post(token, confirm)
  held.release()
  const second = await slow
  t.equal(second.statusCode, 409)
  t.strictSame(setCookies(second), [])
  t.match((await site.get(cookieOf(first))).json(), { user: 'ann', role: 'admin' })
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
