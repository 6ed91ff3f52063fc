import t from 'tap'
import { hashToken } from '../../lib/token.ts'
import { cookieOf } from '../support/app.ts'
import { type Handler, holdNext, login, logout, type Site, startSite, turns } from './steps.ts'

/** Begins some requests while the save of another is held, and lets that go on once they wait. Returns the replies to all, the held one first. */
async function meanwhile(site: Site, token: string, handlers: readonly Handler[], before: () => unknown = () => {}) {
  const first = holdNext(site.store, 'update')
  const held = site.post(token, (session) => session.update('hits', count))
  await first.reached
  site.store.take()
  const others = []
  for (const handler of handlers) {
    others.push(site.post(token, handler))
    await turns(20)
  }
  await before()
  first.release()
  return await Promise.all([held, ...others])
}

const count = (hits: unknown) => Number(hits ?? 0) + 1
const hit: Handler = (session) => session.update('hits', count)
const statuses = (replies: readonly { statusCode: number }[]) => replies.map(({ statusCode }) => statusCode)
/** The values, without the mark of a save that computed some. */
async function stored(site: Site, token: string) {
  const { __computed: _, ...values } = (await site.stored(token)) ?? { gone: true }
  return values
}
const writes = (site: Site) => site.store.take().filter((verb) => verb === 'update' || verb === 'rename')

t.test('saves of one session that wait for another are made in one write, and none is lost', async (t) => {
  const site = await startSite({ idleTimeout: '20m', cookie: { rolling: true } })
  const token = await site.start({ hits: 0, k3: 3 })
  const puts = [0, 1, 2, 4].map(
    (i): Handler =>
      (session) =>
        session.put(`k${i}`, i),
  )
  const replies = await meanwhile(site, token, [hit, ...puts, hit, (session) => session.remove('k3')])
  t.strictSame(new Set(statuses(replies)), new Set([200]))
  t.strictSame(new Set(replies.map((reply) => cookieOf(reply))), new Set([token]), 'each reply has the cookie that prolongs')
  t.strictSame(await stored(site, token), { hits: 3, k0: 0, k1: 1, k2: 2, k4: 4 })
  t.strictSame(writes(site), ['update'], 'beside the one that was held')
})

t.test('a save that is refused stops none that are made with it', async (t) => {
  const site = await startSite({ maxBytes: 1000 })
  const token = await site.start({ hits: 0 })
  const large: Handler = (session) => session.put('large', 'x'.repeat(990))
  let calls = 0
  const failing: Handler = (session) =>
    session.update('a', () => {
      if (++calls > 1) throw new Error('not twice')
      return 1
    })
  const replies = await meanwhile(site, token, [hit, large, failing, hit])
  t.strictSame(statuses(replies), [200, 200, 500, 500, 200])
  t.match(replies[2]?.json(), { code: 'FST_ERR_SCS_TOO_LARGE' })
  t.match(replies[3]?.json(), { code: 'FST_ERR_SCS_EDIT' })
  t.strictSame(await stored(site, token), { hits: 3 })
  t.strictSame(statuses(await meanwhile(site, token, [large, large])), [200, 500, 500])
  t.strictSame(writes(site), [], 'there was nothing left to write')
})

t.test('what another process writes or ends meanwhile counts for all that wait', async (t) => {
  const site = await startSite()
  const token = await site.start({ hits: 0 })
  const elsewhere = async () => {
    const key = hashToken(token)
    const found = await site.store.inner.find(key, { expiry: true })
    if (found === undefined) throw new Error('it is gone')
    const data = Buffer.from(String(found.data).replace('"hits":1', '"hits":10'))
    t.ok(await site.store.inner.update(key, found.data, { data, expiresAt: Number(found.expiresAt) }))
  }
  let updates = 0
  site.store.gate = async (verb) => {
    if (verb === 'update' && ++updates === 1) await elsewhere()
  }
  t.strictSame(statuses(await meanwhile(site, token, [hit, hit])), [200, 200, 200])
  t.strictSame(await stored(site, token), { hits: 12 })
  t.equal(updates, 2)

  updates = 0
  site.store.gate = async (verb) => {
    if (verb === 'update' && ++updates === 1) await site.store.inner.delete(hashToken(token))
  }
  t.strictSame(statuses(await meanwhile(site, token, [hit, hit])), [200, 409, 409])
  t.strictSame(await stored(site, token), { gone: true })
})

t.test('a logout or a login with a new token is final for those that wait behind it', async (t) => {
  const site = await startSite()
  const token = await site.start({ hits: 0 })
  const replies = await meanwhile(site, token, [hit, login('ann'), hit, hit])
  t.strictSame(statuses(replies), [200, 200, 200, 409, 409])
  t.strictSame(await stored(site, token), { gone: true })
  const renewed = String(cookieOf(replies[2] as never))
  t.strictSame(await stored(site, renewed), { hits: 2, user: 'ann' })
  t.strictSame(
    statuses(await meanwhile(site, renewed, [hit, logout, hit])),
    [409, 409, 200, 200],
    'the logout did not wait, and the last one is a new visitor',
  )
  t.strictSame(await stored(site, renewed), { gone: true })
})

t.test('an error of the store is told to all that waited for the same write, and an unknown outcome is looked up once', async (t) => {
  const site = await startSite()
  const token = await site.start({ hits: 0 })
  const after = await meanwhile(site, token, [hit, hit], () => site.store.fail('update', 'after'))
  t.strictSame(statuses(after), [200, 200, 200])
  t.strictSame(await stored(site, token), { hits: 3 })
  const before = await meanwhile(site, token, [hit, hit], () => site.store.fail('update', 'before'))
  t.strictSame(statuses(before), [200, 503, 503])
  t.strictSame(await stored(site, token), { hits: 4 })
  site.store.fail('update', 'before')
  t.strictSame(statuses(await meanwhile(site, token, [hit, hit])), [503, 200, 200], 'what failed left nothing to build on')
  t.strictSame(await stored(site, token), { hits: 6 })
  site.store.fail('update', 'before')
  const gone = await meanwhile(site, token, [hit, hit], () => site.store.inner.delete(hashToken(token)))
  t.strictSame(statuses(gone), [503, 409, 409])
})

t.test('a store that never agrees is given up for all that wait', async (t) => {
  const site = await startSite()
  const token = await site.start({ hits: 0 })
  let updates = 0
  const update = site.store.inner.update.bind(site.store.inner)
  site.store.inner.update = (...call) => {
    if (++updates < 2) return update(...call)
    site.clock.advance(3000)
    return false
  }
  const replies = await meanwhile(site, token, [hit, hit])
  t.strictSame(statuses(replies), [200, 503, 503])
  t.match(replies[1]?.json(), { code: 'FST_ERR_SCS_CONFLICT' })
})

t.test('a save that hangs holds up no other for longer than half of its time, and other sessions not at all', async (t) => {
  const site = await startSite({ storeTimeout: 2000 })
  const token = await site.start({ hits: 0 })
  const other = await site.start({})
  const first = holdNext(site.store, 'update')
  const hung = site.post(token, hit)
  await first.reached
  t.equal((await site.post(other, hit)).statusCode, 200)
  const later = site.post(token, hit)
  t.equal(await Promise.race([hung, later]), await later, 'while the first one hangs')
  t.equal((await later).statusCode, 200)
  t.equal((await hung).statusCode, 503)
  first.release()
  await turns()
  t.strictSame(await stored(site, token), { hits: 1 })
})

t.test('a cookie that is due is sent by the next reply that was planned after it was noted', async (t) => {
  const site = await startSite({ remember: { lifetime: '30d' }, cookie: { persist: false } })
  for (const isShared of [false, true]) {
    const token = await site.start({ hits: 0 })
    const late: Handler = async (session, _request, reply) => {
      reply.hijack()
      reply.raw.write('x')
      session.rememberMe(true)
      await session.commit()
      reply.raw.end()
    }
    const replies = await meanwhile(site, token, isShared ? [hit, late, hit] : [late, hit])
    t.strictSame(new Set(statuses(replies)), new Set([200]))
    for (const reply of replies) t.equal(reply.headers['set-cookie'], undefined)
    const [next, later] = [await site.post(token, hit), await site.post(token, hit)]
    t.match(next.headers['set-cookie'], /Max-Age=2592000/)
    t.equal(later.headers['set-cookie'], undefined, 'once')
  }
})
