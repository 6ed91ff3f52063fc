import t from 'tap'
import { cookieOf, setCookies } from '../support/app.ts'
import { type Handler, holdIn, holdNext, type Method, startSite } from './steps.ts'

const MINUTE = 60_000

t.test('setDeadline makes a session end earlier or later, and the cookie with it', async (t) => {
  const site = await startSite({ lifetime: '1h' })
  const token = await site.start({ user: 'ann' })
  const reply = await site.post(token, (session) => {
    session.setDeadline(new Date(site.clock() + 2 * 60 * MINUTE))
    t.equal(session.deadline.getTime(), site.clock() + 2 * 60 * MINUTE)
    t.equal(session.status, 'modified')
  })
  t.equal(reply.cookies[0]?.maxAge, 7200)
  site.clock.advance(119 * MINUTE)
  t.strictSame((await site.get(token)).json(), { user: 'ann' })
  await site.post(token, (session) => session.setDeadline(new Date(site.clock() + 1000)))
  site.clock.advance(999)
  t.strictSame((await site.get(token)).json(), { user: 'ann' })
  site.clock.advance(1)
  t.strictSame((await site.get(token)).json(), {})
})

t.test('setDeadline to now or into the past ends the session with the reply, for every request', async (t) => {
  for (const ago of [0, 1, 10 * MINUTE]) {
    const site = await startSite()
    const token = await site.start({ user: 'ann' })
    const reply = await site.post(token, (session) => session.setDeadline(new Date(site.clock() - ago)))
    t.equal(reply.statusCode, 200)
    t.equal(cookieOf(reply), '')
    t.equal(reply.cookies[0]?.maxAge, 0, 'the browser forgets it')
    t.equal(await site.stored(token), undefined)
  }
})

t.test('setDeadline into the past in a new session stores nothing', async (t) => {
  const site = await startSite()
  for (const ago of [0, 1]) {
    const reply = await site.post(undefined, (session) => {
      session.put('a', 1)
      session.setDeadline(new Date(site.clock() - ago))
    })
    t.strictSame(setCookies(reply), [])
    t.strictSame(site.store.take(), [])
  }
})

t.test('regenerate gives the whole lifetime, as renewToken does', async (t) => {
  const site = await startSite({ lifetime: '1h' })
  const token = await site.start({ user: 'ann' })
  site.clock.advance(10 * MINUTE)
  const reply = await site.post(token, (session) => session.regenerate(['user']))
  t.equal(reply.cookies[0]?.maxAge, 3600)
})

t.test('setDeadline goes up to the last second but one of the year 9999: `Expires` is a second later', async (t) => {
  const site = await startSite()
  const last = Date.UTC(9999, 11, 31, 23, 59, 58, 999)
  const reply = await site.post(await site.start({ a: 1 }), (session) => session.setDeadline(new Date(last)))
  t.equal(reply.statusCode, 200)
  const [kept] = setCookies(reply)
  t.match(kept, 'Expires=Fri, 31 Dec 9999 23:59:59 GMT')
  t.strictSame((await site.get(cookieOf(reply))).json(), { a: 1 }, 'and is read again')
  const late = await site.post(await site.start({ a: 1 }), (session) => session.setDeadline(new Date(last + 1)))
  t.equal(late.json().code, 'FST_ERR_SCS_ARGUMENT')
})

t.test('renewToken gives the whole lifetime, whatever setDeadline said before, and with keepDeadline leaves that', async (t) => {
  for (const keepDeadline of [false, true]) {
    const site = await startSite({ lifetime: '1h' })
    const reply = await site.post(await site.start({ user: 'ann' }), (session) => {
      session.setDeadline(new Date(site.clock() + 10 * MINUTE))
      session.renewToken({ keepDeadline })
    })
    t.equal(reply.cookies[0]?.maxAge, keepDeadline ? 600 : 3600)
  }
})

t.test('setDeadline refuses what is no date', async (t) => {
  const site = await startSite()
  for (const value of [new Date(Number.NaN), new Date(8.64e15)]) {
    const reply = await site.post(undefined, (session) => session.setDeadline(value))
    t.equal(reply.json().code, 'FST_ERR_SCS_ARGUMENT')
  }
})

t.test('rule 4: a session whose deadline passes in mid-request is not saved again: 409 for a POST, as it stands for a GET', async (t) => {
  const changes: Handler[] = [
    (session) => session.put('a', 1),
    (session) => session.renewToken({ keepDeadline: true }),
    (session) => session.renewToken(),
    (session) => session.setDeadline(new Date(session.deadline.getTime() + 10 * MINUTE)),
  ]
  for (const change of changes) {
    for (const [method, status] of [
      ['POST', 409],
      ['GET', 200],
    ] as [Method, number][]) {
      const site = await startSite({ lifetime: '1m' })
      const token = await site.start({ user: 'ann' })
      const { handler, held } = holdIn(change)
      const slow = site.send(method, token, handler)
      await held.reached
      site.clock.advance(MINUTE)
      held.release()
      const reply = await slow
      t.equal(reply.statusCode, status)
      t.strictSame(setCookies(reply), [])
      t.equal(await site.app.sessions.count(), 0)
    }
  }
})

t.test('a deadline that passes while the save of it is made again ends the session', async (t) => {
  const site = await startSite()
  const token = await site.start({ user: 'ann' })
  const update = holdNext(site.store, 'update')
  const slow = site.post(token, (session) => session.setDeadline(new Date(site.clock() + 1000)))
  await update.reached
  await site.post(token, (session) => session.put('a', 1))
  site.clock.advance(1000)
  update.release()
  const reply = await slow
  t.equal(reply.statusCode, 200)
  t.equal(cookieOf(reply), '')
  t.equal(await site.stored(token), undefined)
})
