import t from 'tap'
import type { ScsOptions } from '../../index.ts'
import { cookieOf, setCookies } from '../support/app.ts'
import { type Site, startSite } from './steps.ts'

const UNKNOWN = 'U'.repeat(43)

/** A request with several cookies. */
async function withCookies(site: Site, tokens: readonly string[]) {
  return await site.send('GET', undefined, (session) => ({ ...session.data(), new: session.isNew }), {
    cookie: tokens.map((token) => `session=${token}`).join('; '),
  })
}

t.test('rule 9: of several cookies of our name the one that the store knows wins, wherever it stands', async (t) => {
  const site = await startSite()
  const token = await site.start({ user: 'ann' })
  const planted = 'P'.repeat(43)
  for (const tokens of [
    [token, UNKNOWN],
    [UNKNOWN, token],
    [UNKNOWN, planted, token],
    ['junk', token],
    [token, 'junk', ''],
  ]) {
    t.strictSame((await withCookies(site, tokens)).json(), { user: 'ann', new: false })
  }
  t.strictSame(site.warnings(), [])
})

t.test('rule 9: the same token twice is one token', async (t) => {
  const site = await startSite()
  const token = await site.start({ user: 'ann' })
  site.store.take()
  t.strictSame((await withCookies(site, [token, token, token, token])).json(), { user: 'ann', new: false })
  t.strictSame(site.store.take(), ['find'])
})

t.test('rule 9: at most three different cookies are tried', async (t) => {
  const site = await startSite()
  const token = await site.start({ user: 'ann' })
  const strange = ['A', 'B', 'C', 'D'].map((letter) => letter.repeat(43))
  site.store.take()
  t.strictSame((await withCookies(site, [...strange, token])).json(), { new: true })
  t.strictSame(site.store.take(), ['find', 'find', 'find'])
  t.strictSame((await withCookies(site, [...strange.slice(0, 2), token])).json(), { user: 'ann', new: false })
})

t.test('rule 9: of several cookies those of the wrong shape are not looked up, and are none of the three', async (t) => {
  const site = await startSite()
  const token = await site.start({ user: 'ann' })
  const strange = ['', 'junk', '../'.repeat(15), `${'A'.repeat(42)}=`, 'A'.repeat(44)]
  site.store.take()
  t.strictSame((await withCookies(site, strange)).json(), { new: true })
  t.strictSame(site.store.take(), [])
  t.strictSame((await withCookies(site, [...strange, token])).json(), { user: 'ann', new: false })
  t.strictSame(site.store.take(), ['find'])
})

t.test('rule 9: where the store knows several none is used, and there is one warning', async (t) => {
  const site = await startSite()
  const ann = await site.start({ user: 'ann' })
  const eve = await site.start({ user: 'eve' })
  const reply = await withCookies(site, [ann, UNKNOWN, eve])
  t.strictSame(reply.json(), { new: true })
  t.strictSame(setCookies(reply), [])
  t.match(site.warnings(), [{ cookies: 3 }])
  t.equal(site.warnings().length, 1)
  t.notMatch(JSON.stringify(site.warnings()), ann)
  t.strictSame([await site.stored(ann), await site.stored(eve)], [{ user: 'ann' }, { user: 'eve' }])
})

t.test('rule 9: a login ends those of several living sessions that it did not make, so that the browser is healed', async (t) => {
  const site = await startSite()
  const [ann, eve] = [await site.start({ user: 'ann' }), await site.start({ user: 'eve' })]
  const cookie = `session=${ann}; session=${eve}`
  const login = await site.send('POST', undefined, (session) => session.put('user', 'bob'), { cookie })
  const bob = cookieOf(login) ?? ''
  t.strictSame([await site.stored(bob), await site.stored(ann), await site.stored(eve)], [{ user: 'bob' }, undefined, undefined])
  const next = await site.send('GET', undefined, undefined, { cookie: `session=${ann}; session=${bob}` })
  t.strictSame(next.json(), { user: 'bob' })
})

t.test('rule 9: a logout ends each of several living sessions', async (t) => {
  const site = await startSite()
  const [ann, eve] = [await site.start({ user: 'ann' }), await site.start({ user: 'eve' })]
  const reply = await site.send('POST', undefined, (session) => session.destroy(), { cookie: `session=${ann}; session=${eve}` })
  t.equal(cookieOf(reply), '')
  t.strictSame([await site.stored(ann), await site.stored(eve)], [undefined, undefined])
})

t.test('rule 9: that those could not be ended is no failure of the login', async (t) => {
  const site = await startSite()
  const [ann, eve] = [await site.start({ user: 'ann' }), await site.start({ user: 'eve' })]
  site.store.fail('delete', 'before')
  const login = await site.send('POST', undefined, (session) => session.put('user', 'bob'), { cookie: `session=${ann}; session=${eve}` })
  t.equal(login.statusCode, 200)
  t.match(site.warnings().at(-1), { msg: 'a session that was merged, or whose cookie came along, could not be ended' })
})

t.test('rule 9: of several cookies those that are no tokens are not looked up, and none of them is worth a warning', async (t) => {
  const site = await startSite()
  for (const [tokens, looked] of [
    [['junk', 'more junk'], []],
    [['junk', UNKNOWN], ['find']],
    [
      ['P'.repeat(43), UNKNOWN],
      ['find', 'find'],
    ],
  ] as const) {
    t.strictSame((await withCookies(site, tokens)).json(), { new: true })
    t.strictSame(site.store.take(), looked)
  }
  t.strictSame(site.warnings(), [])
})

t.test('rules 5 and 9: a straggler with the old token among several cookies cannot replace the cookie of the log-in', async (t) => {
  const site = await startSite()
  const token = await site.start({ user: 'ann' })
  await site.post(token, (session) => session.renewToken())
  const reply = await site.send('POST', undefined, (session) => session.put('a', 1), { cookie: `session=${UNKNOWN}; session=${token}` })
  t.equal(reply.statusCode, 409)
  t.strictSame(setCookies(reply), [])
})

t.test('rule 9: a log-out with duplicate cookies ends the one that is known', async (t) => {
  const site = await startSite()
  const token = await site.start({ user: 'ann' })
  const reply = await site.send('POST', undefined, (session) => session.destroy(), { cookie: `session=${UNKNOWN}; session=${token}` })
  t.equal(cookieOf(reply), '')
  t.equal(await site.stored(token), undefined)
})

t.test('another cookie whose name ends in ours, or whose value holds it, is not ours', async (t) => {
  const site = await startSite()
  const token = await site.start({ user: 'ann' })
  for (const cookie of [`xsession=${token}`, `x-session=${token}`, `a="session=${token}"`, `Session=${token}`, `%73ession=${token}`]) {
    const reply = await site.send('GET', undefined, (session) => session.data(), { cookie })
    t.strictSame(reply.json(), {}, cookie.replace(token, '…'))
    const ended = await site.send('GET', undefined, (session) => session.destroy(), { cookie })
    t.strictSame(setCookies(ended), [], 'nothing to forget')
  }
})

t.test('a name is not decoded: no other spelling of a __Host- name is ours', async (t) => {
  const site = await startSite({ cookie: { name: '__Host-session' } })
  const token = await site.start({ user: 'ann' })
  const dataFor = async (name: string) => (await site.send('GET', undefined, undefined, { cookie: `${name}=${token}` })).json()
  t.strictSame(await dataFor('__Host-session'), { user: 'ann' })
  for (const name of [
    '%5F%5FHost-session',
    '%5f_Host-session',
    '__Host%2Dsession',
    '__Host-sessio%6E',
    '__host-session',
    '..Host-session',
  ]) {
    t.strictSame(await dataFor(name), {}, name)
  }
})

t.test('rule 11: the cookie that clears has the attributes of the one that sets', async (t) => {
  const options: ScsOptions['cookie'][] = [
    {},
    { name: 'sid', path: '/app', domain: 'example.com', sameSite: 'strict', httpOnly: false },
    { name: '__Host-session' },
    { sameSite: 'none', partitioned: true },
    { secure: true, persist: false },
  ]
  for (const cookie of options) {
    const site = await startSite({ cookie: cookie ?? {} })
    const name = cookie?.name ?? 'session'
    const set = await site.send('POST', undefined, (session) => session.put('a', 1))
    const token = cookieOf(set, name) ?? ''
    const clear = await site.send('POST', undefined, (session) => session.destroy(), { cookie: `${name}=${token}` })
    const attributes = (line = '') =>
      line
        .split('; ')
        .slice(1)
        .filter((part) => !/^(Expires|Max-Age)=/.test(part))
    t.strictSame(attributes(setCookies(clear)[0]), attributes(setCookies(set)[0]))
    t.equal(setCookies(clear).length, 1)
    t.match(setCookies(clear)[0], `${name}=; `)
    t.match(setCookies(clear)[0], 'Expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=0')
    t.equal(clear.headers['cache-control'], 'no-cache="Set-Cookie"')
  }
})

t.test('rule 11: Expires is the deadline in seconds, rounded down, plus one; Max-Age what remains, rounded up', async (t) => {
  for (const [lifetime, maxAge, expires] of [
    ['24h', 86_400, 86_401_000],
    ['1s', 1, 2000],
    [1500, 2, 2000],
    [500, 1, 1000],
    [100, 1, 1000],
  ] as const) {
    const site = await startSite({ lifetime })
    const [cookie] = (await site.post(undefined, (session) => session.put('a', 1))).cookies
    t.equal(cookie?.maxAge, maxAge, `${lifetime}`)
    t.equal((cookie?.expires?.getTime() ?? 0) - site.clock(), expires, `${lifetime}`)
  }
})

t.test('isNew, status, token, id, deadline, keys and data, from nothing to the end', async (t) => {
  const site = await startSite()
  const made = await site.post(undefined, (session) => {
    t.strictSame(
      [session.isNew, session.status, session.token, session.id, session.keys(), session.data()],
      [true, 'unmodified', '', '', [], {}],
    )
    t.equal(session.deadline.getTime(), site.clock() + 86_400_000)
    session.put('b', 1)
    session.put('a', { list: [1] })
    t.strictSame([session.isNew, session.status, session.token], [true, 'modified', ''])
    t.strictSame([session.keys(), session.data()], [['a', 'b'], { a: { list: [1] }, b: 1 }])
  })
  const token = cookieOf(made) ?? ''
  let [id, renewedId] = ['', '']
  const renewed = await site.post(token, (session) => {
    t.strictSame([session.isNew, session.status, session.token, session.keys()], [false, 'unmodified', token, ['a', 'b']])
    id = session.id
    t.match(id, /^[A-Za-z0-9_-]{10,}$/)
    session.renewToken()
    t.equal(session.status, 'modified')
    t.not(session.id, id, 'the id changes with the token, at once')
    renewedId = session.id
  })
  const next = cookieOf(renewed) ?? ''
  await site.post(next, async (session) => {
    t.equal(session.id, renewedId)
    t.notMatch(session.token, session.id)
    const data = session.data()
    data['c'] = 1
    t.strictSame(session.keys(), ['a', 'b'], 'data() is a fresh object')
    await session.destroy()
    t.strictSame([session.isNew, session.status, session.token, session.id, session.keys()], [true, 'destroyed', '', '', []])
    t.equal(session.get('a'), undefined)
  })
})

t.test('an id is no token and no key, whether tokens are hashed or not', async (t) => {
  for (const hashToken of [true, false]) {
    const site = await startSite({ hashToken })
    const { token, id } = await site.app.sessions.create({ a: 1 })
    t.not(id, token)
    t.equal(await site.app.sessions.find(id), undefined)
    t.equal(await site.store.inner.find(id, { expiry: false }), undefined)
    t.strictSame((await site.get(id)).json(), {})
    t.equal((await site.get(token, (session) => ({ id: session.id }))).json().id, id)
  }
})

t.test('a put after destroy starts a new session with a new token, in the same reply', async (t) => {
  const site = await startSite()
  const token = await site.start({ user: 'ann' })
  const reply = await site.post(token, async (session) => {
    await session.destroy()
    session.put('notice', 'bye')
    t.equal(session.status, 'modified')
  })
  t.equal(setCookies(reply).length, 1)
  t.not(cookieOf(reply), token)
  t.strictSame(await site.stored(cookieOf(reply) ?? ''), { notice: 'bye' })
  t.equal(await site.stored(token), undefined)
})
