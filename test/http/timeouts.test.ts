import t from 'tap'
import { hashToken } from '../../lib/token.ts'
import { cookieOf } from '../support/app.ts'
import { type Site, startSite } from './steps.ts'

const MINUTE = 60_000

async function expiryOf(site: Site, token: string): Promise<number | undefined> {
  return (await site.store.inner.find(hashToken(token), { expiry: true }))?.expiresAt
}

t.test('a session lives for its lifetime: to the last millisecond, and not a millisecond longer', async (t) => {
  const site = await startSite({ lifetime: '1h' })
  const token = await site.start({ user: 'ann' })
  site.clock.advance(60 * MINUTE - 1)
  t.strictSame((await site.get(token)).json(), { user: 'ann' })
  site.clock.advance(1)
  t.strictSame((await site.get(token)).json(), {})
})

t.test('rule 4: the deadline holds though the store still has the record', async (t) => {
  const site = await startSite({ lifetime: '1h' })
  const token = await site.start({ user: 'ann' })
  const find = site.store.inner.find.bind(site.store.inner)
  const record = await find(hashToken(token), { expiry: true })
  site.store.inner.find = (key, want) => (key === hashToken(token) ? record : find(key, want))
  site.clock.advance(60 * MINUTE - 1)
  t.strictSame((await site.get(token)).json(), { user: 'ann' })
  site.clock.advance(1)
  t.strictSame((await site.get(token)).json(), {})
})

t.test('writing and touching do not move the deadline, and renewing does', async (t) => {
  const site = await startSite({ lifetime: '1h', idleTimeout: '30m' })
  const token = await site.start({ user: 'ann' })
  for (let i = 0; i < 3; i++) {
    site.clock.advance(15 * MINUTE)
    await site.post(token, (session) => session.put('page', i))
  }
  site.clock.advance(15 * MINUTE)
  t.strictSame((await site.get(token)).json(), {})

  const other = await site.start({ user: 'bob' })
  for (let i = 0; i < 3; i++) {
    site.clock.advance(15 * MINUTE)
    await site.get(other)
  }
  const renewed = cookieOf(await site.post(other, (session) => session.renewToken())) ?? ''
  for (let i = 0; i < 3; i++) {
    site.clock.advance(15 * MINUTE)
    t.strictSame((await site.get(renewed)).json(), { user: 'bob' })
  }
})

t.test('keepDeadline renews the token and leaves the deadline and the cookie expiry where they were', async (t) => {
  const site = await startSite({ lifetime: '1h' })
  const token = await site.start({ user: 'ann' })
  site.clock.advance(30 * MINUTE)
  const reply = await site.post(token, (session) => {
    const before = session.deadline.getTime()
    session.renewToken({ keepDeadline: true })
    t.equal(session.deadline.getTime(), before)
  })
  t.not(cookieOf(reply), token)
  t.equal(reply.cookies[0]?.maxAge, 1800)
  site.clock.advance(30 * MINUTE)
  t.strictSame((await site.get(cookieOf(reply))).json(), {})
})

t.test('keepDeadline after a renewal in the same request keeps the whole lifetime which that one gave', async (t) => {
  const site = await startSite({ lifetime: '1h' })
  const token = await site.start({ user: 'ann' })
  site.clock.advance(30 * MINUTE)
  const reply = await site.post(token, (session) => {
    session.renewToken()
    session.renewToken({ keepDeadline: true })
  })
  t.equal(reply.cookies[0]?.maxAge, 3600)
})

t.test('a session ends when it was idle for the idle timeout: both edges', async (t) => {
  const site = await startSite({ idleTimeout: '20m' })
  const token = await site.start({ user: 'ann' })
  site.clock.advance(20 * MINUTE - 1)
  t.strictSame((await site.get(token)).json(), { user: 'ann' })
  site.clock.advance(20 * MINUTE - 1)
  t.strictSame((await site.get(token)).json(), { user: 'ann' }, 'the read before prolonged it')
  site.clock.advance(20 * MINUTE)
  t.strictSame((await site.get(token)).json(), {})
})

t.test('the idle timeout never outlives the deadline', async (t) => {
  const site = await startSite({ lifetime: '1h', idleTimeout: '50m' })
  const token = await site.start({ user: 'ann' })
  const deadline = site.clock() + 60 * MINUTE
  site.clock.advance(40 * MINUTE)
  await site.get(token)
  t.equal(await expiryOf(site, token), deadline)
  site.clock.advance(20 * MINUTE)
  t.strictSame((await site.get(token)).json(), {})
})
