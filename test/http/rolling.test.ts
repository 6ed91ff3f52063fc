import t from 'tap'
import { hashToken } from '../../lib/token.ts'
import { cookieOf, setCookies } from '../support/app.ts'
import { type Handler, holdIn, holdNext, login, type Reply, startSite } from './steps.ts'

const MINUTE = 60_000
const read: Handler = (session) => session.data()

/** The seconds for which a browser keeps the cookie that a reply sets; undefined when it sets none. */
function maxAge(reply: Reply): number | undefined {
  const [cookie = ''] = setCookies(reply)
  const age = /; Max-Age=(\d+)/.exec(cookie)?.[1]
  return age === undefined ? undefined : Number(age)
}

const start = async (options = {}) => {
  const site = await startSite({ idleTimeout: '20m', lifetime: '1h', cookie: { rolling: true }, ...options })
  const first = await site.post(undefined, (session) => session.put('user', 'ann'))
  return { site, token: String(first.cookies[0]?.value), first }
}

t.test('the cookie ends with the idle time, and is sent with every write that prolongs the session', async (t) => {
  const { site, token, first } = await start()
  t.equal(maxAge(first), 1200)
  site.clock.advance(MINUTE / 2)
  t.equal(maxAge(await site.get(token, read)), undefined, 'no touch is due')
  site.clock.advance(2 * MINUTE)
  const touched = await site.get(token, read)
  t.equal(maxAge(touched), 1200)
  t.equal(touched.cookies[0]?.value, token)
  t.equal(touched.headers['cache-control'], 'no-cache="Set-Cookie"')
  t.equal(maxAge(await site.get(token, read)), undefined, 'not twice')
  t.equal(maxAge(await site.post(token, (session) => session.put('a', 1))), 1200, 'with a change')
  t.equal(maxAge(await site.post(token, (session) => session.renewToken())), 1200, 'with a renewal')
})

t.test('never past the deadline', async (t) => {
  const { site, token } = await start()
  const ages: unknown[] = []
  for (let i = 0; i < 3; i++) {
    site.clock.advance(15 * MINUTE)
    ages.push(maxAge(await site.get(token, read)))
  }
  t.same(ages, [1200, 1200, 900])
})

t.test('without it a touch sends no cookie, and the cookie ends at the deadline', async (t) => {
  const { site, token, first } = await start({ cookie: {} })
  t.equal(maxAge(first), 3600)
  site.clock.advance(2 * MINUTE)
  t.same(setCookies(await site.get(token, read)), [])
})

t.test(
  'none where the route does not prolong, for a cookie that ends with the browser no age, and for a token in a header none',
  async (t) => {
    const { site, token } = await start({ token: { header: 'x-session' } })
    site.clock.advance(2 * MINUTE)
    t.same(setCookies(await site.send('GET', token, read, { url: '/quiet' })), [])
    t.same(setCookies(await site.send('GET', undefined, read, { 'x-session': token })), [])
    const { site: other, token: shortLived } = await start({ cookie: { rolling: true, persist: false } })
    other.clock.advance(2 * MINUTE)
    t.match(setCookies(await other.get(shortLived, read)), [/^session=[^;]+; Path=\/; HttpOnly; SameSite=Lax$/])
  },
)

t.test('a session that ended meanwhile gets no cookie by a touch', async (t) => {
  const { site, token } = await start()
  site.clock.advance(2 * MINUTE)
  const touch = holdNext(site.store, 'touch')
  const slow = site.get(token, read)
  await touch.reached
  await site.post(token, (session) => session.destroy())
  touch.release()
  t.same(setCookies(await slow), [])
})

t.test('where the store knows no end, the cookie ends at the deadline', async (t) => {
  const { site, token } = await start()
  const find = site.store.inner.find.bind(site.store.inner)
  site.store.inner.find = async (key, want) => {
    const found = await find(key, want)
    return found && { data: found.data }
  }
  const asking: Handler = (session) => session.options({ sameSite: 'strict' })
  t.equal(maxAge(await site.send('GET', token, asking, { url: '/quiet' })), 3600)
})

t.test('with the owner of a session that Go wrote the cookie ends with the idle time too, unless that could not be written', async (t) => {
  const { site, token } = await start({ owner: 'user' })
  const disown = async () => {
    const { data = new Uint8Array() } = (await site.store.inner.find(hashToken(token), { expiry: false })) ?? {}
    await site.store.inner.delete(hashToken(token))
    await site.store.inner.create(hashToken(token), { data, expiresAt: site.clock() + 5 * MINUTE })
  }
  await disown()
  t.equal(maxAge(await site.get(token, read)), 1200)
  await disown()
  const { handler, held } = holdIn(read)
  const slow = site.get(token, handler)
  await held.reached
  t.not(cookieOf(await site.post(token, login('ann'))), token)
  held.release()
  t.same(setCookies(await slow), [], 'the newer cookie stays')
})
