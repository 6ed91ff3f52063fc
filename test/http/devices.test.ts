import t from 'tap'
import type { ListedSession } from '../../index.ts'
import { AUTHENTICATED_AT, CLIENT, CREATED_AT } from '../../lib/data/history.ts'
import { hashToken } from '../../lib/token.ts'
import { describedSite, rawValues, tokenFrom } from './owned-site.ts'
import { type Handler, login, type Site, startSite } from './steps.ts'

const MINUTE = 60_000

/** The sessions of an owner, as the session of a token lists them, the oldest first. */
async function devices(site: Site, owner: string, token?: string): Promise<ListedSession[]> {
  const listed: ListedSession[] = []
  await site.get(token, async (session) => {
    const options = token === undefined ? {} : { current: session }
    for await (const each of site.app.sessions.ownedBy(owner, options)) listed.push(each)
  })
  return listed.sort((a, b) => Number(a.createdAt) - Number(b.createdAt))
}

t.test('a list of devices says of each when it was created, logged in and last seen, from where, and which is this one', async (t) => {
  const site = await describedSite({ idleTimeout: '1h', remember: { lifetime: '30d', idleTimeout: '7d' } })
  const start = site.clock()
  const cart = await tokenFrom(site, undefined, (session) => session.put('cart', 1), 'none of interest')
  site.clock.advance(5 * MINUTE)
  const first = await tokenFrom(site, cart, login('ann'))
  site.clock.advance(5 * MINUTE)
  const remembered: Handler = (session, ...others) => {
    login('ann')(session, ...others)
    session.rememberMe(true)
  }
  const second = await tokenFrom(site, undefined, remembered, 'Safari')
  await tokenFrom(site, undefined, login('bob'))
  site.clock.advance(5 * MINUTE)
  await site.get(first)
  const [one, two, ...others] = await devices(site, 'ann', second)
  t.same(others, [])
  t.match(one, { createdAt: start, authenticatedAt: start + 5 * MINUTE, lastSeenAt: start + 15 * MINUTE, isCurrent: false })
  t.match(one, { client: { address: '127.0.0.1', userAgent: 'Firefox' }, isRemembered: false })
  const then = start + 10 * MINUTE
  t.match(two, { createdAt: then, authenticatedAt: then, lastSeenAt: then, isCurrent: true, isRemembered: true })
  t.match(two, { client: { address: '127.0.0.1', userAgent: 'Safari' }, expiresAt: then + 7 * 24 * 60 * MINUTE })
  t.match(one?.id, /^[\w-]{22}$/, 'an id that is safe in a form and in a URL')
  const own = await site.get(first, (session) => [session.createdAt, session.authenticatedAt, session.client, session.id])
  t.same(own.json(), [one?.createdAt, one?.authenticatedAt, one?.client, one?.id])
})

t.test('a device is ended by its id from another one, and a stranger can end none', async (t) => {
  const site = await describedSite()
  const [mine, other] = [await tokenFrom(site, undefined, login('ann')), await tokenFrom(site, undefined, login('ann'))]
  const eve = await tokenFrom(site, undefined, login('eve'))
  const [id = ''] = (await devices(site, 'ann', mine)).flatMap((each) => (each.isCurrent ? [] : [each.id]))
  t.equal((await site.post(eve, () => site.app.sessions.destroy(id, { owner: 'eve' }))).body, 'false')
  t.equal((await site.post(mine, () => site.app.sessions.destroy(id, { owner: 'ann' }))).body, 'true')
  t.same((await site.get(other)).json(), {})
  t.same((await site.get(mine)).json(), { user: 'ann' })
  t.equal(
    (await devices(site, 'ann')).some(({ isCurrent }) => isCurrent),
    false,
    'none is marked where none was named',
  )
  const strange = await site.get(eve, (session) => site.app.sessions.ownedBy('ann', { current: session }).next())
  t.match(strange.json(), { value: { isCurrent: false } })
  await t.rejects(site.app.sessions.ownedBy('ann', { current: {} as never }).next(), { code: 'FST_ERR_SCS_ARGUMENT', message: /current/ })
  const given = await site.app.sessions.find(mine)
  for (const options of [null, 'current', given])
    t.throws(() => site.app.sessions.ownedBy('ann', options as never), { code: 'FST_ERR_SCS_ARGUMENT', message: /ownedBy/ })
})

t.test('clear, regenerate and a merge leave what a session keeps about itself', async (t) => {
  const site = await describedSite()
  const token = await tokenFrom(site, undefined, login('ann'))
  const before = await rawValues(site, token)
  site.clock.advance(MINUTE)
  const other = await tokenFrom(site, undefined, login('bob'), 'Safari')
  await site.post(token, (session) => session.clear())
  // The login was the owner's, who is gone.
  const { user: _, [AUTHENTICATED_AT]: __, ...kept } = before
  t.same(await rawValues(site, token), kept)
  await site.post(token, (session) => session.put('user', 'ann'))
  await site.post(token, (session) => session.mergeSession(other))
  t.match(await rawValues(site, token), { user: 'bob', [CREATED_AT]: before[CREATED_AT], [CLIENT]: before[CLIENT] })
  const renewed = await tokenFrom(site, token, (session) => session.regenerate(['user']), 'Opera')
  t.same(await rawValues(site, renewed), {
    user: 'bob',
    [CREATED_AT]: before[CREATED_AT],
    [AUTHENTICATED_AT]: site.clock(),
    [CLIENT]: JSON.stringify({ address: '127.0.0.1', userAgent: 'Opera' }),
  })
  t.same((await site.get(renewed, (session) => [session.keys(), session.data()])).json(), [['user'], { user: 'bob' }])
})

t.test('a clear that finds only what a session keeps about itself is not worth a write', async (t) => {
  const site = await describedSite()
  const token = await tokenFrom(site, undefined, login('ann'))
  await site.post(token, (session) => session.clear())
  site.store.take()
  await site.post(token, (session) => session.clear())
  t.same(site.store.take(), ['find'])
})

t.test('a session of an older release or of SCS, which has none of these, goes on as it is', async (t) => {
  const site = await describedSite({ idleTimeout: '1h' })
  const token = await site.start({ user: 'ann' })
  const expiresAt = site.clock() + 60 * MINUTE
  const data = Buffer.from(
    JSON.stringify({ deadline: site.clock() + 24 * 60 * MINUTE, values: { user: 'ann', [CREATED_AT]: '?', [CLIENT]: '[' } }),
  )
  const found = await site.store.inner.find(hashToken(token), { expiry: false })
  await site.store.inner.update(hashToken(token), found?.data ?? data, { data, expiresAt, owner: 'ann' })
  const [old] = await devices(site, 'ann')
  t.same((await site.get(await site.start({}), (session) => [session.client, session.createdAt])).json(), [null, site.clock()])
  t.match(old, { createdAt: undefined, authenticatedAt: undefined, lastSeenAt: expiresAt - 60 * MINUTE, client: undefined })
  t.equal((await site.post(token, (session) => session.put('a', 1))).statusCode, 200)
  const renewed = await tokenFrom(site, token, login('ann'))
  t.match(await devices(site, 'ann'), [{ createdAt: undefined, authenticatedAt: site.clock(), client: { userAgent: 'Firefox' } }])
  t.same(await site.stored(renewed), { user: 'ann', a: 1 })
})

t.test('when a session was last seen is not said where the deadline hides it, and is never in the future', async (t) => {
  const site = await describedSite({ lifetime: '24h', idleTimeout: '12h' })
  const start = site.clock()
  const token = await tokenFrom(site, undefined, login('ann'))
  const seen: (number | undefined)[] = []
  for (let hour = 0; hour < 23; hour += 11) {
    await site.get(token)
    seen.push((await devices(site, 'ann'))[0]?.lastSeenAt)
    site.clock.advance(11 * 60 * MINUTE)
  }
  t.same(seen, [start, start + 11 * 60 * MINUTE, undefined])
  const shorter = await startSite({ store: site.store, clock: site.clock, owner: 'user', idleTimeout: '1h' })
  await site.start({ user: 'bob' })
  t.match(await devices(shorter, 'bob'), [{ lastSeenAt: site.clock() }])
})
