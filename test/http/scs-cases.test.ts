import t from 'tap'
import { hashToken } from '../../lib/token.ts'
import { cookieOf, setCookies } from '../support/app.ts'
import { type Handler, startSite } from './steps.ts'

// The cases of SCS v2.9.0 (session_test.go, data_test.go, memstore_test.go), each under the name that it has there.

const put: Handler = (session) => session.put('foo', 'bar')
const get: Handler = (session) => ({ foo: session.get('foo', null) })

t.test('TestEnable: a put sets a cookie, a get reads it and sets none, a second put keeps the token', async (t) => {
  const site = await startSite()
  const first = await site.post(undefined, put)
  const token = cookieOf(first)
  t.match(token, /^[A-Za-z0-9_-]{43}$/)
  const second = await site.get(token, get)
  t.strictSame(second.json(), { foo: 'bar' })
  t.strictSame(setCookies(second), [])
  const third = await site.post(token, (session) => {
    session.put('foo', 'baz')
    return { token: session.token }
  })
  t.strictSame(third.json(), { token })
  t.strictSame((await site.get(token, get)).json(), { foo: 'baz' })
})

t.test('TestLifetime: a session can be read at once, and is gone after its lifetime', async (t) => {
  const site = await startSite({ lifetime: 500 })
  const token = cookieOf(await site.post(undefined, put))
  t.strictSame((await site.get(token, get)).json(), { foo: 'bar' })
  site.clock.advance(1000)
  t.strictSame((await site.get(token, get)).json(), { foo: null })
})

t.test('TestIdleTimeout: every access prolongs, silence ends', async (t) => {
  const site = await startSite({ idleTimeout: 200, lifetime: 1000 })
  const token = cookieOf(await site.post(undefined, put))
  site.clock.advance(100)
  await site.get(token, get)
  site.clock.advance(150)
  t.strictSame((await site.get(token, get)).json(), { foo: 'bar' })
  site.clock.advance(200)
  t.strictSame((await site.get(token, get)).json(), { foo: null })
})

t.test('TestDestroy: the cookie is cleared and the data gone', async (t) => {
  const site = await startSite()
  const token = cookieOf(await site.post(undefined, put))
  const reply = await site.post(token, (session) => session.destroy())
  const [line = ''] = setCookies(reply)
  t.ok(line.startsWith('session=;'))
  t.match(line, 'Expires=Thu, 01 Jan 1970 00:00:01 GMT')
  t.match(line, 'Max-Age=0')
  t.strictSame((await site.get(token, get)).json(), { foo: null })
})

t.test('TestRenewToken: the token changes, the data stays', async (t) => {
  const site = await startSite()
  const token = cookieOf(await site.post(undefined, put))
  const renewed = cookieOf(await site.post(token, (session) => session.renewToken()))
  t.match(renewed, /^[A-Za-z0-9_-]{43}$/)
  t.not(renewed, token)
  t.strictSame((await site.get(renewed, get)).json(), { foo: 'bar' })
  t.strictSame((await site.get(token, get)).json(), { foo: null }, 'and the old token is dead')
})

t.test('TestRenewToken: whichever command the store loses, one of the two tokens works, and not both', async (t) => {
  for (const verb of ['rename', 'create', 'update', 'delete'] as const) {
    const site = await startSite()
    const token = await site.start({ foo: 'bar' })
    site.store.fail(verb, 'before')
    const renewed = cookieOf(await site.post(token, (session) => session.renewToken()))
    const works = await Promise.all([token, renewed ?? ''].map((each) => site.stored(each)))
    t.strictSame(
      works.filter((values) => values !== undefined),
      [{ foo: 'bar' }],
      verb,
    )
  }
})

t.test('TestRememberMe: with persist off only a user who asked for it is remembered', async (t) => {
  const site = await startSite({ cookie: { persist: false } })
  const first = await site.post(undefined, put)
  t.notMatch(setCookies(first)[0], /Max-Age=|Expires=/)
  const token = cookieOf(first)
  const remembered = await site.post(token, (session) => session.rememberMe(true))
  t.match(setCookies(remembered)[0], 'Max-Age=86400')
  t.match(setCookies(remembered)[0], 'Expires=')
  const forgotten = await site.post(token, (session) => session.rememberMe(false))
  t.notMatch(setCookies(forgotten)[0], /Max-Age=|Expires=/)
})

t.test('rememberMe survives a renewal, is lost with clear and destroy, and is no key of the session', async (t) => {
  const site = await startSite({ cookie: { persist: false } })
  const token = cookieOf(await site.post(undefined, put))
  await site.post(token, (session) => {
    session.rememberMe(true)
    t.strictSame(session.keys(), ['foo'])
    t.strictSame(session.data(), { foo: 'bar' })
  })
  const renewed = await site.post(token, (session) => session.renewToken())
  t.match(setCookies(renewed)[0], 'Max-Age=86400')
  const cleared = await site.post(cookieOf(renewed), (session) => session.clear())
  t.equal(cookieOf(cleared), cookieOf(renewed))
  t.notMatch(setCookies(cleared)[0], 'Max-Age=')
})

t.test("TestIterate: all sessions are visited, and the visitor's error ends the visit", async (t) => {
  const site = await startSite()
  for (const foo of ['a', 'b', 'c']) await site.post(undefined, (session) => session.put('foo', foo))
  const visited: unknown[] = []
  for await (const { values } of site.app.sessions.all()) visited.push(values['foo'])
  t.strictSame(visited.sort(), ['a', 'b', 'c'])
  const visit = async () => {
    for await (const each of site.app.sessions.all()) throw new Error(`expected ${each.id}`)
  }
  await t.rejects(visit, { message: /^expected / })
})

t.test('TestSessionManager_Load: a token is kept, none and an unknown one start with nothing, an error is an error', async (t) => {
  const site = await startSite()
  const token = await site.start({ foo: 'bar' })
  const look: Handler = (session) => ({ token: session.token, data: session.data() })
  t.strictSame((await site.get(token, look)).json(), { token, data: { foo: 'bar' } })
  site.store.take()
  t.strictSame((await site.get(undefined, look)).json(), { token: '', data: {} })
  t.strictSame((await site.get('', look)).json(), { token: '', data: {} })
  t.strictSame(site.store.take(), [], 'an empty token is never looked up')
  t.strictSame((await site.get('U'.repeat(43), look)).json(), { token: '', data: {} })
  site.store.fail('find', 'before')
  let ran = false
  const failed = await site.get(token, () => {
    ran = true
  })
  t.equal(failed.statusCode, 503)
  t.notOk(ran)
  t.notMatch(failed.body, 'db.internal')
})

t.test('token hashing: the store has the hash, the client the token, and SCS makes the same hash', async (t) => {
  t.equal(hashToken('example'), 'UNhY4JhezH9gQYqvDMWrWH9CwlcKiECVqejMrND2VFw')
  for (const hashes of [true, false]) {
    const site = await startSite({ hashToken: hashes })
    const token = cookieOf(await site.post(undefined, put)) ?? ''
    const key = hashes ? hashToken(token) : token
    t.strictSame(site.store.calls, [`create ${key}`])
    t.strictSame((await site.get(token, get)).json(), { foo: 'bar' })
    await site.post(token, (session) => session.destroy())
    t.equal(await site.store.inner.find(key, { expiry: false }), undefined)
  }
})

t.test('TestSessionManager_Commit: expiry is the deadline or the idle time, whatever comes first; an error leaves no cookie', async (t) => {
  for (const [idleTimeout, expected] of [
    ['48h', 86_400_000],
    ['1h', 3_600_000],
  ] as const) {
    const site = await startSite({ idleTimeout })
    const token = cookieOf(await site.post(undefined, put)) ?? ''
    const record = await site.store.inner.find(hashToken(token), { expiry: true })
    t.equal(record?.expiresAt, site.clock() + expected)
  }
  const site = await startSite()
  site.store.fail('create', 'before')
  const reply = await site.post(undefined, put)
  t.equal(reply.statusCode, 503)
  t.strictSame(setCookies(reply), [])
})
