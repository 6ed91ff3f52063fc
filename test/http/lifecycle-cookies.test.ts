import t from 'tap'
import type { ScsOptions } from '../../index.ts'
import { cookieOf, setCookies } from '../support/app.ts'
import { startSite } from './steps.ts'

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
