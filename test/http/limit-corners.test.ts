import { channel } from 'node:diagnostics_channel'
import t from 'tap'
import { Type } from 'typebox'
import type { ScsOptions } from '../../index.ts'
import { GobCodec } from '../../lib/codecs/gob.ts'
import { newToken, reservationKey } from '../../lib/token.ts'
import { cookieOf, setCookies } from '../support/app.ts'
import { type Handler, holdNext, latch, login, type Site, startSite } from './steps.ts'

const limited = (then: 'end-oldest' | 'refuse', perOwner = 2, more: ScsOptions = {}) =>
  startSite({ owner: 'user', limit: { perOwner, then }, ...more })

const loginOf = async (site: Site, user: string, token?: string) => cookieOf(await site.post(token, login(user)))

/** The tokens whose sessions live. */
async function living(site: Site, tokens: readonly (string | undefined)[]): Promise<number[]> {
  const found = await Promise.all(tokens.map((token) => site.stored(String(token))))
  return found.flatMap((values, i) => (values === undefined ? [] : [i]))
}

t.test('end-oldest: the login is the newest, in a session that is old, at the same moment and by a clock that is behind', async (t) => {
  const put: Handler = (session) => session.put('user', 'ann')
  const renewed: Handler = (session) => {
    session.renewToken({ reauthenticated: false })
    session.put('user', 'ann')
  }
  for (const handler of [put, renewed, login('ann')]) {
    for (const step of [60_000, 0, -60_000]) {
      const site = await limited('end-oldest', 1)
      const guest = await site.start({ cart: 1 })
      site.clock.advance(60_000)
      const before = await loginOf(site, 'ann')
      site.clock.advance(step)
      const after = cookieOf(await site.post(guest, handler)) ?? guest
      t.same(await living(site, [before, after]), [1], `${step}`)
    }
  }
})

t.test('a session that ends with the login takes no place: one that is merged, and one whose cookie came beside it', async (t) => {
  for (const then of ['end-oldest', 'refuse'] as const) {
    const site = await limited(then, 2)
    const [first, second] = [await loginOf(site, 'ann'), await loginOf(site, 'ann')]
    const merged = await site.post(undefined, async (session) => {
      session.renewToken()
      await session.mergeSession(String(second))
    })
    t.equal(merged.statusCode, 200)
    t.same(await living(site, [first, second, cookieOf(merged)]), [0, 2])
    const planted = await site.start({ user: 'eve' })
    const cookie = `session=${planted}; session=${first}`
    const healed = await site.send('POST', undefined, login('ann'), { cookie })
    t.equal(healed.statusCode, 200)
    t.same(await living(site, [planted, first, cookieOf(merged), cookieOf(healed)]), [2, 3])
  }
})

t.test('sessions of another codec and those that cannot be upgraded count as the oldest', async (t) => {
  for (const then of ['end-oldest', 'refuse'] as const) {
    const site = await limited(then, 1)
    const foreign = await site.start({ user: 'ann' })
    const other = await startSite({
      store: site.store,
      clock: site.clock,
      codec: new GobCodec(),
      owner: 'user',
      limit: { perOwner: 1, then },
    })
    const reply = await other.post(undefined, login('ann'))
    t.equal(reply.statusCode, then === 'refuse' ? 409 : 200)
    t.equal(await site.app.sessions.count(), 1)
    t.equal((await site.stored(foreign)) !== undefined, then === 'refuse')
  }
})

t.test('refuse: a page is served to the client of an adopted session that is one too many, and a POST is told', async (t) => {
  const site = await limited('refuse', 1, { adopt: () => ({ user: 'ann' }) })
  await site.app.sessions.create({ user: 'ann' })
  const page = await site.get(undefined)
  t.same([page.statusCode, setCookies(page)], [200, []])
  t.equal((await site.post(undefined)).statusCode, 409)
  t.match(site.warnings(), [{ msg: /adopted session was not saved/ }])
})

t.test('refuse: the place of a login that died with a clock far ahead is free after the time of a login', async (t) => {
  const site = await limited('refuse', 1, { storeTimeout: '1s' })
  const reserved = latch()
  site.clock.advance(3_600_000)
  site.store.gate = (verb, key) => {
    if (verb !== 'create' || key.startsWith(';')) return undefined
    reserved.open()
    return new Promise(() => {})
  }
  const lost = site.post(undefined, login('ann'))
  await reserved.opened
  site.store.gate = undefined
  site.clock.advance(-3_600_000)
  t.equal((await site.post(undefined, login('ann'))).statusCode, 409)
  site.clock.advance(11_001)
  t.equal((await site.post(undefined, login('ann'))).statusCode, 200)
  t.equal((await lost).statusCode, 503)
})

t.test('end-oldest: a session that is renewed while others are counted is neither ended nor counted twice', async (t) => {
  const site = await limited('end-oldest', 2)
  const [first, second] = [await loginOf(site, 'ann'), await loginOf(site, 'ann')]
  site.clock.advance(1)
  const held = holdNext(site.store, 'delete')
  const third = site.post(undefined, login('ann'))
  await held.reached
  site.clock.advance(1)
  const renewed = await Promise.all([first, second].map((token) => loginOf(site, 'ann', token)))
  held.release()
  t.same(await living(site, [...renewed, cookieOf(await third)]), [0, 1], 'now the third is the oldest')
})

/** Puts a row of ann's into the store, as a listing of hers shows it. */
const plant = (site: Site, data: string, key = newToken()) =>
  site.store.inner.create(key, { data: Buffer.from(data), expiresAt: site.clock() + 3_600_000, owner: 'ann' })

t.test('what a listing shows counts when it is a session of the owner, or may be one to another process', async (t) => {
  const later = (values: object) => (site: Site) => JSON.stringify({ deadline: site.clock() + 3_600_000, values })
  const rows: [string, (site: Site) => string, counts: boolean][] = [
    ['one of an older release', later({ user: 'ann' }), true],
    ['one whose upgrade fails', later({ user: 'ann', n: 'x' }), true],
    ['a stray', later({ user: 'bob' }), false],
    ['bytes that do not decode', () => '{"deadline":', false],
    ['one of another codec', () => '\u0001\u0002\u0003', true],
  ]
  const schema = Type.Object({ user: Type.String(), n: Type.Number() })
  const upgrade = () => {
    throw new Error('of the release')
  }
  for (const [what, row, counts] of rows) {
    for (const then of ['end-oldest', 'refuse'] as const) {
      const site = await limited(then, 1, { schema, upgrade })
      await plant(site, row(site))
      t.equal((await site.post(undefined, login('ann'))).statusCode, counts && then === 'refuse' ? 409 : 200, `${what}, ${then}`)
      t.equal(await site.store.inner.count(), counts ? 1 : 2, `${what}, ${then}`)
    }
  }
  const foreign = await limited('refuse', 1)
  await foreign.store.inner.create(newToken(), { data: Buffer.from([1, 2, 3]), expiresAt: foreign.clock() + 1000, owner: 'bob' })
  foreign.store.ownedBy = () => foreign.store.inner.ownedBy('bob')
  t.equal((await foreign.post(undefined, login('ann'))).statusCode, 200, 'nor does another codec’s stray')
})

t.test('counting ends with the time of the login: one is refused with 503, and the other holds', async (t) => {
  for (const then of ['end-oldest', 'refuse'] as const) {
    for (const passes of ['while it lists', 'while it looks'] as const) {
      const site = await limited(then, 1)
      const phantom = { data: Buffer.from(JSON.stringify({ deadline: site.clock() + 1e9, values: { user: 'ann' } })), expiresAt: 1e15 }
      let isOn = then === 'refuse'
      site.store.ownedBy = async function* () {
        if (!isOn) return
        for (const key of ['phantom', 'spectre']) {
          if (passes === 'while it lists') site.clock.advance(3000)
          yield { key, record: phantom }
        }
      }
      site.store.gate = async (verb, key) => {
        if (verb === 'create' && !key.startsWith(';')) isOn = true
        if (passes === 'while it looks' && key.length < 10) site.clock.advance(2000)
      }
      const reply = await site.post(undefined, login('ann'))
      t.equal(reply.statusCode, then === 'refuse' ? 503 : 200, `${then}, ${passes}`)
      if (then === 'end-oldest') t.match(site.warnings(), [{ msg: /could not be ended/ }], passes)
    }
  }
})

t.test('a record of reservations that nobody can read holds no place', async (t) => {
  for (const values of [{ __reserved: '1' }, { __reserved: '[' }, {}]) {
    const site = await limited('refuse', 1)
    await plant(site, JSON.stringify({ deadline: site.clock() + 1000, values }), reservationKey('ann'))
    t.equal((await site.post(undefined, login('ann'))).statusCode, 200)
  }
})

t.test('who listens is told of a login that was refused', async (t) => {
  const site = await limited('refuse', 1)
  const seen: unknown[] = []
  const note = (message: unknown) => void seen.push(message)
  await loginOf(site, 'ann')
  channel('scs:session').subscribe(note)
  t.teardown(() => channel('scs:session').unsubscribe(note))
  await site.post(undefined, login('ann'))
  t.match(seen, [{ event: 'refused', reason: 'limit' }])
})
