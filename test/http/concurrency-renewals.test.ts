import t from 'tap'
import { renewalKey } from '../../lib/token.ts'
import { cookieOf, setCookies } from '../support/app.ts'
import { holdIn, holdNext, login, logout, startSite } from './steps.ts'

t.test('rule 4: a renewal includes what another request saved just before it', async (t) => {
  const site = await startSite()
  const token = await site.start({ cart: 'pen' })
  const rename = holdNext(site.store, 'rename')
  const renewal = site.post(token, login('ann'))
  await rename.reached
  t.equal((await site.post(token, (session) => session.put('theme', 'dark'))).statusCode, 200)
  rename.release()
  t.strictSame(await site.stored(cookieOf(await renewal) ?? ''), { cart: 'pen', theme: 'dark', user: 'ann' })
  t.strictSame((await site.get(token)).json(), {})
})

t.test('rule 5: two logins at once both hold, each in a session of its own, and the old token is dead', async (t) => {
  const site = await startSite()
  const token = await site.start({ cart: 'pen' })
  const late = holdIn(login('ann'))
  const second = site.post(token, late.handler)
  await late.held.reached
  const first = await site.post(token, login('ann'))
  late.held.release()
  const [a = '', b = ''] = [cookieOf(first), cookieOf(await second)]
  t.equal((await second).statusCode, 200)
  t.not(a, b)
  t.strictSame((await site.get(a)).json(), { cart: 'pen', user: 'ann' })
  t.strictSame((await site.get(b)).json(), { user: 'ann' }, 'from its own edits alone')
  t.strictSame((await site.get(token)).json(), {})
  t.equal(await site.app.sessions.count(), 2)
})

t.test('rule 5: of two renewals at once, the later one that was to keep the deadline gains no time', async (t) => {
  const site = await startSite({ lifetime: '1h' })
  const token = await site.start({ cart: 'pen' })
  site.clock.advance(50 * 60_000)
  const late = holdIn((session) => {
    session.renewToken({ keepDeadline: true })
    session.put('user', 'ann')
  })
  const second = site.post(token, late.handler)
  await late.held.reached
  const first = await site.post(token, (session) => session.renewToken())
  late.held.release()
  t.equal(first.cookies[0]?.maxAge, 3600)
  t.equal((await second).cookies[0]?.maxAge, 600)
})

t.test('rule 5: of two renewals that put nothing the later one makes no session and sends no cookie', async (t) => {
  const site = await startSite()
  const token = await site.start({ cart: 'pen' })
  const late = holdIn((session) => session.renewToken())
  const second = site.post(token, late.handler)
  await late.held.reached
  const first = await site.post(token, (session) => session.renewToken())
  late.held.release()
  t.equal((await second).statusCode, 200)
  t.strictSame(setCookies(await second), [])
  t.strictSame((await site.get(cookieOf(first))).json(), { cart: 'pen' })
  t.equal(await site.app.sessions.count(), 1)
})

t.test('rule 5: a logout that finds its session renewed follows the trace, through a chain of renewals', async (t) => {
  for (const renewals of [1, 2, 5]) {
    const site = await startSite()
    const token = await site.start({ cart: 'pen' })
    const late = holdIn(() => undefined)
    const leaving = site.post(token, async (session, request, reply) => {
      await late.handler(session, request, reply)
      await session.destroy()
    })
    await late.held.reached
    let current: string | undefined = token
    for (let i = 0; i < renewals; i++) current = cookieOf(await site.post(current, login(`ann${i}`)))
    late.held.release()
    const reply = await leaving
    t.equal(reply.statusCode, 200)
    t.equal(cookieOf(reply), '')
    t.strictSame((await site.get(current)).json(), {}, `${renewals} renewals: logout wins`)
    t.equal(await site.app.sessions.count(), 0)
  }
})

t.test('rule 5: nothing starts from a session that a logout found through its trace, not even a login in flight', async (t) => {
  const site = await startSite()
  const token = await site.start({ cart: 'pen' })
  const late = holdIn(login('eve'))
  const slow = site.post(token, late.handler)
  await late.held.reached
  await site.post(token, login('ann'))
  await site.post(token, logout)
  late.held.release()
  t.equal((await slow).statusCode, 409)
  t.strictSame(setCookies(await slow), [])
  t.equal(await site.app.sessions.count(), 0)
})

t.test('rule 5: a logout that arrives with the old token after the renewals ends the new session', async (t) => {
  const site = await startSite()
  const token = await site.start({ cart: 'pen' })
  const second = cookieOf(await site.post(token, login('ann')))
  const third = cookieOf(await site.post(second, login('ann'))) ?? ''
  const reply = await site.post(token, logout)
  t.equal(cookieOf(reply), '')
  t.equal(await site.stored(third), undefined)
  t.equal((await site.post(third, (session) => session.data())).body, '{}')
  const straggler = await site.post(token, login('eve'))
  t.strictSame(Object.keys((await site.get(cookieOf(straggler))).json()), ['user'], 'and nothing of it starts again')
})

t.test('rule 5: a trace is not shown by all, count and find, and no cookie reaches it', async (t) => {
  const site = await startSite({ hashToken: false, owner: 'user' })
  const token = await site.start({ user: 'ann' })
  const renewed = cookieOf(await site.post(token, (session) => session.renewToken())) ?? ''
  t.ok(await site.store.inner.find(renewalKey(token), { expiry: false }), 'there is one')
  t.equal(await site.app.sessions.count(), 1)
  const shown: unknown[] = []
  for await (const { values } of site.app.sessions.all()) shown.push(values)
  for await (const { values } of site.app.sessions.ownedBy('ann')) shown.push(values)
  t.strictSame(shown, [{ user: 'ann' }, { user: 'ann' }])
  t.equal(await site.app.sessions.find(token), undefined)
  t.ok(await site.app.sessions.find(renewed))
  t.equal(await site.app.sessions.find(renewalKey(token)), undefined)
  site.store.take()
  t.strictSame((await site.get(`"${renewalKey(token)}"`)).json(), {})
  t.strictSame((await site.get(renewalKey(token))).json(), {})
  t.strictSame(site.store.take(), [])
})

t.test('a renewal that cannot be stored leaves the old session as it was: 503, no cookie, and the old token works', async (t) => {
  const site = await startSite()
  const token = await site.start({ cart: 'pen' })
  site.store.fail('rename', 'before')
  const reply = await site.post(token, login('ann'))
  t.equal(reply.statusCode, 503)
  t.strictSame(setCookies(reply), [])
  t.strictSame((await site.get(token)).json(), { cart: 'pen' })
})

t.test('a renewal whose answer got lost has happened: 200, and exactly the new token works', async (t) => {
  const site = await startSite()
  const token = await site.start({ cart: 'pen' })
  site.store.fail('rename', 'after')
  const reply = await site.post(token, login('ann'))
  t.equal(reply.statusCode, 200)
  t.strictSame((await site.get(cookieOf(reply))).json(), { cart: 'pen', user: 'ann' })
  t.strictSame((await site.get(token)).json(), {})
})
