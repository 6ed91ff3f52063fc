import t from 'tap'
import { cookieOf, setCookies } from '../support/app.ts'
import { type Handler, holdIn, login, logout, type Method, startSite } from './steps.ts'

const DROPPED = /changes of this one were dropped/

t.test('rule 4: a request in flight does not revive a session that was logged out meanwhile', async (t) => {
  const cases: [string, Method, Handler, number][] = [
    ['a read', 'GET', (session) => session.data(), 200],
    ['a read by POST', 'POST', (session) => session.data(), 200],
    ['a GET with a change', 'GET', (session) => session.put('seen', 1), 200],
    ['a POST with a change', 'POST', (session) => session.put('seen', 1), 409],
    ['a PUT with a change', 'PUT', (session) => session.put('seen', 1), 409],
    ['a DELETE with a change', 'DELETE', (session) => session.remove('user'), 409],
    ['a removal', 'POST', (session) => session.clear(), 409],
    ['a new deadline', 'POST', (session) => session.setDeadline(new Date(session.deadline.getTime() + 1)), 409],
    ['a renewal', 'POST', login('bob'), 409],
    ['a regeneration', 'POST', (session) => session.regenerate(), 409],
  ]
  for (const idleTimeout of [undefined, '20m'] as const) {
    for (const [name, method, change, status] of cases) {
      const site = await startSite(idleTimeout === undefined ? {} : { idleTimeout })
      const token = await site.start({ user: 'ann' })
      site.clock.advance(600_000)
      const { handler, held } = holdIn(change)
      const slow = site.send(method, token, handler)
      await held.reached
      t.equal(cookieOf(await site.post(token, logout)), '')
      held.release()
      const reply = await slow
      t.equal(reply.statusCode, status, name)
      if (status === 409) t.equal(reply.json().code, 'FST_ERR_SCS_SUPERSEDED', name)
      t.strictSame(setCookies(reply), [], `${name}: no cookie`)
      t.strictSame((await site.get(token)).json(), {}, `${name}: the token stays dead`)
      t.equal(await site.app.sessions.count(), 0, `${name}: no session anywhere`)
    }
  }
})

t.test('rule 4: changes of a GET that were dropped leave a line in the log, and a read leaves none', async (t) => {
  for (const [handler, lines] of [
    [(session) => session.put('seen', 1), 1],
    [(session) => session.data(), 0],
  ] as [Handler, number][]) {
    const site = await startSite()
    const token = await site.start({ user: 'ann' })
    const slow = holdIn(handler)
    const reply = site.get(token, slow.handler)
    await slow.held.reached
    await site.post(token, logout)
    slow.held.release()
    await reply
    t.equal(site.lines.filter((line) => DROPPED.test(line.msg) && line['method'] === 'GET').length, lines)
  }
})

t.test('rule 4: a HEAD request is as safe as a GET', async (t) => {
  const site = await startSite()
  const token = await site.start({ user: 'ann' })
  const { handler, held } = holdIn((session) => session.put('seen', 1))
  const slow = site.send('HEAD', token, handler)
  await held.reached
  await site.post(token, logout)
  held.release()
  t.equal((await slow).statusCode, 200)
})

t.test('rule 4: a session that expires in mid-request is not saved again: 409 for a POST, as it stands for a GET', async (t) => {
  for (const [method, status] of [
    ['POST', 409],
    ['GET', 200],
  ] as [Method, number][]) {
    for (const change of [(session) => session.put('a', 1), login('ann')] as Handler[]) {
      const site = await startSite({ lifetime: '1h', idleTimeout: '10m' })
      const token = await site.start({ user: 'ann' })
      const { handler, held } = holdIn(change)
      const slow = site.send(method, token, handler)
      await held.reached
      site.clock.advance(600_000)
      held.release()
      const reply = await slow
      t.equal(reply.statusCode, status)
      t.strictSame(setCookies(reply), [])
      t.equal(await site.app.sessions.count(), 0)
    }
  }
})

t.test('rule 4: what was in flight when the token was renewed changes nothing in the new session', async (t) => {
  const site = await startSite()
  const token = await site.start({ cart: 'pen' })
  const post = holdIn((session) => session.put('planted', 1))
  const get = holdIn((session) => session.put('seen', 1))
  const replies = [site.post(token, post.handler), site.get(token, get.handler)]
  await Promise.all([post.held.reached, get.held.reached])
  const renewed = cookieOf(await site.post(token, login('ann'))) ?? ''
  post.held.release()
  get.held.release()
  const [posted, got] = await Promise.all(replies)
  t.equal(posted?.statusCode, 409)
  t.equal(posted?.json().code, 'FST_ERR_SCS_SUPERSEDED')
  t.equal(got?.statusCode, 200)
  for (const reply of [posted, got]) t.equal(reply?.headers['set-cookie'], undefined)
  t.strictSame((await site.get(renewed)).json(), { cart: 'pen', user: 'ann' })
  t.equal(await site.app.sessions.count(), 1)
})
