import t from 'tap'
import { cookieOf, setCookies } from '../support/app.ts'
import { holdIn, login, startSite } from './steps.ts'

const DROPPED = /changes of this one were dropped/

t.test('rule 5: a straggler with the old token that would get a cookie is superseded', async (t) => {
  const site = await startSite()
  const token = await site.start({ cart: 'pen' })
  await site.post(token, login('ann'))
  const post = await site.post(token, (session) => session.put('a', 1))
  t.equal(post.statusCode, 409)
  t.equal(post.json().code, 'FST_ERR_SCS_SUPERSEDED')
  t.strictSame(setCookies(post), [])
  const get = await site.get(token, (session) => session.put('a', 1))
  t.equal(get.statusCode, 200)
  t.strictSame(setCookies(get), [])
  t.equal(site.lines.filter((line) => DROPPED.test(line.msg)).length, 1)
  site.store.take()
  t.strictSame((await site.post(token, (session) => session.data())).json(), {}, 'one that only reads is a stranger')
  t.strictSame(site.store.take(), ['find'], 'and costs one read')
  t.equal(await site.app.sessions.count(), 1)
})

t.test('rule 5: a straggler that itself logs in starts a session of its own, with what it put there and nothing else', async (t) => {
  const site = await startSite()
  const token = await site.start({ cart: 'pen' })
  const ann = cookieOf(await site.post(token, login('ann'))) ?? ''
  const straggler = await site.post(token, login('eve'))
  t.equal(straggler.statusCode, 200)
  t.strictSame(await site.stored(cookieOf(straggler) ?? ''), { user: 'eve' })
  t.strictSame(await site.stored(ann), { cart: 'pen', user: 'ann' })
})

t.test('rule 5: after a minute the trace is gone, and a straggler is a stranger like any other', async (t) => {
  const site = await startSite()
  const token = await site.start({ cart: 'pen' })
  await site.post(token, login('ann'))
  site.clock.advance(59_999)
  t.equal((await site.post(token, (session) => session.put('a', 1))).statusCode, 409)
  site.clock.advance(1)
  const reply = await site.post(token, (session) => session.put('a', 1))
  t.equal(reply.statusCode, 200)
  t.strictSame(await site.stored(cookieOf(reply) ?? ''), { a: 1 })
})

t.test('rule 5: a request that first looks at its session after the deadline, and finds it renewed, is superseded', async (t) => {
  for (const method of ['POST', 'GET'] as const) {
    const site = await startSite({ lifetime: '1h' })
    const token = await site.start({ cart: 'pen' })
    site.clock.advance(3_570_000)
    const { handler, held } = holdIn(() => undefined)
    const slow = site.send(method, token, async (session, request, reply) => {
      await handler(session, request, reply)
      session.put('late', 1)
    })
    await held.reached
    const renewed = cookieOf(await site.post(token, login('ann')))
    site.clock.advance(30_000)
    held.release()
    t.equal((await slow).statusCode, method === 'POST' ? 409 : 200)
    t.strictSame(setCookies(await slow), [], "the login's cookie stays")
    t.equal(await site.app.sessions.count(), 1)
    t.strictSame(await site.stored(renewed ?? ''), { cart: 'pen', user: 'ann' })
  }
})
