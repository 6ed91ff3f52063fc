import { channel } from 'node:diagnostics_channel'
import t from 'tap'
import type { SessionMessage } from '../../index.ts'
import { cookieOf, setCookies } from '../support/app.ts'
import type { Verb } from '../support/spy-store.ts'
import { limitedSite, living, loginOf } from './owned-site.ts'
import { type Handler, login, type Site, startSite } from './steps.ts'

/** A gate at which some calls fail. */
const failing = (fails: (verb: Verb, key: string) => boolean) => async (verb: Verb, key: string) => {
  if (fails(verb, key)) throw new Error('of the disk')
}

t.test('end-oldest: the login beyond the limit ends the session whose login is the longest ago', async (t) => {
  const site = await limitedSite('end-oldest')
  const messages: SessionMessage[] = []
  const note = (message: unknown) => void messages.push(message as SessionMessage)
  channel('scs:session').subscribe(note)
  t.teardown(() => channel('scs:session').unsubscribe(note))
  const tokens: (string | undefined)[] = []
  for (let i = 0; i < 4; i++) {
    tokens.push(await loginOf(site, 'ann'))
    site.clock.advance(1000)
  }
  const bob = await loginOf(site, 'bob')
  t.same(await living(site, tokens), [2, 3])
  const again = await loginOf(site, 'ann', tokens[2])
  const newest = await loginOf(site, 'ann')
  t.same(await living(site, [...tokens, again, newest, bob]), [4, 5, 6], 'a login in the session that one has makes it the newest')
  const ended = messages.flatMap((message) => (message.event === 'ended' ? [[message.reason, message.owner]] : []))
  t.same(
    ended,
    [1, 2, 3].map(() => ['limit', 'ann']),
  )
})

t.test('refuse: the login beyond the limit is 409, and leaves no row and no cookie', async (t) => {
  const site = await limitedSite('refuse')
  const tokens = [await loginOf(site, 'ann'), await loginOf(site, 'ann')]
  const cart = cookieOf(await site.post(undefined, (session) => session.put('cart', 1)))
  const rows = await site.app.sessions.count()
  for (const token of [undefined, cart]) {
    const reply = await site.post(token, login('ann'))
    t.match(reply.json(), { statusCode: 409, code: 'FST_ERR_SCS_LIMIT', message: /is 2 for each owner/ })
    t.same(setCookies(reply), [])
    t.equal(await site.app.sessions.count(), rows)
  }
  t.same(await site.stored(String(cart)), { cart: 1 }, 'what the client had before stays')
  t.same(await living(site, tokens), [0, 1])
  await t.rejects(site.app.sessions.create({ user: 'ann' }), { code: 'FST_ERR_SCS_LIMIT' })
  t.type(await loginOf(site, 'bob', cart), 'string')
  t.type(await loginOf(site, 'ann', tokens[0]), 'string', 'a login in the session that one has is none more')
  await site.post(tokens[1], (session) => session.destroy())
  t.type(await loginOf(site, 'ann'), 'string', 'a logout makes room at once')
})

t.test('a login without a renewal counts, whether it starts a session or takes one over', async (t) => {
  for (const then of ['end-oldest', 'refuse'] as const) {
    const site = await limitedSite(then, 1)
    const put: Handler = (session) => session.put('user', 'ann')
    const [guest, bob] = [await site.start({ a: 1 }), await site.start({ user: 'bob' })]
    const first = cookieOf(await site.post(undefined, put))
    site.clock.advance(1)
    for (const token of [undefined, guest, bob]) {
      const reply = await site.post(token, put)
      t.equal(reply.statusCode, then === 'refuse' ? 409 : 200)
      const owned: unknown[] = []
      for await (const { owner } of site.app.sessions.ownedBy('ann')) owned.push(owner)
      t.same(owned, ['ann'])
    }
    t.equal((await site.stored(String(first))) !== undefined, then === 'refuse')
  }
})

t.test('what a limit costs a login is what docs/recipes/devices.md says', async (t) => {
  const calls = async (site: Site) => {
    let listings = 0
    const { inner } = site.store
    site.store.ownedBy = (owner) => {
      listings++
      return inner.ownedBy(owner)
    }
    site.store.take()
    await site.post(undefined, login('ann'))
    return [listings, ...site.store.take()]
  }
  t.same(await calls(await startSite({ owner: 'user' })), [0, 'create'])
  t.same(await calls(await limitedSite('end-oldest')), [2, 'create'])
  t.same(await calls(await limitedSite('refuse')), [1, 'find', 'create', 'create', 'find', 'update'], 'five more, with the listing')
})

t.test('a handler that saves by commit learns of the refusal, and may answer itself', async (t) => {
  const site = await limitedSite('refuse', 1)
  await loginOf(site, 'ann')
  const reply = await site.post(undefined, async (session, request, reply) => {
    login('ann')(session, request, reply)
    session.put('theme', 'dark')
    const error = await session.commit().catch((error) => error.code)
    session.remove('user')
    return { error }
  })
  t.same([reply.statusCode, reply.json()], [200, { error: 'FST_ERR_SCS_LIMIT' }])
  t.same(await site.stored(String(cookieOf(reply))), { theme: 'dark' })
})

t.test('with any number of logins at once, exactly as many sessions live afterwards as the limit says', async (t) => {
  for (const then of ['end-oldest', 'refuse'] as const) {
    for (const [perOwner, before, logins] of [
      [1, 0, 2],
      [1, 1, 8],
      [3, 2, 20],
      [5, 5, 10],
    ] as const) {
      const site = await limitedSite(then, perOwner)
      const tokens: (string | undefined)[] = []
      for (let i = 0; i < before; i++) tokens.push(await loginOf(site, 'ann'))
      // Those that follow are newer, and the first two have a session in common: a double click.
      site.clock.advance(1000)
      const guest = await site.start({ cart: 1 })
      const replies = await Promise.all(Array.from({ length: logins }, (_, i) => site.post(i < 2 ? guest : undefined, login('ann'))))
      const name = `${then}: ${perOwner} of ${before} and ${logins}`
      t.same(
        [...new Set(replies.map(({ statusCode }) => statusCode))].filter(
          (status) => status !== 200 && !(status === 409 && then === 'refuse'),
        ),
        [],
        name,
      )
      t.equal((await living(site, [...tokens, ...replies.map((reply) => cookieOf(reply))])).length, perOwner, name)
      t.equal(replies.filter(({ statusCode }) => statusCode === 200).length, then === 'refuse' ? perOwner - before : logins, name)
      for (const refused of replies.filter(({ statusCode }) => statusCode === 409)) t.same(setCookies(refused), [], name)
    }
  }
})

t.test('refuse: a login whose save fails gives its place back', async (t) => {
  const site = await limitedSite('refuse', 1)
  site.store.gate = failing((verb, key) => verb === 'create' && !key.startsWith(';'))
  t.equal((await site.post(undefined, login('ann'))).statusCode, 503)
  site.store.gate = undefined
  t.type(await loginOf(site, 'ann'), 'string')
})

t.test('end-oldest: when the others cannot be ended the login holds, and the next one ends them', async (t) => {
  const site = await limitedSite('end-oldest', 1)
  const first = await loginOf(site, 'ann')
  site.clock.advance(1)
  site.store.gate = failing((verb) => verb === 'delete')
  const second = await loginOf(site, 'ann')
  t.same(await living(site, [first, second]), [0, 1])
  t.match(site.warnings(), [{ msg: /oldest session of an owner with too many could not be ended/ }])
  site.store.gate = undefined
  site.clock.advance(1)
  t.same(await living(site, [first, second, await loginOf(site, 'ann')]), [2])
})

t.test('the options say what is wrong with them', async (t) => {
  const wrong: [object, RegExp][] = [
    [{}, /^Option limit\.perOwner must be a positive whole number/],
    [{ perOwner: 0, then: 'refuse' }, /^Option limit\.perOwner must be/],
    [{ perOwner: 3 }, /^Option limit\.then must be 'end-oldest' or 'refuse'/],
    [{ perOwner: 3, then: 'end' }, /^Option limit\.then must be/],
    [{ perOwner: 3, then: 'refuse', max: 3 }, /^Option limit\.max does not exist/],
  ]
  for (const [limit, message] of wrong)
    await t.rejects(startSite({ owner: 'user', limit: limit as never }), { code: 'FST_ERR_SCS_OPTION', message })
  await t.rejects(startSite({ limit: { perOwner: 3, then: 'refuse' } }), { message: /^Option limit needs the option owner/ })
})
