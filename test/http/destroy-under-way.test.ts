import t from 'tap'
import { cookieOf, setCookies } from '../support/app.ts'
import { startSite } from './steps.ts'

// What a handler changes while a call of its own is on its way to the store.

const OWN = { user: 'ann', a: 1 }

t.test('a put after a destroy() that nobody awaited starts a new session', async (t) => {
  for (const mode of ['sync', 'async'] as const) {
    const site = await startSite({}, mode)
    const token = await site.start(OWN)
    const reply = await site.post(token, (session) => {
      void session.destroy()
      t.strictSame([session.data(), session.token, session.id, session.isNew, session.status], [{}, '', '', true, 'destroyed'])
      session.put('flash', 'bye')
      return session.data()
    })
    t.strictSame(reply.json(), { flash: 'bye' })
    t.strictSame(await site.stored(cookieOf(reply) ?? ''), { flash: 'bye' })
    t.equal(await site.stored(token), undefined)
  }
})

t.test('so does one after a destroy() that failed and was caught, once the end was possible', async (t) => {
  const site = await startSite()
  const token = await site.start(OWN)
  site.store.fail('delete', 'before')
  const reply = await site.post(token, async (session) => {
    await session.destroy().catch(() => {})
    session.put('flash', 'try again')
  })
  t.strictSame(await site.stored(cookieOf(reply) ?? ''), { flash: 'try again' })
  t.equal(await site.stored(token), undefined)
})

t.test('a commit() after a destroy() that failed ends the old session first, and saves nothing when it cannot', async (t) => {
  const site = await startSite()
  const token = await site.start(OWN)
  site.store.fail('delete', 'before', 'before')
  const reply = await site.post(token, async (session) => {
    await session.destroy().catch(() => {})
    session.put('flash', 'try again')
    await t.rejects(session.commit(), { code: 'FST_ERR_SCS_STORE' })
    t.strictSame(await site.stored(token), OWN)
    await session.commit()
  })
  t.equal(reply.statusCode, 200)
  t.equal(await site.stored(token), undefined)
  t.strictSame(await site.stored(cookieOf(reply) ?? ''), { flash: 'try again' })
})

t.test('calls take effect in the order in which they were made, awaited or not', async (t) => {
  const site = await startSite()
  const [token, other] = [await site.start(OWN), await site.start({ b: 2 })]
  const reply = await site.post(token, (session) => {
    session.put('a', 2)
    void session.commit()
    void session.destroy()
    session.put('c', 3)
    void session.commit()
    void session.mergeSession(other)
    session.renewToken()
  })
  t.equal(await site.stored(token), undefined)
  t.strictSame(await site.stored(cookieOf(reply) ?? ''), { b: 2, c: 3 })
  t.equal(setCookies(reply).length, 1)
  t.equal(await site.app.sessions.count(), 1)
})
