import t from 'tap'
import { cookieOf, setCookies } from '../support/app.ts'
import { startSite } from './steps.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

t.test('a session that is remembered has a lifetime and an idle timeout of its own', async (t) => {
  const site = await startSite({ lifetime: '1h', idleTimeout: '20m', remember: { lifetime: '30d', idleTimeout: '7d' } })
  const start = site.clock()
  const login = await site.post(undefined, (session) => {
    session.renewToken()
    session.put('user', 'ann')
    session.rememberMe(true)
    t.strictSame([session.deadline.getTime(), session.expiresAt], [start + 30 * DAY, start + 7 * DAY])
  })
  t.match(setCookies(login), [/Max-Age=2592000;/])
  const token = cookieOf(login) ?? ''
  site.clock.advance(6 * DAY)
  t.strictSame((await site.get(token)).json(), { user: 'ann' })
  let expiresAt = 0
  await site.get(token, (session) => {
    expiresAt = session.expiresAt
  })
  t.equal(expiresAt, start + 13 * DAY, 'touched by its own idle timeout')
  const renewed = cookieOf(await site.post(token, (session) => session.renewToken())) ?? ''
  await site.get(renewed, (session) => t.equal(session.deadline.getTime(), start + 36 * DAY))
  site.clock.advance(7 * DAY)
  t.strictSame((await site.get(renewed)).json(), {})
})

t.test('rememberMe() on a stored session begins its lifetime anew, and only when it changes something', async (t) => {
  const site = await startSite({ lifetime: '1h', remember: { lifetime: '30d' } })
  const start = site.clock()
  const token = await site.start({ user: 'ann' })
  site.clock.advance(10 * MINUTE)
  const remembered = await site.post(token, (session) => session.rememberMe(true))
  t.match(setCookies(remembered), [/Max-Age=2592000;/])
  site.clock.advance(10 * MINUTE)
  t.strictSame(setCookies(await site.post(token, (session) => session.rememberMe(true))), [])
  await site.get(token, (session) => t.equal(session.deadline.getTime(), start + 10 * MINUTE + 30 * DAY))
  await site.post(token, (session) => {
    session.rememberMe(false)
    session.setDeadline(new Date(start + 2 * HOUR))
  })
  await site.get(token, (session) => t.equal(session.deadline.getTime(), start + 2 * HOUR, 'what was asked for goes before'))
})

t.test('an ordinary session is touched by the ordinary timeout, also where remembered ones have none or another', async (t) => {
  for (const remember of [{ lifetime: '30d' }, { idleTimeout: '7d' }, { idleTimeout: '10m' }] as const) {
    const site = await startSite({ lifetime: '1d', idleTimeout: '20m', remember })
    const token = await site.start({ user: 'ann' })
    for (let i = 0; i < 5; i++) {
      site.clock.advance(15 * MINUTE)
      t.strictSame((await site.get(token, (session) => session.data())).json(), { user: 'ann' })
    }
    site.clock.advance(20 * MINUTE)
    t.strictSame((await site.get(token)).json(), {})
  }
  const without = await startSite({ lifetime: '1d', remember: { idleTimeout: '10m' } })
  const token = await without.start({ user: 'ann' })
  without.clock.advance(HOUR)
  t.strictSame((await without.get(token, () => 'no look')).statusCode, 200)
  t.strictSame((await without.get(token)).json(), { user: 'ann' })
})
