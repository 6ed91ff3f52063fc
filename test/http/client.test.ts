import t from 'tap'
import type { ScsOptions } from '../../index.ts'
import { GobCodec, goType } from '../../lib/codecs/gob.ts'
import { AUTHENTICATED_AT, CLIENT } from '../../lib/data/history.ts'
import { hashToken, newToken } from '../../lib/token.ts'
import { describedSite, rawValues, tokenFrom } from './owned-site.ts'
import { type Handler, login, startSite } from './steps.ts'

t.test('what is kept of a client is small, and nothing about it keeps anybody from a login', async (t) => {
  const answers: [unknown, Record<string, unknown> | undefined, RegExp?][] = [
    [
      { a: 'x'.repeat(5000), n: 1, b: true, u: undefined, o: {}, i: Number.NaN, s: Symbol('s') },
      { a: 'x'.repeat(256), n: 1, b: true },
    ],
    [{}, {}],
    [Object.fromEntries(Array.from({ length: 99 }, (_, i) => [`key${i}`, 'x'.repeat(200)])), undefined, /more than 1024 characters/],
    [
      { address: '::1', a: '"'.repeat(999), b: '"'.repeat(999), c: 'c'.repeat(128) },
      { address: '::1', a: '"'.repeat(128), b: '"'.repeat(128), c: 'c'.repeat(128) },
    ],
    [{ a: `${'x'.repeat(255)}😀` }, { a: 'x'.repeat(255) }],
    [undefined, undefined, /must return an object/],
    [null, undefined, /must return an object/],
    ['Firefox', undefined, /must return an object/],
    [Promise.resolve({ a: 1 }), undefined, /not a promise/],
    [Promise.reject(new Error('of a look-up')), undefined, /not a promise/],
    [() => ({}), undefined, /must return an object/],
  ]
  for (const [answer, kept, warned] of answers) {
    const site = await startSite({ client: () => answer as never })
    const token = await tokenFrom(site, undefined, login('ann'))
    t.same((await site.get(token, (session) => [session.client])).json(), [kept ?? null])
    t.match(JSON.stringify(site.warnings()), warned ?? /^\[\]$/)
  }
  const site = await startSite({ client: () => JSON.parse('{') })
  t.equal((await site.get(await tokenFrom(site, undefined, login('ann')))).json().user, 'ann')
  t.match(site.warnings(), [{ msg: /option client failed/ }])
})

t.test('what a session keeps about itself takes as many bytes as docs/recipes/devices.md says', async (t) => {
  const bytesOf = async (options: ScsOptions, handler: Handler) => {
    const site = await startSite(options)
    const token = await tokenFrom(site, undefined, handler)
    const found = await site.store.inner.find(hashToken(token), { expiry: false })
    const values = { user: 'ann' }
    return (found?.data.byteLength ?? 0) - JSON.stringify({ deadline: site.clock() + 86_400_000, values }).length
  }
  const created = await bytesOf({}, (session) => session.put('user', 'ann'))
  const loggedIn = await bytesOf({ owner: 'user' }, login('ann'))
  const ranked = await bytesOf({ owner: 'user', limit: { perOwner: 2, then: 'end-oldest' } }, login('ann'))
  t.same([created, loggedIn - created, ranked - loggedIn], [28, 34, 29])
})

t.test('what is put while a commit is under way leaves the client that it noted', async (t) => {
  const site = await describedSite()
  const token = await tokenFrom(site, undefined, login('ann'), 'Firefox')
  const renewed = await tokenFrom(
    site,
    token,
    (session) => {
      session.renewToken()
      void session.commit()
      session.put('n', 1)
    },
    'Safari',
  )
  t.match(await rawValues(site, renewed), { n: 1, user: 'ann', [CLIENT]: /Safari/, [AUTHENTICATED_AT]: site.clock() })
})

t.test('a job has no client, and leaves the one that is there', async (t) => {
  const site = await describedSite()
  const token = await tokenFrom(site, undefined, login('ann'))
  const session = await site.app.sessions.find(token)
  session?.renewToken()
  await session?.commit()
  t.same(session?.client, { address: '127.0.0.1', userAgent: 'Firefox' })
  const made = await site.app.sessions.create({ user: 'ann' })
  const found = await site.app.sessions.find(made.token)
  t.equal(found?.client, undefined)
  t.same([found?.createdAt, found?.authenticatedAt], [site.clock(), site.clock()])
  for (const name of ['createdAt', 'authenticatedAt', 'client'])
    t.throws(() => Reflect.set(found ?? {}, name, 1), { code: 'FST_ERR_SCS_ASSIGN' }, name)
})

t.test('a login in Go is fresh here when Go puts its moment', async (t) => {
  const codec = new GobCodec()
  const site = await startSite({ codec })
  const { type } = codec.admit('at', goType('int64', site.clock()), undefined)
  const values = { user: 'ann', __authenticatedAt: site.clock() }
  const data = codec.encode(site.clock() + 1000, values, { keys: new Map([['__authenticatedAt', type]]) })
  const token = newToken()
  await site.store.inner.create(hashToken(token), { data, expiresAt: site.clock() + 1000 })
  t.same((await site.get(token, (session) => [session.isFresh('1m'), session.data()])).json(), [true, { user: 'ann' }])
})

t.test('what a session keeps is shown while it is being changed, and what is no list of details is none', async (t) => {
  const site = await describedSite()
  const token = await tokenFrom(site, undefined, login('ann'))
  const shown = await site.post(token, (session) => {
    session.put('a', 1)
    session.clear()
    return [session.createdAt, session.client?.['userAgent'], session.authenticatedAt]
  })
  t.same(shown.json(), [site.clock(), 'Firefox', null])
  const data = Buffer.from(JSON.stringify({ deadline: site.clock() + 1000, values: { a: 1, [CLIENT]: '[1]' } }))
  const other = newToken()
  await site.store.inner.create(hashToken(other), { data, expiresAt: site.clock() + 1000 })
  t.same((await site.get(other, (session) => [session.client])).json(), [null])
})
