import t from 'tap'
import { JsonCodec } from '../../index.ts'
import { hashToken, newToken } from '../../lib/token.ts'
import { setCookies } from '../support/app.ts'
import { startSite } from './steps.ts'

// When a reply sends the cookie, and when nothing is stored.

const MINUTE = 60_000
const STRICT = /SameSite=Strict$/

t.test('a commit() that cannot send the cookie that is due writes nothing for it', async (t) => {
  const site = await startSite()
  const token = await site.start({ user: 'ann' })
  const job = await site.app.sessions.find(token)
  job?.setDeadline(new Date(site.clock() + MINUTE))
  await job?.commit()
  const next = await site.app.sessions.find(token)
  site.store.take()
  t.equal(next?.get('user'), 'ann')
  t.equal(await next?.commit(), undefined)
  t.strictSame(site.store.take(), [])
})

t.test('cookie attributes that were asked for are sent with a touch, too', async (t) => {
  const site = await startSite({ idleTimeout: '20m' })
  const token = await site.start({ user: 'ann' })
  site.clock.advance(10 * MINUTE)
  site.store.take()
  const reply = await site.get(token, (session) => session.options({ sameSite: 'strict' }))
  t.match(setCookies(reply), [STRICT])
  t.strictSame(site.store.take(), ['find', 'touch'])
})

t.test('and when the owner is written', async (t) => {
  const site = await startSite({ owner: 'user' })
  const token = newToken()
  const expiresAt = site.clock() + MINUTE
  await site.store.inner.create(hashToken(token), { data: new JsonCodec().encode(expiresAt, { user: 'ann' }), expiresAt })
  site.store.take()
  const reply = await site.get(token, (session) => session.options({ sameSite: 'strict' }))
  t.match(setCookies(reply), [STRICT])
  t.strictSame(site.store.take(), ['find', 'update'])
})

t.test('a failed request of a stranger stores nothing, whatever it asked to keep', async (t) => {
  const site = await startSite()
  const reply = await site.post(undefined, async (session) => {
    await session.regenerate(['user'])
    session.put('user', 'ann')
    throw new Error('mine')
  })
  t.equal(reply.statusCode, 500)
  t.strictSame(setCookies(reply), [])
  t.equal(await site.app.sessions.count(), 0)
})

t.test('clear() sends the cookie only where somebody was to be remembered', async (t) => {
  const site = await startSite({ cookie: { persist: false } })
  const token = await site.start({ user: 'ann' })
  t.strictSame(setCookies(await site.post(token, (session) => session.clear())), [])
  await site.post(token, (session) => {
    session.put('user', 'ann')
    session.rememberMe(true)
  })
  t.match(setCookies(await site.post(token, (session) => session.clear())), [/^session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/])
})

t.test('a login ends the other sessions of its browser once', async (t) => {
  const site = await startSite()
  const [ann, eve] = [await site.start({ user: 'ann' }), await site.start({ user: 'eve' })]
  const login = async (session: { put(key: string, value: unknown): void; commit(): Promise<unknown> }) => {
    session.put('user', 'bob')
    await session.commit()
    site.store.take()
    session.put('page', 7)
  }
  await site.send('POST', undefined, login, { cookie: `session=${ann}; session=${eve}` })
  t.strictSame(site.store.take(), ['update'])
})

t.test('the name of a protocol to upgrade to is compared without regard to case', async (t) => {
  const site = await startSite()
  for (const upgrade of ['websocket', 'WebSocket']) {
    const socket = async (session: { put(key: string, value: unknown): void; commit(): Promise<unknown> }) => {
      session.put('user', 'ann')
      await t.rejects(session.commit(), { code: 'FST_ERR_SCS_TOO_LATE' }, upgrade)
    }
    await site.send('GET', undefined, socket, { upgrade })
  }
})

t.test('a cookie that came too late for the headers is not said to be sent, and comes with the next reply', async (t) => {
  const site = await startSite()
  const token = await site.start({ user: 'ann' })
  await site.get(token, async (session, _request, reply) => {
    reply.hijack()
    reply.raw.writeHead(200)
    reply.raw.write('started')
    session.setDeadline(new Date(site.clock() + MINUTE))
    t.equal(await session.commit(), undefined)
    reply.raw.end()
  })
  t.match(setCookies(await site.get(token)), [/Max-Age=60;/])
})
