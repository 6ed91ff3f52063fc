import t from 'tap'
import { cookieOf, setCookies } from '../support/app.ts'
import { type Site, startSite } from './steps.ts'

const UNKNOWN = 'U'.repeat(43)

/** A request with several cookies. */
async function withCookies(site: Site, tokens: readonly string[]) {
  return await site.send('GET', undefined, (session) => ({ ...session.data(), new: session.isNew }), {
    cookie: tokens.map((token) => `session=${token}`).join('; '),
  })
}

t.test('rule 9: of several cookies of our name the one that the store knows wins, wherever it stands', async (t) => {
  const site = await startSite()
  const token = await site.start({ user: 'ann' })
  const planted = 'P'.repeat(43)
  for (const tokens of [
    [token, UNKNOWN],
    [UNKNOWN, token],
    [UNKNOWN, planted, token],
    ['junk', token],
    [token, 'junk', ''],
  ]) {
    t.strictSame((await withCookies(site, tokens)).json(), { user: 'ann', new: false })
  }
  t.strictSame(site.warnings(), [])
})

t.test('rule 9: the same token twice is one token', async (t) => {
  const site = await startSite()
  const token = await site.start({ user: 'ann' })
  site.store.take()
  t.strictSame((await withCookies(site, [token, token, token, token])).json(), { user: 'ann', new: false })
  t.strictSame(site.store.take(), ['find'])
})

t.test('rule 9: at most three different cookies are tried', async (t) => {
  const site = await startSite()
  const token = await site.start({ user: 'ann' })
  const strange = ['A', 'B', 'C', 'D'].map((letter) => letter.repeat(43))
  site.store.take()
  t.strictSame((await withCookies(site, [...strange, token])).json(), { new: true })
  t.strictSame(site.store.take(), ['find', 'find', 'find'])
  t.strictSame((await withCookies(site, [...strange.slice(0, 2), token])).json(), { user: 'ann', new: false })
})

t.test('rule 9: of several cookies those of the wrong shape are not looked up, and are none of the three', async (t) => {
  const site = await startSite()
  const token = await site.start({ user: 'ann' })
  const strange = ['', 'junk', '../'.repeat(15), `${'A'.repeat(42)}=`, 'A'.repeat(44)]
  site.store.take()
  t.strictSame((await withCookies(site, strange)).json(), { new: true })
  t.strictSame(site.store.take(), [])
  t.strictSame((await withCookies(site, [...strange, token])).json(), { user: 'ann', new: false })
  t.strictSame(site.store.take(), ['find'])
})

t.test('rule 9: where the store knows several none is used, and there is one warning', async (t) => {
  const site = await startSite()
  const ann = await site.start({ user: 'ann' })
  const eve = await site.start({ user: 'eve' })
  const reply = await withCookies(site, [ann, UNKNOWN, eve])
  t.strictSame(reply.json(), { new: true })
  t.strictSame(setCookies(reply), [])
  t.match(site.warnings(), [{ cookies: 3 }])
  t.equal(site.warnings().length, 1)
  t.notMatch(JSON.stringify(site.warnings()), ann)
  t.strictSame([await site.stored(ann), await site.stored(eve)], [{ user: 'ann' }, { user: 'eve' }])
})

t.test('rule 9: a login ends those of several living sessions that it did not make, so that the browser is healed', async (t) => {
  const site = await startSite()
  const [ann, eve] = [await site.start({ user: 'ann' }), await site.start({ user: 'eve' })]
  const cookie = `session=${ann}; session=${eve}`
  const login = await site.send('POST', undefined, (session) => session.put('user', 'bob'), { cookie })
  const bob = cookieOf(login) ?? ''
  t.strictSame([await site.stored(bob), await site.stored(ann), await site.stored(eve)], [{ user: 'bob' }, undefined, undefined])
  const next = await site.send('GET', undefined, undefined, { cookie: `session=${ann}; session=${bob}` })
  t.strictSame(next.json(), { user: 'bob' })
})

t.test('rule 9: a logout ends each of several living sessions', async (t) => {
  const site = await startSite()
  const [ann, eve] = [await site.start({ user: 'ann' }), await site.start({ user: 'eve' })]
  const reply = await site.send('POST', undefined, (session) => session.destroy(), { cookie: `session=${ann}; session=${eve}` })
  t.equal(cookieOf(reply), '')
  t.strictSame([await site.stored(ann), await site.stored(eve)], [undefined, undefined])
})

t.test('rule 9: that those could not be ended is no failure of the login', async (t) => {
  const site = await startSite()
  const [ann, eve] = [await site.start({ user: 'ann' }), await site.start({ user: 'eve' })]
  site.store.fail('delete', 'before')
  const login = await site.send('POST', undefined, (session) => session.put('user', 'bob'), { cookie: `session=${ann}; session=${eve}` })
  t.equal(login.statusCode, 200)
  t.match(site.warnings().at(-1), { msg: 'a session that was merged, or whose cookie came along, could not be ended' })
})

t.test('rule 9: of several cookies those that are no tokens are not looked up, and none of them is worth a warning', async (t) => {
  const site = await startSite()
  for (const [tokens, looked] of [
    [['junk', 'more junk'], []],
    [['junk', UNKNOWN], ['find']],
    [
      ['P'.repeat(43), UNKNOWN],
      ['find', 'find'],
    ],
  ] as const) {
    t.strictSame((await withCookies(site, tokens)).json(), { new: true })
    t.strictSame(site.store.take(), looked)
  }
  t.strictSame(site.warnings(), [])
})

t.test('rules 5 and 9: a straggler with the old token among several cookies cannot replace the cookie of the login', async (t) => {
  const site = await startSite()
  const token = await site.start({ user: 'ann' })
  await site.post(token, (session) => session.renewToken())
  const reply = await site.send('POST', undefined, (session) => session.put('a', 1), { cookie: `session=${UNKNOWN}; session=${token}` })
  t.equal(reply.statusCode, 409)
  t.strictSame(setCookies(reply), [])
})

t.test('rule 9: a logout with duplicate cookies ends the one that is known', async (t) => {
  const site = await startSite()
  const token = await site.start({ user: 'ann' })
  const reply = await site.send('POST', undefined, (session) => session.destroy(), { cookie: `session=${UNKNOWN}; session=${token}` })
  t.equal(cookieOf(reply), '')
  t.equal(await site.stored(token), undefined)
})
