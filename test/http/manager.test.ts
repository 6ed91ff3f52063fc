import t from 'tap'
import { type ListedSession, MemoryStore, SessionManager } from '../../index.ts'
import { hashToken, newToken, renewalKey } from '../../lib/token.ts'
import { makeApp } from '../support/app.ts'
import { type Site, startSite } from './steps.ts'

async function listed(iterable: AsyncIterable<ListedSession>): Promise<ListedSession[]> {
  const all: ListedSession[] = []
  for await (const each of iterable) all.push(each)
  return all
}

const idOf = async (site: Site, token: string) => (await site.get(token, (session) => ({ id: session.id }))).json().id

t.test('create gives token, cookie, id and expiry, and a test or a job is logged in with its cookie', async (t) => {
  const site = await startSite({ lifetime: '1h', cookie: { name: 'sid' } })
  const { token, cookie, id, expiresAt } = await site.app.sessions.create({ user: 'ann' })
  t.match(token, /^[A-Za-z0-9_-]{43}$/)
  t.strictSame(cookie, { sid: token })
  t.equal(expiresAt, site.clock() + 3_600_000)
  const reply = await site.app.inject({ url: '/', cookies: cookie })
  t.strictSame(reply.json(), { user: 'ann' })
  const own = await site.send('GET', undefined, (session) => ({ id: session.id, new: session.isNew }), { cookie: `sid=${token}` })
  t.strictSame(own.json(), { id, new: false })
})

t.test('with an idle timeout, create says when the session ends if nobody comes', async (t) => {
  const site = await startSite({ lifetime: '1h', idleTimeout: '10m' })
  t.equal((await site.app.sessions.create({})).expiresAt, site.clock() + 600_000)
})

t.test('create checks its values as put does, and stores nothing when one is refused', async (t) => {
  const site = await startSite()
  await t.rejects(site.app.sessions.create({ a: () => 1 }), { code: 'FST_ERR_SCS_VALUE' })
  await t.rejects(site.app.sessions.create({ __rememberMe: true }), { code: 'FST_ERR_SCS_KEY' })
  t.equal(await site.app.sessions.count(), 0)
})

t.test('find gives the session of a token, whose changes commit() saves', async (t) => {
  const site = await startSite()
  const token = await site.start({ user: 'ann' })
  const session = await site.app.sessions.find(token)
  t.equal(session?.get('user'), 'ann')
  t.equal(session?.token, token)
  session?.put('seen', true)
  t.strictSame(await site.stored(token), { user: 'ann' }, 'not before the commit')
  t.equal(await session?.commit(), undefined)
  t.strictSame(await site.stored(token), { user: 'ann', seen: true })
  session?.update('count', (count) => Number(count ?? 0) + 1)
  await session?.commit()
  t.strictSame((await site.get(token)).json(), { user: 'ann', seen: true, count: 1 })
})

t.test('find, renewToken and commit move the session; find and destroy end it', async (t) => {
  const site = await startSite()
  const token = await site.start({ user: 'ann' })
  const session = await site.app.sessions.find(token)
  session?.renewToken()
  await session?.commit()
  t.not(session?.token, token)
  t.strictSame((await site.get(session?.token)).json(), { user: 'ann' })
  t.equal(await site.app.sessions.find(token), undefined)
  const again = await site.app.sessions.find(session?.token ?? '')
  await again?.destroy()
  t.equal(await site.app.sessions.count(), 0)
})

t.test('a session from find whose session was ended meanwhile is superseded at its commit', async (t) => {
  const site = await startSite()
  const token = await site.start({ user: 'ann' })
  const session = await site.app.sessions.find(token)
  await site.post(token, (session) => session.destroy())
  session?.put('a', 1)
  await t.rejects(async () => await session?.commit(), { code: 'FST_ERR_SCS_SUPERSEDED', statusCode: 409 })
  t.equal(await site.app.sessions.count(), 0)
})

t.test('find of what is no token, unknown or expired is undefined, and no error', async (t) => {
  const site = await startSite({ lifetime: '1m' })
  const token = await site.start({ user: 'ann' })
  site.clock.advance(60_000)
  for (const each of [token, 'U'.repeat(43), '', 'x', `${token}; session=${token}`]) t.equal(await site.app.sessions.find(each), undefined)
  await t.rejects(site.app.sessions.find(7 as unknown as string), { code: 'FST_ERR_SCS_ARGUMENT' })
})

t.test('all lists the living sessions with id, owner, values, deadline and expiry, and nothing of the token', async (t) => {
  const site = await startSite({ owner: 'user', lifetime: '1h', idleTimeout: '10m' })
  const old = await site.start({ user: 'old' })
  site.clock.advance(600_000)
  const token = await site.start({ user: 'ann', cart: ['pen'] })
  await site.post(token, (session) => session.rememberMe(true))
  await site.start({ theme: 'dark' })
  const all = await listed(site.app.sessions.all())
  t.strictSame(all.map(({ owner }) => owner).sort(), ['ann', undefined])
  const [ann] = all.filter(({ owner }) => owner === 'ann')
  t.strictSame(ann, {
    ...{ id: await idOf(site, token), owner: 'ann', values: { user: 'ann', cart: ['pen'] } },
    ...{ deadline: new Date(site.clock() + 3_600_000), expiresAt: site.clock() + 600_000 },
    ...{ createdAt: site.clock(), authenticatedAt: site.clock(), lastSeenAt: site.clock(), client: undefined },
    ...{ isCurrent: false, isRemembered: true, isForeign: false },
  })
  for (const secret of [token, old, hashToken(token)]) t.notMatch(JSON.stringify(all), secret)
  t.equal(await site.app.sessions.count(), 2)
})

t.test('rows that cannot be read are left out of all and ownedBy, and stop neither', async (t) => {
  const site = await startSite({ owner: 'user' })
  for (const bytes of ['', '{"deadline":1}', '{', '{"deadline":1,"values":{}}']) {
    const record = { data: Buffer.from(bytes), expiresAt: site.clock() + 1000, owner: 'ann' }
    await site.store.inner.create(hashToken(newToken()), record)
  }
  await site.start({ user: 'ann' })
  t.strictSame(
    (await listed(site.app.sessions.all())).map(({ values }) => values),
    [{ user: 'ann' }],
  )
  t.strictSame(
    (await listed(site.app.sessions.ownedBy('ann'))).map(({ values }) => values),
    [{ user: 'ann' }],
  )
  t.equal(await site.app.sessions.destroyOwnedBy('ann'), 5, 'a logout everywhere takes the unreadable ones along')
})

t.test('a trace that a store lists all the same is shown by neither all nor ownedBy', async (t) => {
  const site = await startSite({ owner: 'user' })
  const token = await site.start({ user: 'ann' })
  await site.post(token, (session) => session.renewToken())
  const key = renewalKey(hashToken(token))
  const trace = await site.store.inner.find(key, { expiry: true })
  t.ok(trace, 'there is one')
  const withTrace = async function* () {
    if (trace !== undefined) yield { key, record: { data: trace.data, expiresAt: Number(trace.expiresAt) } }
    yield* site.store.inner.all()
  }
  site.store.all = site.store.ownedBy = withTrace
  const values = [...(await listed(site.app.sessions.all())), ...(await listed(site.app.sessions.ownedBy('ann')))].map(
    (each) => each.values,
  )
  t.strictSame(values, [{ user: 'ann' }, { user: 'ann' }])
})

t.test('destroy ends the session with a handle, for its owner alone when an owner is given', async (t) => {
  const site = await startSite({ owner: 'user' })
  const ann = await site.start({ user: 'ann' })
  const bob = await site.start({ user: 'bob' })
  const [annId, bobId] = [await idOf(site, ann), await idOf(site, bob)]
  t.equal(await site.app.sessions.destroy(bobId, { owner: 'ann' }), false)
  t.strictSame(await site.stored(bob), { user: 'bob' })
  t.equal(await site.app.sessions.destroy(annId, { owner: 'ann' }), true)
  t.equal(await site.stored(ann), undefined)
  t.equal(await site.app.sessions.destroy(annId, { owner: 'ann' }), false)
  for (const nothing of ['', 'x', bob, hashToken(bob)]) t.equal(await site.app.sessions.destroy(nothing), false)
  t.equal(await site.app.sessions.destroy(bobId), true)
  t.equal(await site.app.sessions.count(), 0)
})

t.test('destroy leaves alone what a store still lists for an owner who has it no more', async (t) => {
  const site = await startSite({ owner: 'user' })
  site.store.ownedBy = () => site.store.inner.all()
  const bob = await site.start({ user: 'bob' })
  t.equal(await site.app.sessions.destroy(await idOf(site, bob), { owner: 'ann' }), false)
  t.strictSame(await site.stored(bob), { user: 'bob' })
  t.equal(await site.app.sessions.destroy(await idOf(site, bob), { owner: 'bob' }), true)
})

t.test('destroy refuses what is no handle, and ends nothing', async (t) => {
  const site = await startSite()
  await site.start({ user: 'ann' })
  for (const wrong of [undefined, null, 7, {}]) await t.rejects(site.app.sessions.destroy(wrong as never), { code: 'FST_ERR_SCS_ARGUMENT' })
  t.equal(await site.app.sessions.count(), 1)
})

t.test('a store that fails is wrapped, with its cause, for the manager as well', async (t) => {
  const site = await startSite({ owner: 'user' })
  const token = await site.start({ user: 'ann' })
  const failed = { code: 'FST_ERR_SCS_STORE', statusCode: 503, cause: { message: /connection refused/ } }
  for (const [verb, call] of Object.entries({
    find: () => site.app.sessions.find(token),
    create: () => site.app.sessions.create({}),
    count: () => site.app.sessions.count(),
    deleteOwnedBy: () => site.app.sessions.destroyOwnedBy('ann'),
  })) {
    site.store.fail(verb as 'find', 'before')
    await t.rejects(async () => void (await call()), failed, verb)
  }
})

t.test('close may be called again, app.close() calls it, and leaves the sessions of a shared store alone', async (t) => {
  const store = new MemoryStore()
  const { app } = await makeApp({ store })
  const { token } = await app.sessions.create({ user: 'ann' })
  await app.sessions.close()
  await app.close()
  await app.sessions.close()
  const other = new SessionManager({ store })
  t.equal((await other.find(token))?.get('user'), 'ann')
  await other.close()
})
