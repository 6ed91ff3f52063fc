import t from 'tap'
import type { ScsSession } from '../../index.ts'
import { cookieOf, setCookies } from '../support/app.ts'
import { holdNext, startSite } from './steps.ts'

// What a handler changes while a call of its own is on its way to the store.

const OWN = { user: 'ann', a: 1 }

t.test('a change made while commit() is under way is a change to what that saved', async (t) => {
  const site = await startSite()
  const token = await site.start(OWN)
  const held = holdNext(site.store, 'update')
  const reply = await site.post(token, async (session) => {
    session.put('a', 2)
    const saving = session.commit()
    await held.reached
    session.put('b', 3)
    session.renewToken()
    t.strictSame([session.data(), session.status], [{ user: 'ann', a: 2, b: 3 }, 'modified'])
    held.release()
    await saving
    t.strictSame([session.data(), session.status], [{ user: 'ann', a: 2, b: 3 }, 'modified'])
  })
  t.equal(setCookies(reply).length, 1)
  t.not(cookieOf(reply), token)
  t.strictSame(await site.stored(cookieOf(reply) ?? ''), { user: 'ann', a: 2, b: 3 })
  t.equal(await site.stored(token), undefined)
})

t.test('ten messages that came while those before were saved are all saved', async (t) => {
  const site = await startSite()
  const token = await site.start({ n: 0 })
  const session = await site.app.sessions.find(token)
  const saving = Array.from({ length: 10 }, () => {
    session?.update('n', (n) => Number(n) + 1)
    return session?.commit()
  })
  await Promise.all(saving)
  t.strictSame(await site.stored(token), { n: 10, __computed: (await site.stored(token))?.['__computed'] })
})

t.test('a function given to update while commit() is under way runs again when another request came between', async (t) => {
  const site = await startSite()
  const token = await site.start({ n: 0 })
  const held = holdNext(site.store, 'update')
  const seen: unknown[] = []
  const count = (n: unknown) => {
    seen.push(n)
    return Number(n) + 1
  }
  await site.post(token, async (session) => {
    session.update('n', count)
    const saving = session.commit()
    await held.reached
    session.update('n', count)
    await site.post(token, (other) => other.update('n', (n) => Number(n) + 10))
    held.release()
    await saving
    t.equal(session.get('n'), 12)
  })
  t.equal((await site.stored(token))?.['n'], 12)
  t.strictSame(seen, [0, 1, 10, 11], 'once for each, and once more for each')
})

t.test('a function that fails when it runs again is told by the save that needs it', async (t) => {
  const site = await startSite()
  const token = await site.start({ n: 0 })
  const held = holdNext(site.store, 'update')
  const reply = await site.post(token, async (session) => {
    session.put('a', 1)
    const saving = session.commit()
    await held.reached
    session.update('n', (n) => {
      if (n !== 0) throw new Error('it changed')
      return 1
    })
    await site.post(token, (other) => other.put('n', 5))
    held.release()
    await saving
    t.equal(session.get('n'), 1, 'what was seen stays')
  })
  t.match(reply.json(), { statusCode: 500, code: 'FST_ERR_SCS_EDIT' })
  t.strictSame(await site.stored(token), { n: 5, a: 1 })
})

t.test('a commit that fails gives its changes back, to those made meanwhile too', async (t) => {
  const site = await startSite()
  const token = await site.start({ ...OWN, gone: 1, n: 0 })
  site.store.fail('update', 'before')
  const held = holdNext(site.store, 'update')
  const reply = await site.post(token, async (session) => {
    session.put('a', 2)
    session.remove('gone')
    session.update('n', (n) => Number(n) + 1)
    session.setDeadline(new Date(site.clock() + 1000))
    const saving = session.commit()
    await held.reached
    session.put('b', 3)
    session.update('n', (n) => Number(n) + 1)
    held.release()
    await t.rejects(saving, { code: 'FST_ERR_SCS_STORE' })
    t.strictSame(session.data(), { user: 'ann', a: 2, n: 2, b: 3 })
    t.equal(session.deadline.getTime(), site.clock() + 1000)
  })
  t.match(setCookies(reply), [/Max-Age=1;/])
  t.match(await site.stored(token), { user: 'ann', a: 2, n: 2, b: 3 })
  t.notOk('gone' in ((await site.stored(token)) ?? {}))
})

t.test('a renewal whose commit fails is a renewal with the reply', async (t) => {
  const site = await startSite()
  for (const more of [() => {}, (session: ScsSession) => session.renewToken(), (session: ScsSession) => session.put('b', 1)]) {
    const token = await site.start(OWN)
    site.store.fail('rename', 'before')
    const reply = await site.post(token, async (session) => {
      session.renewToken()
      const saving = session.commit()
      more(session)
      await t.rejects(saving, { code: 'FST_ERR_SCS_STORE' })
      t.not(session.token, token)
    })
    t.not(cookieOf(reply), token)
    t.match(await site.stored(cookieOf(reply) ?? ''), OWN)
    t.equal(await site.stored(token), undefined)
  }
})

t.test('what was put before mergeSession() lies beneath the other session, what comes after it above', async (t) => {
  const site = await startSite()
  const [token, other] = [await site.start({ a: 1 }), await site.start({ a: 'other', b: 'other', c: 'other' })]
  await site.post(token, async (session) => {
    session.put('b', 'before')
    const merging = session.mergeSession(other)
    session.put('c', 'after')
    t.strictSame(session.data(), { a: 1, b: 'before', c: 'after' })
    await merging
    t.strictSame(session.data(), { a: 'other', b: 'other', c: 'after' })
  })
  t.strictSame(await site.stored(token), { a: 'other', b: 'other', c: 'after' })
  t.equal(await site.stored(other), undefined)
})

t.test('a session that was merged while commit() was under way ends with the save that takes it in', async (t) => {
  const site = await startSite()
  const [token, other] = [await site.start({ a: 1 }), await site.start({ b: 2 })]
  await site.post(token, (session) => {
    session.put('c', 3)
    void session.commit()
    void session.mergeSession(other)
    void session.commit()
    session.put('d', 4)
  })
  t.strictSame(await site.stored(token), { a: 1, b: 2, c: 3, d: 4 })
  t.equal(await site.stored(other), undefined)
})

t.test('what a commit() had no use for is not forgotten', async (t) => {
  const site = await startSite({ cookie: { persist: false } })
  const reply = await site.post(undefined, async (session) => {
    session.rememberMe(true)
    t.equal(await session.commit(), undefined, 'nobody has anything yet')
    session.put('a', 1)
  })
  t.match(setCookies(reply), [/Max-Age=/])
})
