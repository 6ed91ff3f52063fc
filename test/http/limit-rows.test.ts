import { channel } from 'node:diagnostics_channel'
import t from 'tap'
import { Type } from 'typebox'
import { newToken, reservationKey } from '../../lib/token.ts'
import { limitedSite, loginOf } from './owned-site.ts'
import { login, type Site } from './steps.ts'

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
      const site = await limitedSite(then, 1, { schema, upgrade })
      await plant(site, row(site))
      t.equal((await site.post(undefined, login('ann'))).statusCode, counts && then === 'refuse' ? 409 : 200, `${what}, ${then}`)
      t.equal(await site.store.inner.count(), counts ? 1 : 2, `${what}, ${then}`)
    }
  }
  const foreign = await limitedSite('refuse', 1)
  await foreign.store.inner.create(newToken(), { data: Buffer.from([1, 2, 3]), expiresAt: foreign.clock() + 1000, owner: 'bob' })
  foreign.store.ownedBy = () => foreign.store.inner.ownedBy('bob')
  t.equal((await foreign.post(undefined, login('ann'))).statusCode, 200, 'nor does another codec’s stray')
})

t.test('counting ends with the time of the login: one is refused with 503, and the other holds', async (t) => {
  for (const then of ['end-oldest', 'refuse'] as const) {
    for (const passes of ['while it lists', 'while it looks'] as const) {
      const site = await limitedSite(then, 1)
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
    const site = await limitedSite('refuse', 1)
    await plant(site, JSON.stringify({ deadline: site.clock() + 1000, values }), reservationKey('ann'))
    t.equal((await site.post(undefined, login('ann'))).statusCode, 200)
  }
})

t.test('who listens is told of a login that was refused', async (t) => {
  const site = await limitedSite('refuse', 1)
  const seen: unknown[] = []
  const note = (message: unknown) => void seen.push(message)
  await loginOf(site, 'ann')
  channel('scs:session').subscribe(note)
  t.teardown(() => channel('scs:session').unsubscribe(note))
  await site.post(undefined, login('ann'))
  t.match(seen, [{ event: 'refused', reason: 'limit' }])
})
