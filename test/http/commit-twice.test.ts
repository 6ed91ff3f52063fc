import t from 'tap'
import type { ScsSession } from '../../index.ts'
import { cookieOf } from '../support/app.ts'
import type { SpyStore, Verb } from '../support/spy-store.ts'
import { type Site, startSite } from './steps.ts'

const MINUTE = 60_000

t.test('a commit() that touches is the touch of the request: the reply makes no other', async (t) => {
  for (const done of [true, false]) {
    const site = await startSite({ idleTimeout: '20m' })
    const token = await site.start({ a: 1 })
    site.clock.advance(2 * MINUTE)
    // What changed meanwhile cannot be touched: that stays to be done.
    if (!done) site.store.inner.touch = () => false
    site.store.take()
    await site.get(token, async (session) => void (await session.commit()))
    t.strictSame(site.store.take(), done ? ['find', 'touch'] : ['find', 'touch', 'touch'])
  }
})

t.test('a commit() that mends the owner is the mending of the request', async (t) => {
  for (const done of [true, false]) {
    const site = await startSite({ owner: 'user' })
    const token = await site.start({ user: 'ann' })
    const { inner } = site.store
    const find = inner.find.bind(inner)
    inner.find = async (...call) => {
      const found = await find(...call)
      return found && { ...found, owner: 'bob' }
    }
    if (!done) inner.update = () => false
    site.store.take()
    await site.get(token, async (session) => {
      session.get('user')
      await session.commit()
    })
    t.strictSame(site.store.take(), done ? ['find', 'update'] : ['find', 'update', 'update'])
  }
})

const increment = (n: unknown) => Number(n ?? 0) + 1

t.test('what a commit() computed is not computed again, though nobody could tell that it was saved', async (t) => {
  const cases: readonly (readonly [counted: number, verb: Verb, between: (site: Site, token: string, session: ScsSession) => unknown])[] = [
    [1, 'update', () => {}],
    [2, 'update', (_site, _token, session) => session.update('n', increment)],
    [1, 'update', (site, token) => site.post(token, (other) => other.put('other', true))],
    // Nor when the next one cannot be told either.
    [
      2,
      'update',
      async ({ store }, _token, session) => {
        session.update('n', increment)
        loseAnswer(store, 'update')
        await t.rejects(session.commit(), { code: 'FST_ERR_SCS_STORE' })
      },
    ],
    [1, 'rename', () => {}],
  ]
  for (const saved of [true, false]) {
    for (const [counted, verb, between] of cases) {
      const site = await startSite()
      const token = await site.start({})
      const reply = await site.post(token, async (session) => {
        if (verb === 'rename') session.renewToken()
        session.update('n', increment)
        if (saved) loseAnswer(site.store, verb)
        else site.store.fail(verb, 'before')
        await t.rejects(session.commit(), { code: 'FST_ERR_SCS_STORE' })
        await between(site, token, session)
      })
      t.equal(reply.statusCode, 200)
      t.equal((await site.stored(cookieOf(reply) ?? token))?.['n'], counted, `${verb} ${between}`)
    }
  }
})

/** The next call is done, and neither it nor the look that follows is answered. */
function loseAnswer(store: SpyStore, verb: Verb): void {
  store.fail(verb, 'after')
  store.fail('find', 'before')
}
