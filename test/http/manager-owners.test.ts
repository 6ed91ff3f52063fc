import t from 'tap'
import type { ListedSession, ScsSession } from '../../index.ts'
import { cookieOf } from '../support/app.ts'
import { startSite } from './steps.ts'

async function listed(iterable: AsyncIterable<ListedSession>): Promise<ListedSession[]> {
  const all: ListedSession[] = []
  for await (const each of iterable) all.push(each)
  return all
}

t.test('owners are strings, numbers and bigints, and stand for their digits', async (t) => {
  for (const owner of ['7', 7, 7n]) {
    const site = await startSite({ owner: 'user' })
    await site.start({ user: owner })
    await site.start({ user: '77' })
    for (const asked of ['7', 7, 7n]) {
      const mine = await listed(site.app.sessions.ownedBy(asked))
      t.strictSame(
        mine.map((each) => [each.owner, each.values]),
        [['7', { user: owner }]],
      )
    }
    t.equal(await site.app.sessions.destroyOwnedBy(7), 1)
    t.equal(await site.app.sessions.count(), 1)
  }
})

t.test('an owner that is neither is refused, and names of every kind are only names', async (t) => {
  const site = await startSite({ owner: 'user' })
  const names = ["o'hara", '*', '../x', 'a:b', '{x}', 'ä\ud83d\ude00', '__proto__', 'constructor', 'A', 'a', 'a ']
  for (const user of names) await site.start({ user })
  for (const user of names)
    t.strictSame(
      (await listed(site.app.sessions.ownedBy(user))).map(({ owner }) => owner),
      [user],
    )
  t.equal(await site.app.sessions.destroyOwnedBy('*'), 1)
  for (const wrong of [undefined, null, {}, true]) {
    await t.rejects(site.app.sessions.destroyOwnedBy(wrong as unknown as string), { code: 'FST_ERR_SCS_ARGUMENT' })
  }
})

t.test('the owner follows the session: login, logout of the user and renewal', async (t) => {
  const site = await startSite({ owner: 'user' })
  const token = await site.start({})
  const count = async (user: string) => (await listed(site.app.sessions.ownedBy(user))).length
  const renewed = cookieOf(
    await site.post(token, (session) => {
      session.renewToken()
      session.put('user', 'ann')
    }),
  )
  t.equal(await count('ann'), 1)
  await site.post(renewed, (session) => session.put('user', 'bob'))
  t.strictSame([await count('ann'), await count('bob')], [0, 1])
  await site.post(renewed, (session) => session.remove('user'))
  t.strictSame([await count('bob'), await site.app.sessions.count()], [0, 1])
})

t.test('ownedBy leaves out what a store still lists for an owner who has it no more', async (t) => {
  const site = await startSite({ owner: 'user' })
  await site.start({ user: 'ann' })
  await site.start({ user: 'bob' })
  await site.start({ cart: 'nobody’s' })
  site.store.ownedBy = () => site.store.inner.all()
  t.strictSame(
    (await listed(site.app.sessions.ownedBy('ann'))).map(({ values }) => values),
    [{ user: 'ann' }],
  )
})

t.test('destroyOwnedBy ends all sessions of an owner but the one given, and says how many', async (t) => {
  const site = await startSite({ owner: 'user' })
  const [here = '', ...elsewhere] = [
    await site.start({ user: 'ann' }),
    await site.start({ user: 'ann' }),
    await site.start({ user: 'ann' }),
  ]
  const bob = await site.start({ user: 'bob' })
  const reply = await site.post(here, async (session) => ({ ended: await site.app.sessions.destroyOwnedBy('ann', { except: session }) }))
  t.strictSame(reply.json(), { ended: 2 })
  t.strictSame((await site.get(here)).json(), { user: 'ann' })
  for (const token of elsewhere) t.strictSame((await site.get(token)).json(), {})
  t.strictSame((await site.get(bob)).json(), { user: 'bob' })
  t.equal(await site.app.sessions.destroyOwnedBy('ann'), 1)
  t.equal(await site.app.sessions.destroyOwnedBy('ann'), 0)
  await t.rejects(site.app.sessions.destroyOwnedBy('bob', { except: {} as never }), { code: 'FST_ERR_SCS_ARGUMENT' })
  t.strictSame((await site.get(bob)).json(), { user: 'bob' })
})

t.test('destroyOwnedBy but for what is no session of this manager ends nobody', async (t) => {
  const [site, other] = [await startSite({ owner: 'user' }), await startSite({ owner: 'user' })]
  await site.start({ user: 'ann' })
  const foreign = await other.app.sessions.find(await other.start({ user: 'ann' }))
  const off: { session?: ScsSession } = {}
  site.app.get('/off', { config: { session: false } }, async (request) => {
    off.session = request.session
  })
  await site.app.inject('/off')
  for (const except of [foreign, off.session, {}, null, 'session'])
    await t.rejects(site.app.sessions.destroyOwnedBy('ann', { except: except as ScsSession }), {
      code: 'FST_ERR_SCS_ARGUMENT',
      message: /except.*needs a session of this manager/,
    })
  t.equal(await site.app.sessions.count(), 1)
})

t.test('destroyOwnedBy but for a session that is not stored yet excepts none', async (t) => {
  const site = await startSite({ owner: 'user' })
  await site.start({ user: 'ann' })
  const { inner } = site.store
  const end = inner.deleteOwnedBy.bind(inner)
  const excepted: unknown[] = []
  inner.deleteOwnedBy = (owner, exceptKey) => {
    excepted.push(exceptKey)
    return end(owner, exceptKey)
  }
  const reply = await site.post(undefined, async (session) => ({
    ended: await site.app.sessions.destroyOwnedBy('ann', { except: session }),
  }))
  t.strictSame(reply.json(), { ended: 1 })
  t.strictSame(excepted, [undefined])
})

t.test('destroyOwnedBy but for a session that this request renews leaves that session, under its new token', async (t) => {
  const site = await startSite({ owner: 'user' })
  const here = await site.start({ user: 'ann' })
  await site.start({ user: 'ann' })
  for (const saves of [false, true]) {
    const token = saves ? await site.start({ user: 'ann' }) : here
    const reply = await site.post(token, async (session) => {
      session.renewToken()
      if (saves) await session.commit()
      return { ended: await site.app.sessions.destroyOwnedBy('ann', { except: session }) }
    })
    t.strictSame(reply.json(), { ended: 1 })
    t.strictSame((await site.get(cookieOf(reply))).json(), { user: 'ann' })
  }
})

t.test('destroyOwnedBy with a request in flight: its session stays ended', async (t) => {
  const site = await startSite({ owner: 'user' })
  const token = await site.start({ user: 'ann' })
  const reply = await site.post(token, async (session) => {
    session.put('a', 1)
    t.equal(await site.app.sessions.destroyOwnedBy('ann'), 1)
  })
  t.equal(reply.statusCode, 409)
  t.equal(await site.app.sessions.count(), 0)
})

t.test('without the option owner, what needs one says so', async (t) => {
  const site = await startSite()
  await site.start({ user: 'ann' })
  const expected = { code: 'FST_ERR_SCS_UNSUPPORTED', message: /option owner/ }
  await t.rejects(site.app.sessions.destroyOwnedBy('ann'), expected)
  await t.rejects(listed(site.app.sessions.ownedBy('ann')), expected)
  await t.rejects(site.app.sessions.destroy('x', { owner: 'ann' }), expected)
  t.equal((await listed(site.app.sessions.all()))[0]?.owner, undefined)
})
