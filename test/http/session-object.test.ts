import t from 'tap'
import type { ScsSession } from '../../index.ts'
import { cookieOf, setCookies } from '../support/app.ts'
import { startSite } from './steps.ts'

t.test('options() changes the cookie of this reply alone, and refuses what would make a second cookie', async (t) => {
  const site = await startSite({ cookie: { persist: false } })
  const first = await site.post(undefined, (session) => {
    session.options({ persist: true, sameSite: 'strict', httpOnly: false, secure: true })
    session.put('a', 1)
  })
  t.match(setCookies(first)[0], /; Path=\/; Expires=.*; Max-Age=86400; Secure; SameSite=Strict$/)
  const second = await site.post(cookieOf(first), (session) => session.renewToken())
  t.match(setCookies(second)[0], /; Path=\/; HttpOnly; SameSite=Lax$/)
  for (const fixed of ['name', 'path', 'domain', 'partitioned', 'maxAge', 'expires']) {
    const reply = await site.post(undefined, (session) => session.options({ [fixed]: 'x' }))
    t.equal(reply.json().code, 'FST_ERR_SCS_ARGUMENT', fixed)
    const rule = ['maxAge', 'expires'].includes(fixed) ? /use setDeadline/ : /would keep two cookies/
    t.match(reply.json().message, new RegExp(`${fixed}.*${rule.source}`))
  }
  const ofOthers = { userInfo: 'ann', signed: true, encode: String, priority: 'high' }
  const passed = await site.post(undefined, (session) => {
    session.options({ ...ofOthers, sameSite: 'strict' } as object)
    session.put('a', 1)
  })
  t.match(setCookies(passed)[0], /; Path=\/; HttpOnly; SameSite=Strict$/, 'what plugins pass along says nothing')
  for (const wrong of [{ sameSite: 'loose' }, { persist: 1 }, { nonsense: true }]) {
    t.equal((await site.post(undefined, (session) => session.options(wrong as object))).statusCode, 500)
  }
})

t.test('a reply whose cookie attributes were asked for sends the cookie, and the store is not written', async (t) => {
  const site = await startSite()
  const token = await site.start({ a: 1 })
  site.store.take()
  const table = [
    [{ sameSite: 'strict' }, /; Max-Age=86400; HttpOnly; SameSite=Strict$/],
    [{ persist: false }, /^session=[^;]+; Path=\/; HttpOnly; SameSite=Lax$/],
    [{ httpOnly: false }, /; Max-Age=86400; SameSite=Lax$/],
  ] as const
  for (const [options, line] of table) {
    const reply = await site.post(token, (session) => session.options(options))
    t.match(setCookies(reply), [line])
    t.equal(cookieOf(reply), token)
    t.strictSame(site.store.take(), ['find'])
  }
  const changed = await site.post(token, (session) => {
    session.options({ sameSite: 'strict' })
    session.put('a', 2)
  })
  t.match(setCookies(changed), [/SameSite=Strict$/])
})

t.test('options() that ask for what is so already, or for nothing, change nothing', async (t) => {
  const site = await startSite()
  const token = await site.start({ a: 1 })
  for (const options of [{}, { sameSite: 'lax' }, { secure: 'auto', httpOnly: true, persist: true }] as const)
    t.strictSame(setCookies(await site.post(token, (session) => session.options(options))), [])
  t.strictSame(setCookies(await site.post(undefined, (session) => session.options({ sameSite: 'strict' }))), [], 'nobody gets none')
})

t.test('set(key, undefined) removes, and put(key, undefined) is refused', async (t) => {
  const site = await startSite()
  const token = await site.start({ a: 1, b: 2 })
  await site.post(token, (session) => {
    session.set('a', undefined)
    session.set('c', 3)
  })
  t.strictSame(await site.stored(token), { b: 2, c: 3 })
  const reply = await site.post(token, (session) => session.put('b', undefined))
  t.equal(reply.json().code, 'FST_ERR_SCS_VALUE')
  t.strictSame(await site.stored(token), { b: 2, c: 3 })
})

t.test('a change after the reply throws FST_ERR_SCS_COMMITTED, and what was there can still be read', async (t) => {
  const site = await startSite()
  let kept: ScsSession | undefined
  const made = await site.post(undefined, (session) => {
    kept = session
    session.put('a', 1)
  })
  const session = kept
  if (session === undefined) throw new Error('the handler did not run')
  const committed = { code: 'FST_ERR_SCS_COMMITTED' }
  t.throws(() => session.put('a', 2), committed)
  t.throws(() => session.set('a', 2), committed)
  t.throws(() => session.update('a', () => 2), committed)
  t.throws(() => session.remove('a'), committed)
  t.throws(() => session.pop('a'), committed)
  t.throws(() => session.clear(), committed)
  t.throws(() => session.rememberMe(true), committed)
  t.throws(() => session.renewToken(), committed)
  t.throws(() => session.regenerate(), committed)
  t.throws(() => session.setDeadline(new Date()), committed)
  t.throws(() => session.options({}), committed)
  await t.rejects(session.destroy(), committed)
  await t.rejects(session.mergeSession('x'), committed)
  await t.rejects(session.commit(), committed)
  t.strictSame(session.data(), { a: 1 })
  t.strictSame(await site.stored(cookieOf(made) ?? ''), { a: 1 })
})

t.test('assigning a property to the session throws, in sloppy code too', async (t) => {
  const site = await startSite()
  const code = 'FST_ERR_SCS_ASSIGN'
  // A function made from text is sloppy, whatever surrounds it.
  const assign = new Function('session', 'name', 'session[name] = 1') as (session: unknown, name: string) => void
  const reply = await site.post(undefined, (session) => {
    for (const name of ['userId', 'get', 'put', 'token', 'id', 'data', 'toString', '__proto__'])
      t.throws(() => assign(session, name), { code }, name)
    t.throws(() => Object.assign(session, { userId: 1 }), { code })
    t.throws(() => Object.defineProperty(session, 'x', { value: 1 }), TypeError)
    t.ok(Object.isFrozen(session))
  })
  t.strictSame(setCookies(reply), [])
})

t.test('assigning the session of a request throws, in sloppy code too', async (t) => {
  const site = await startSite()
  const assign = new Function('request', 'request.session = null') as (request: unknown) => void
  const token = await site.start({ user: 'ann' })
  const reply = await site.post(token, (_session, request) => assign(request))
  t.match(reply.json(), { code: 'FST_ERR_SCS_ASSIGN', message: /^request\.session cannot be assigned.*destroy\(\)/ })
})

t.test('keys that are names of methods or of prototypes are only keys', async (t) => {
  const site = await startSite()
  const names = [
    'get',
    'put',
    'constructor',
    'toString',
    'hasOwnProperty',
    'toJSON',
    'then',
    '',
    '😀',
    '\0',
    '.',
    '$',
    'a b',
    '_x',
    'x'.repeat(10_000),
  ]
  const made = await site.post(undefined, (session) => {
    for (const name of names) t.equal(session.get(name), undefined, name)
    for (const name of names) session.put(name, `value of ${name.length}`)
  })
  const reply = await site.get(cookieOf(made), (session) => {
    t.strictSame(session.keys(), [...names].sort())
    return Object.fromEntries(names.map((name) => [name, session.get(name)]))
  })
  t.strictSame(reply.json(), Object.fromEntries(names.map((name) => [name, `value of ${name.length}`])))
  for (const reserved of ['__proto__', '__rememberMe', '__renewedTo', '__x']) {
    const refused = await site.post(undefined, (session) => session.put(reserved, 1))
    t.equal(refused.json().code, 'FST_ERR_SCS_KEY', reserved)
    t.equal((await site.get(undefined, (session) => ({ is: session.get(reserved) === undefined }))).json().is, true)
  }
})
