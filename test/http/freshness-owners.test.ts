import t from 'tap'
import { cookieOf } from '../support/app.ts'
import { isFresh, tokenFrom } from './owned-site.ts'
import { type Handler, holdIn, login, startSite } from './steps.ts'

const MINUTE = 60_000

t.test('nobody is logged in by what another request, a merge or a second owner makes of a login', async (t) => {
  const site = await startSite({ owner: 'user' })
  const bob = await tokenFrom(site, undefined, login('bob'))
  site.clock.advance(20 * MINUTE)
  const merged = await tokenFrom(site, undefined, async (session) => {
    login('mallory')(session, undefined as never, undefined as never)
    await session.mergeSession(bob)
  })
  t.same((await site.get(merged)).json(), { user: 'bob' })
  t.equal(await isFresh(site, merged, '1h'), false, 'a merge after a login of somebody else')
  const ann = await tokenFrom(site, undefined, login('ann'))
  site.clock.advance(20 * MINUTE)
  const { handler, held } = holdIn((session) => session.renewToken())
  const renewing = site.post(ann, handler)
  await held.reached
  await site.post(ann, (session) => session.put('user', 'bob'))
  held.release()
  const conflicted = String(cookieOf(await renewing))
  t.same((await site.get(conflicted)).json(), { user: 'bob' })
  t.equal(await isFresh(site, conflicted), false, 'a renewal that finds another owner')
  const switched = await tokenFrom(site, undefined, (session) => {
    session.renewToken()
    session.put('user', 'ann')
    session.put('user', 'bob')
  })
  t.equal(await isFresh(site, switched), false, 'the second owner that is put after a login')
  const same = await tokenFrom(site, undefined, (session) => {
    session.put('user', 7)
    session.renewToken()
    session.put('user', '7')
  })
  t.equal(await isFresh(site, same), true, '7 and "7" are one owner')
})

t.test('whose login it is does not depend on what comes between: a merge of nothing, a reload, a commit that failed', async (t) => {
  const none = 'A'.repeat(43)
  const between: [string, Handler][] = [
    ['nothing', () => {}],
    ['a merge of nothing', (session) => session.mergeSession(none)],
    ['a reload', (session) => session.reload()],
    ['a commit that failed', (session) => session.commit().catch(() => {})],
    ['a merge that is under way', (session) => void session.mergeSession(none)],
    ['a removal', (session) => session.remove('user')],
  ]
  for (const [what, meanwhile] of between) {
    for (const [names, fresh] of [
      [['ann'], true],
      [['ann', 'ann'], true],
      [['ann', 'bob'], false],
    ] as const) {
      const site = await startSite({ owner: 'user' })
      if (what === 'a commit that failed' && names.length > 1) site.store.fail('create', 'before')
      const token = await tokenFrom(site, undefined, async (session, request, reply) => {
        session.renewToken()
        if (names.length > 1) session.put('user', names[0])
        await meanwhile(session, request, reply)
        session.put('user', names.at(-1))
      })
      t.equal(await isFresh(site, token), fresh, `${what}, ${names}`)
    }
  }
  const site = await startSite({ owner: 'user' })
  const bob = await tokenFrom(site, undefined, login('bob'))
  const merged = await tokenFrom(site, await tokenFrom(site, undefined, login('ann')), async (session) => {
    session.renewToken()
    await session.mergeSession(bob)
    session.update('user', (user) => user)
  })
  t.same((await site.get(merged)).json(), { user: 'bob' })
  t.equal(await isFresh(site, merged), false, 'nor does it make a merged owner fresh to put them again')
})

t.test('without the option owner an empty session is nobody’s, and what is put after a clear is no login', async (t) => {
  const leaving: Handler[] = [
    (session) => session.regenerate(),
    (session) => session.clear(),
    (session) => {
      session.clear()
      session.put('flash', 'bye')
    },
  ]
  for (const leave of leaving) {
    const site = await startSite()
    const token = await tokenFrom(site, await tokenFrom(site, undefined, login('ann')), leave)
    t.equal(await isFresh(site, token), false)
    t.equal(await isFresh(site, await tokenFrom(site, token, (session) => session.put('user', 'bob'))), false)
    t.equal(await isFresh(site, await tokenFrom(site, token, login('bob'))), true)
  }
})
