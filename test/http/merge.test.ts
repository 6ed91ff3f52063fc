import t from 'tap'
import { hashToken, newToken } from '../../lib/token.ts'
import { cookieOf, setCookies } from '../support/app.ts'
import { holdIn, startSite } from './steps.ts'

const UNKNOWN = 'U'.repeat(43)

t.test('mergeSession takes over the values of the other session, which win, and ends that session', async (t) => {
  const site = await startSite()
  const token = await site.start({ a: 1, both: 'mine', list: [1] })
  const other = await site.start({ b: 2, both: 'theirs' })
  const reply = await site.post(token, async (session) => {
    await session.mergeSession(other)
    t.strictSame(session.data(), { a: 1, b: 2, both: 'theirs', list: [1] })
    t.equal(session.status, 'modified')
  })
  t.equal(reply.statusCode, 200)
  t.strictSame(setCookies(reply), [], 'the token is what it was')
  t.strictSame(await site.stored(token), { a: 1, b: 2, both: 'theirs', list: [1] })
  t.equal(await site.stored(other), undefined)
  t.equal(await site.app.sessions.count(), 1)
})

t.test('mergeSession of several sessions takes over and ends them all', async (t) => {
  const site = await startSite()
  const token = await site.start({ a: 1 })
  const others = [await site.start({ b: 2 }), await site.start({ c: 3 })]
  await site.post(token, async (session) => {
    for (const other of others) await session.mergeSession(other)
  })
  t.strictSame(await site.stored(token), { a: 1, b: 2, c: 3 })
  t.equal(await site.app.sessions.count(), 1)
})

t.test('mergeSession takes the later deadline, and the cookie follows', async (t) => {
  for (const [mine, theirs] of [
    [1, 2],
    [2, 1],
  ] as [number, number][]) {
    const site = await startSite()
    const token = await site.start({ a: 1 })
    const other = await site.start({ b: 2 })
    const at = (hours: number) => new Date(site.clock() + hours * 3_600_000)
    await site.post(token, (session) => session.setDeadline(at(mine)))
    await site.post(other, (session) => session.setDeadline(at(theirs)))
    const reply = await site.post(token, async (session) => {
      await session.mergeSession(other)
      t.strictSame(session.deadline, at(2))
    })
    if (theirs > mine) t.equal(reply.cookies[0]?.maxAge, 7200)
    t.equal((await site.get(token, (session) => session.deadline)).json(), at(2).toISOString())
  }
})

t.test('mergeSession takes over whether the user is to be remembered', async (t) => {
  const site = await startSite({ cookie: { persist: false } })
  const token = await site.start({ a: 1 })
  const other = await site.start({ b: 2 })
  await site.post(other, (session) => session.rememberMe(true))
  const reply = await site.post(token, (session) => session.mergeSession(other))
  t.equal(reply.cookies[0]?.maxAge, 86_400)
})

t.test(
  'with a store that answers at once the merged sessions end as well, into a stored session, a renewed one and a new one',
  async (t) => {
    for (const kind of ['stored', 'renewed', 'new'] as const) {
      const site = await startSite({}, 'sync')
      const token = kind === 'new' ? undefined : await site.start({ a: 1 })
      const other = await site.start({ b: 2 })
      const reply = await site.post(token, async (session) => {
        if (kind === 'renewed') session.renewToken()
        await session.mergeSession(other)
      })
      t.equal(reply.statusCode, 200, kind)
      t.equal(await site.stored(other), undefined, kind)
      t.equal(await site.app.sessions.count(), 1, kind)
    }
  },
)

t.test('mergeSession of a session that is missing, expired, unreadable or the same changes nothing', async (t) => {
  const site = await startSite({ lifetime: '1h' })
  const expired = await site.start({ b: 2 })
  site.clock.advance(3_600_000)
  const token = await site.start({ a: 1 })
  const unreadable = newToken()
  await site.store.inner.create(hashToken(unreadable), { data: Buffer.from('{'), expiresAt: site.clock() + 1000 })
  for (const [name, other] of Object.entries({ same: token, missing: UNKNOWN, empty: '', malformed: 'x', expired, unreadable })) {
    site.store.take()
    const reply = await site.post(token, async (session) => {
      await session.mergeSession(other)
      t.equal(session.status, 'unmodified', name)
    })
    t.equal(reply.statusCode, 200, name)
    t.strictSame(setCookies(reply), [], name)
    const looks = ['same', 'empty', 'malformed'].includes(name) ? 1 : 2
    t.strictSame(site.store.take(), Array(looks).fill('find'), `${name}: no write, and no look at what is no other session's`)
    t.strictSame(await site.stored(token), { a: 1 }, name)
  }
})

t.test('mergeSession into a new session stores one that has the values', async (t) => {
  const site = await startSite()
  const other = await site.start({ b: 2 })
  const reply = await site.post(undefined, (session) => session.mergeSession(other))
  t.strictSame(await site.stored(cookieOf(reply) ?? ''), { b: 2 })
  t.equal(await site.stored(other), undefined)
})

t.test('mergeSession: that the other could not be ended is no failure of the save', async (t) => {
  const site = await startSite()
  const token = await site.start({ a: 1 })
  const other = await site.start({ b: 2 })
  site.store.fail('delete', 'before')
  const reply = await site.post(token, (session) => session.mergeSession(other))
  t.equal(reply.statusCode, 200)
  t.strictSame(setCookies(reply), [], 'the token is what it was')
  t.strictSame(await site.stored(token), { a: 1, b: 2 })
  t.match(site.warnings(), [
    { msg: 'a session that was merged, or whose cookie came along, could not be ended', err: { code: 'FST_ERR_SCS_STORE' } },
  ])
  t.equal(site.warnings().length, 1)
})

t.test('a login that renews the token and merges an older session has both, under the new token alone', async (t) => {
  const site = await startSite()
  const token = await site.start({ cart: ['pen'] })
  const other = await site.start({ theme: 'dark' })
  const reply = await site.post(token, async (session) => {
    session.renewToken()
    await session.mergeSession(other)
    session.put('user', 'ann')
  })
  t.strictSame(await site.stored(cookieOf(reply) ?? ''), { cart: ['pen'], theme: 'dark', user: 'ann' })
  t.strictSame([await site.stored(token), await site.stored(other)], [undefined, undefined])
})

t.test('regenerate renews the token and keeps only the named keys', async (t) => {
  const site = await startSite()
  for (const [keep, kept] of [
    [undefined, {}],
    [[], {}],
    [['theme', 'absent'], { theme: 'dark' }],
  ] as [string[] | undefined, object][]) {
    const token = await site.start({ user: 'ann', theme: 'dark' })
    const reply = await site.post(token, async (session) => {
      await session.regenerate(keep)
      t.strictSame(session.data(), kept)
      session.put('fresh', true)
    })
    t.not(cookieOf(reply), token)
    t.strictSame(await site.stored(cookieOf(reply) ?? ''), { ...kept, fresh: true })
    t.equal(await site.stored(token), undefined)
  }
})

t.test('regenerate removes what another request put in meanwhile as well', async (t) => {
  const site = await startSite()
  const token = await site.start({ theme: 'dark' })
  const { handler, held } = holdIn((session) => session.regenerate(['theme']))
  const slow = site.post(token, handler)
  await held.reached
  await site.post(token, (session) => {
    session.put('planted', 1)
    session.put('theme', 'light')
  })
  held.release()
  t.strictSame(await site.stored(cookieOf(await slow) ?? ''), { theme: 'light' })
})
