import t from 'tap'
import { cookieOf, setCookies } from '../support/app.ts'
import { holdNext, startSite } from './steps.ts'

// What becomes of changes that a call was to save, when it fails or meets another request.

const MINUTE = 60_000
const HOUR = 60 * MINUTE

t.test('a renewal whose commit failed gives the whole lifetime, and the token that it showed', async (t) => {
  const site = await startSite({ lifetime: '1h' })
  const token = await site.start({ user: 'ann' })
  site.clock.advance(30 * MINUTE)
  site.store.fail('rename', 'before')
  let shown = ''
  const reply = await site.post(token, async (session) => {
    session.renewToken()
    const saving = session.commit()
    shown = session.token
    session.put('b', 1)
    await t.rejects(saving, { code: 'FST_ERR_SCS_STORE' })
    t.equal(session.token, shown)
    t.equal(session.deadline.getTime(), site.clock() + HOUR)
  })
  t.match(setCookies(reply), [/Max-Age=3600;/])
  t.equal(cookieOf(reply), shown)
  t.strictSame(await site.stored(shown), { user: 'ann', b: 1 })
})

t.test('a deadline of a commit that failed does not hold against a renewal that came after it', async (t) => {
  const site = await startSite({ lifetime: '1h' })
  const token = await site.start({ user: 'ann' })
  site.store.fail('update', 'before')
  const reply = await site.post(token, async (session) => {
    session.setDeadline(new Date(site.clock() + MINUTE))
    const saving = session.commit()
    session.renewToken()
    await t.rejects(saving, { code: 'FST_ERR_SCS_STORE' })
    t.equal(session.deadline.getTime(), site.clock() + HOUR)
  })
  t.match(setCookies(reply), [/Max-Age=3600;/])
})

t.test('a function given to update while commit() is under way runs once when nobody comes between', async (t) => {
  const site = await startSite()
  const token = await site.start({ n: 0 })
  const held = holdNext(site.store, 'update')
  const seen: unknown[] = []
  await site.post(token, async (session) => {
    session.put('a', 1)
    const saving = session.commit()
    await held.reached
    session.update('n', (n) => {
      seen.push(n)
      return Number(n) + 1
    })
    held.release()
    await saving
  })
  t.strictSame(seen, [0])
  t.match(await site.stored(token), { a: 1, n: 1 })
})

t.test('of several commits under way none undoes what another request saved before the first of them', async (t) => {
  const site = await startSite()
  const token = await site.start({ a: 1 })
  const held = holdNext(site.store, 'update')
  await site.post(token, async (session) => {
    session.put('a', 2)
    void session.commit()
    await held.reached
    session.put('b', 3)
    const second = session.commit()
    session.put('c', 4)
    await site.post(token, (other) => other.put('d', 5))
    held.release()
    await second
  })
  t.strictSame(await site.stored(token), { a: 2, b: 3, c: 4, d: 5 })
})

t.test('a value that is put twice is saved', async (t) => {
  const site = await startSite()
  const token = await site.start({ a: 1 })
  await site.post(token, (session) => {
    session.put('a', 2)
    session.put('a', 2)
  })
  t.strictSame(await site.stored(token), { a: 2 })
})

t.test('what is put while a login of its own is saved is all that is added to it', async (t) => {
  const site = await startSite()
  const token = await site.start({ user: 'ann', cart: 'secret' })
  const reply = await site.post(token, async (session) => {
    session.get('user')
    await site.post(token, (other) => other.renewToken())
    session.renewToken()
    session.put('user', 'bob')
    const saving = session.commit()
    session.put('page', 7)
    await saving
  })
  t.strictSame(await site.stored(cookieOf(reply) ?? ''), { user: 'bob', page: 7 })
})

t.test('of what a commit that failed gives back and what came after it the later holds, on what another request saved too', async (t) => {
  const site = await startSite()
  const token = await site.start({ a: 1 })
  site.store.fail('update', 'before')
  await site.post(token, async (session) => {
    session.put('a', 2)
    const saving = session.commit()
    session.put('a', 3)
    await t.rejects(saving, { code: 'FST_ERR_SCS_STORE' })
    await site.post(token, (other) => other.put('b', 4))
  })
  t.strictSame(await site.stored(token), { a: 3, b: 4 })
})

t.test('a commit that was saved does not fail for a function given to update after it, and a put in its place is saved', async (t) => {
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
    session.put('n', 7)
  })
  t.equal(reply.statusCode, 200)
  t.strictSame(await site.stored(token), { n: 7, a: 1 })
})

t.test('a value that was put again while a commit that failed was under way is saved', async (t) => {
  const site = await startSite()
  const token = await site.start({ a: 1 })
  site.store.fail('update', 'before')
  await site.post(token, async (session) => {
    session.put('a', 2)
    const saving = session.commit()
    session.put('a', 2)
    await t.rejects(saving, { code: 'FST_ERR_SCS_STORE' })
  })
  t.strictSame(await site.stored(token), { a: 2 })
})
