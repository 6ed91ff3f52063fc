import t from 'tap'
import { requireFresh, type ScsOptions } from '../../index.ts'
import { cookieOf, makeApp } from '../support/app.ts'
import { fakeClock } from '../support/clock.ts'
import { isFresh, tokenFrom } from './owned-site.ts'
import { type Handler, login, startSite } from './steps.ts'

const MINUTE = 60_000

t.test('a login is fresh until it is longer ago than asked, and a new one makes it fresh again', async (t) => {
  const site = await startSite({ lifetime: '1h' })
  const before = await site.post(undefined, (session) => {
    session.put('cart', 1)
    return [session.isFresh('10m'), session.authenticatedAt ?? null]
  })
  t.same(before.json(), [false, null], 'nobody logged in')
  const token = await tokenFrom(site, cookieOf(before), (session, request, reply) => {
    login('ann')(session, request, reply)
    if (!session.isFresh(1)) throw new Error('not at once')
  })
  site.clock.advance(10 * MINUTE)
  t.equal(await isFresh(site, token), true, 'no longer ago')
  t.equal(await isFresh(site, token, 599_999), false)
  site.clock.advance(1)
  t.equal(await isFresh(site, token), false)
  t.equal(await isFresh(site, await tokenFrom(site, token, (session) => session.renewToken())), true)
})

t.test('a renewal for another reason changes neither the login nor the deadline', async (t) => {
  const site = await startSite({ lifetime: '1h' })
  const first = await tokenFrom(site, undefined, login('ann'))
  site.clock.advance(20 * MINUTE)
  const reads: Handler = (session) => [session.authenticatedAt, session.deadline]
  const before = (await site.get(first, reads)).json()
  const second = await tokenFrom(site, first, (session) => session.renewToken({ reauthenticated: false }))
  t.not(second, first)
  t.same((await site.get(second, reads)).json(), before)
  const third = await tokenFrom(site, second, (session) => session.renewToken({ reauthenticated: false, keepDeadline: false }))
  t.same((await site.get(third, reads)).json(), [before[0], new Date(site.clock() + 60 * MINUTE).toJSON()])
  const fourth = await tokenFrom(site, third, (session) => session.renewToken({ keepDeadline: true }))
  t.same((await site.get(fourth, reads)).json(), [site.clock(), new Date(site.clock() + 60 * MINUTE).toJSON()])
})

t.test('a login is its owner’s: without the owner, or with another one, nobody is logged in', async (t) => {
  const changes: [Handler, boolean][] = [
    [(session) => session.remove('user'), false],
    [(session) => session.clear(), false],
    [(session) => session.regenerate(), false],
    [(session) => session.put('user', 'bob'), false],
    [(session) => session.update('user', () => 'bob'), false],
    [(session) => session.put('user', 'ann'), true],
    [(session) => session.update('user', (user) => user), true],
    [(session) => session.put('other', 'bob'), true],
    [login('bob'), true],
    [
      (session) => {
        session.put('user', 'bob')
        session.renewToken()
      },
      true,
    ],
  ]
  for (const [change, fresh] of changes) {
    const site = await startSite({ owner: 'user' })
    const token = await tokenFrom(site, await tokenFrom(site, undefined, login('ann')), change)
    t.equal(await isFresh(site, token), fresh, String(change))
    // Who comes afterwards has not logged in, whatever the session still knew.
    const later = await tokenFrom(site, token, (session) => session.put('user', 'eve'))
    t.equal(await isFresh(site, later), false, String(change))
  }
  const site = await startSite({ owner: 'user' })
  const [ann, bob] = [await tokenFrom(site, undefined, login('ann')), await tokenFrom(site, undefined, login('bob'))]
  await site.post(ann, (session) => session.mergeSession(bob))
  t.equal(await isFresh(site, ann), false, 'a merge brings the other owner, and not their login')
})

t.test('a login of a request that fails does not count', async (t) => {
  const site = await startSite()
  const token = await tokenFrom(site, undefined, login('ann'))
  site.clock.advance(20 * MINUTE)
  const failed = await site.post(token, (session) => {
    session.renewToken()
    throw new Error('of the handler')
  })
  t.equal(failed.statusCode, 500)
  t.equal(await isFresh(site, String(cookieOf(failed))), false)
})

t.test('two logins at once leave a session that is fresh, and so does one that meets another request', async (t) => {
  const site = await startSite()
  const token = await tokenFrom(site, undefined, login('ann'))
  site.clock.advance(20 * MINUTE)
  const replies = await Promise.all([
    site.post(token, login('ann')),
    site.post(token, login('ann')),
    site.post(token, (session) => session.put('a', 1)),
  ])
  for (const next of replies.map((reply) => cookieOf(reply)).filter((each) => each !== undefined)) t.equal(await isFresh(site, next), true)
})

t.test('requireFresh answers 401 with a code when the login is too long ago, and lets everybody else go on', async (t) => {
  const clock = fakeClock()
  const options: ScsOptions = { clock, owner: 'user' }
  const { app } = await makeApp(options, (app) => {
    app.get('/fresh', { preHandler: requireFresh('10m') }, async () => ({ ok: true }))
    app.get(
      '/other',
      { preHandler: requireFresh('10m', (request: { session: { isFresh(within: '10m'): boolean } }) => request.session) },
      async () => ({ ok: true }),
    )
    app.get('/off', { config: { session: false }, preHandler: requireFresh('10m') }, async () => ({ ok: true }))
  })
  const { cookie } = await app.sessions.create({ user: 'ann' })
  for (const url of ['/fresh', '/other']) {
    t.equal((await app.inject({ url, cookies: cookie })).statusCode, 200)
    const stranger = await app.inject(url)
    t.match(stranger.json(), { statusCode: 401, code: 'FST_ERR_SCS_NOT_FRESH' })
  }
  clock.advance(10 * MINUTE + 1)
  t.match((await app.inject({ url: '/fresh', cookies: cookie })).json(), { statusCode: 401, code: 'FST_ERR_SCS_NOT_FRESH' })
  t.match((await app.inject('/off')).json(), { statusCode: 500, code: 'FST_ERR_SCS_OFF' })
  const odd = requireFresh('10m', () => {
    throw undefined
  })
  odd({}, {}, (error) => t.match(error, { code: 'FST_ERR_SCS_NOT_FRESH' }, 'whatever is thrown, nobody goes on'))
  for (const within of ['soon', 0, undefined, null, {}])
    t.throws(() => requireFresh(within as never), { code: 'FST_ERR_SCS_ARGUMENT', message: /^requireFresh\(within\) needs/ })
  const session = await app.sessions.find(String(cookie['session']))
  t.throws(() => session?.isFresh('soon' as never), { code: 'FST_ERR_SCS_ARGUMENT', message: /^isFresh\(within\) needs/ })
})

t.test('requireFresh refuses what cannot be its arguments where it is called', async (t) => {
  for (const within of [undefined, '10 minutes', 0])
    t.throws(() => requireFresh(within as never), { code: 'FST_ERR_SCS_ARGUMENT', message: /^requireFresh\(within\) needs/ })
  for (const of of ['admin', {}, null])
    t.throws(() => requireFresh('10m', of as never), { code: 'FST_ERR_SCS_ARGUMENT', message: /^requireFresh\(within, of\) needs/ })
})

t.test('a login in the future, by the clock of another machine, is as fresh as one that is as long ago', async (t) => {
  const site = await startSite()
  const token = await tokenFrom(site, undefined, login('ann'))
  site.clock.advance(-10 * MINUTE)
  t.equal(await isFresh(site, token), true)
  site.clock.advance(-1)
  t.equal(await isFresh(site, token), false)
})
