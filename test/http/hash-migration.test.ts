import t from 'tap'
import { hashToken, newToken, publicId, renewalKey } from '../../lib/token.ts'
import { cookieOf, setCookies } from '../support/app.ts'
import { type Handler, holdIn, holdNext, login, logout, payload, type Site, startSite } from './steps.ts'

const HOUR = 3_600_000

/** A site that migrates, and a token whose session has the token itself for a key. */
async function start(options = {}): Promise<{ site: Site; token: string }> {
  const site = await startSite({ hashToken: 'migrate', ...options })
  const token = newToken()
  const data = Buffer.from(JSON.stringify({ deadline: site.clock() + HOUR, values: { user: 'ann' } }))
  await site.store.inner.create(token, { data, expiresAt: site.clock() + HOUR })
  return { site, token }
}

const at = async ({ store }: Site, key: string) => {
  const record = await store.inner.find(key, { expiry: true })
  return record === undefined ? undefined : payload(record.data).values
}

const add: Handler = (session) => session.update('n', (n) => Number(n ?? 0) + 1)

t.test('both kinds are found, and a session moves with its first save', async (t) => {
  const { site, token } = await start()
  t.strictSame((await site.get(token)).json(), { user: 'ann' })
  t.strictSame(await at(site, token), { user: 'ann' }, 'a request that only reads moves nothing')
  const saved = await site.post(token, (session) => session.put('a', 1))
  t.strictSame(setCookies(saved), [], 'the token stays')
  t.equal(await at(site, token), undefined)
  t.strictSame(await at(site, hashToken(token)), { user: 'ann', a: 1 })
  t.strictSame((await site.get(token)).json(), { user: 'ann', a: 1 })
  const fresh = cookieOf(await site.post(undefined, (session) => session.put('user', 'bob')))
  t.strictSame(await at(site, hashToken(String(fresh))), { user: 'bob' })
})

t.test('the id is that of the listing, before and after', async (t) => {
  const { site, token } = await start()
  const ids = async () => {
    const listed: string[] = []
    for await (const { id } of site.app.sessions.all()) listed.push(id)
    return [(await site.get(token, (session) => session.id)).body, ...listed]
  }
  t.same(await ids(), [publicId(token), publicId(token)])
  await site.post(token, add)
  t.same(await ids(), [publicId(hashToken(token)), publicId(hashToken(token))])
})

t.test('two that save at once lose nothing, whichever moves the session', async (t) => {
  for (const second of [add, (session: Parameters<Handler>[0]) => session.put('other', 1)] as readonly Handler[]) {
    const { site, token } = await start()
    const move = holdNext(site.store, 'rename')
    const slow = site.post(token, add)
    await move.reached
    t.equal((await site.post(token, second)).statusCode, 200)
    move.release()
    t.equal((await slow).statusCode, 200)
    t.not(await at(site, hashToken(token)), undefined)
    t.strictSame((await site.get(token)).json(), second === add ? { user: 'ann', n: 2 } : { user: 'ann', n: 1, other: 1 })
  }
})

t.test('a session that moves between two look-ups is found', async (t) => {
  const { site, token } = await start()
  const first = holdNext(site.store, 'find')
  const slow = site.get(token)
  await first.reached
  const second = holdNext(site.store, 'find')
  first.release()
  await second.reached
  await site.post(token, add)
  second.release()
  t.strictSame((await slow).json(), { user: 'ann', n: 1 })
})

t.test('a login and a logout take it with them, at any moment', async (t) => {
  const { site, token } = await start()
  const fresh = String(cookieOf(await site.post(token, login('ann'))))
  t.strictSame((await site.get(token)).json(), {})
  t.strictSame(await at(site, hashToken(fresh)), { user: 'ann' })
  for (const [verb, meanwhile] of [
    ['delete', add],
    ['rename', logout],
  ] as const) {
    const { site, token } = await start()
    const held = holdNext(site.store, verb)
    const slow = site.post(token, verb === 'delete' ? logout : add)
    await held.reached
    await site.post(token, meanwhile)
    held.release()
    t.equal((await slow).statusCode, verb === 'delete' ? 200 : 409)
    t.strictSame((await site.get(token)).json(), {}, verb)
    t.equal(await site.app.sessions.count(), 0, verb)
  }
})

t.test('a socket that has it open for long ends it where it is now', async (t) => {
  const { site, token } = await start()
  const session = await site.app.sessions.find(token)
  await site.post(token, add)
  await site.store.inner.delete(renewalKey(token))
  await session?.reload()
  t.equal(session?.get('n' as never), 1)
  const other = await start()
  const open = await other.site.app.sessions.find(other.token)
  await other.site.post(other.token, add)
  await other.site.store.inner.delete(renewalKey(other.token))
  await open?.destroy()
  t.equal(await other.site.app.sessions.count(), 0)
})

t.test('two cookies, a merge and an unknown token', async (t) => {
  const { site, token } = await start()
  const reply = await site.send('GET', undefined, undefined, { cookie: `session=${newToken()}; session=${token}` })
  t.strictSame(reply.json(), { user: 'ann' })
  const own = await site.start({ b: 2 })
  await site.post(own, (session) => session.mergeSession(token))
  t.strictSame(await site.stored(own), { user: 'ann', b: 2 })
  t.equal(await at(site, token), undefined)
  t.strictSame((await site.get(newToken())).json(), {})
})

t.test('a straggler that saw the old token renewed is superseded', async (t) => {
  const { site, token } = await start()
  await site.post(token, login('ann'))
  t.equal((await site.post(token, (session) => session.put('a', 1))).statusCode, 409)
})

t.test('a login in flight does not undo the logout of a session that moved, and nobody waits a minute', async (t) => {
  const { site, token } = await start()
  const { handler, held } = holdIn(login('ann'))
  const slow = site.post(token, handler)
  await held.reached
  await site.post(token, add)
  await site.post(token, logout)
  held.release()
  t.equal((await slow).statusCode, 409)
  t.equal(await site.app.sessions.count(), 0)
  const next = await site.post(token, (session) => session.put('a', 1))
  t.equal(next.statusCode, 200, 'a move is no renewal')
  t.equal(await site.app.sessions.count(), 1)
})

t.test('of two logins at once both succeed, one on a session that the other moved and renewed', async (t) => {
  const { site, token } = await start()
  const { handler, held } = holdIn(login('ann'))
  const slow = site.post(token, handler)
  await held.reached
  await site.post(token, add)
  await site.post(token, login('bob'))
  held.release()
  t.strictSame((await site.get(cookieOf(await slow))).json(), { user: 'ann' })
})

t.test('destroyOwnedBy spares the session that asks, wherever it has moved', async (t) => {
  for (const asksFirst of [true, false]) {
    const { site, token } = await start({ owner: 'user' })
    await site.get(token)
    await site.start({ user: 'ann' })
    const { handler, held } = holdIn((session) => session.get('user'))
    const slow = site.post(token, async (session, request, reply) => {
      await handler(session, request, reply)
      return { ended: await site.app.sessions.destroyOwnedBy('ann', { except: session }) }
    })
    await held.reached
    if (asksFirst) await site.post(token, add)
    held.release()
    t.strictSame((await slow).json(), { ended: 1 })
    t.match((await site.get(token)).json(), { user: 'ann' })
  }
  const { site } = await start({ owner: 'user' })
  await site.start({ user: 'ann' })
  await site.post(undefined, async (session) => t.equal(await site.app.sessions.destroyOwnedBy('ann', { except: session }), 1))
})
