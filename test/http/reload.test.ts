import t, { type Test } from 'tap'
import { cookieOf } from '../support/app.ts'
import { type Handler, holdNext, type Site, startSite } from './steps.ts'

/** Sends a request whose handler must not fail: its assertions are in it. */
async function play(t: Test, site: Site, token: string | undefined, handler: Handler): Promise<void> {
  t.equal((await site.post(token, handler)).statusCode, 200)
}

t.test('reload() shows what another request saved, with the own changes made on it', async (t) => {
  const site = await startSite()
  const token = await site.start({ n: 0, a: 1 })
  await play(t, site, token, async (session) => {
    session.update('n', (n) => Number(n) + 1)
    session.put('own', true)
    await site.post(token, (other) => {
      other.update('n', (n) => Number(n) + 10)
      other.put('a', 2)
    })
    t.equal(session.get('a'), 1)
    await session.reload()
    t.strictSame(session.data(), { n: 11, a: 2, own: true })
    t.equal(session.status, 'modified')
  })
  t.match(await site.stored(token), { n: 11, a: 2, own: true })
})

t.test('a value that was put as it was is put over what another request made of it', async (t) => {
  const site = await startSite()
  const token = await site.start({ a: 1 })
  await play(t, site, token, async (session) => {
    session.put('a', 1)
    await site.post(token, (other) => other.put('a', 2))
    await session.reload()
    t.strictSame([session.data(), session.status], [{ a: 1 }, 'modified'])
  })
  t.strictSame(await site.stored(token), { a: 1 })
})

t.test('without changes of its own it writes nothing', async (t) => {
  const site = await startSite()
  const token = await site.start({ a: 1 })
  site.store.take()
  await site.post(token, (session) => session.reload())
  t.strictSame(site.store.take(), ['find', 'find'])
})

for (const [how, end] of [
  ['ended', (session: { destroy(): unknown }) => session.destroy()],
  ['renewed', (session: { renewToken(): unknown }) => session.renewToken()],
] as const) {
  t.test(`a session that was ${how} elsewhere is a new one afterwards`, async (t) => {
    const site = await startSite()
    const token = await site.start({ user: 'ann' })
    const reply = await site.post(token, async (session) => {
      await site.post(token, (other) => end(other))
      t.equal(session.get('user'), 'ann')
      await session.reload()
      t.strictSame([session.isNew, session.token, session.data(), session.status], [true, '', {}, 'unmodified'])
    })
    t.equal(reply.statusCode, 200)
    t.equal(cookieOf(reply), undefined, 'as with an unknown token')
  })

  t.test(`with changes that were meant for a session that was ${how} elsewhere it is refused, and so is their save`, async (t) => {
    const site = await startSite()
    const token = await site.start({ user: 'ann' })
    const reply = await site.post(token, async (session) => {
      session.put('a', 1)
      await site.post(token, (other) => end(other))
      await t.rejects(session.reload(), { code: 'FST_ERR_SCS_SUPERSEDED' })
      t.strictSame(session.data(), { user: 'ann', a: 1 })
    })
    t.match(reply.json(), { code: 'FST_ERR_SCS_SUPERSEDED' })
  })
}

t.test('a value put again as it was counts as a change', async (t) => {
  const site = await startSite()
  const token = await site.start({ user: 'ann' })
  await play(t, site, token, async (session) => {
    session.put('user', 'ann')
    await site.post(token, (other) => other.destroy())
    await t.rejects(session.reload(), { code: 'FST_ERR_SCS_SUPERSEDED' })
  })
})

t.test('what is changed while it is under way is a change to what it finds', async (t) => {
  const site = await startSite()
  const token = await site.start({ n: 0 })
  await play(t, site, token, async (session) => {
    await site.post(token, (other) => other.update('n', () => 10))
    const held = holdNext(site.store, 'find')
    const reloading = session.reload()
    await held.reached
    session.update('n', (n) => Number(n) + 1)
    const saving = session.commit()
    session.put('after', true)
    held.release()
    await Promise.all([reloading, saving])
    t.strictSame(session.data(), { n: 11, after: true })
  })
  t.match(await site.stored(token), { n: 11, after: true })
})

t.test('a store that fails leaves the session as it was', async (t) => {
  const site = await startSite()
  const token = await site.start({ user: 'ann' })
  await play(t, site, token, async (session) => {
    session.put('a', 1)
    site.store.fail('find', 'before')
    await t.rejects(session.reload(), { code: 'FST_ERR_SCS_STORE' })
    t.strictSame(session.data(), { user: 'ann', a: 1 })
  })
  t.match(await site.stored(token), { user: 'ann', a: 1 })
})

t.test('there is nothing to look up of a session that is new, or that this request ended', async (t) => {
  const site = await startSite()
  const token = await site.start({ user: 'ann' })
  await play(t, site, undefined, async (session) => {
    session.put('a', 1)
    await session.reload()
    t.strictSame(session.data(), { a: 1 })
  })
  await play(t, site, token, async (session) => {
    const [reloading, ending] = [session.reload(), session.destroy()]
    session.put('b', 1)
    await Promise.all([reloading, ending])
    await session.reload()
    t.strictSame(session.data(), { b: 1 })
  })
})

t.test('after a destroy() that failed, changes are for a new session, whatever happened to the old one', async (t) => {
  const site = await startSite()
  const token = await site.start({ user: 'ann' })
  await play(t, site, token, async (session) => {
    site.store.fail('delete', 'before')
    await t.rejects(session.destroy(), { code: 'FST_ERR_SCS_STORE' })
    await site.post(token, (other) => other.destroy())
    session.put('b', 1)
    await session.reload()
    t.strictSame(session.data(), { b: 1 })
  })
})

t.test('ping() resolves when the store answers, and rejects when it fails or is silent', async (t) => {
  const site = await startSite({ storeTimeout: 50 })
  site.store.take()
  await site.app.sessions.ping()
  t.strictSame(site.store.calls, ['find ping'])
  site.store.fail('find', 'before', 'hang')
  await t.rejects(site.app.sessions.ping(), { code: 'FST_ERR_SCS_STORE' })
  await t.rejects(site.app.sessions.ping(), { code: 'FST_ERR_SCS_TIMEOUT' })
})
