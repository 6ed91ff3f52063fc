import { setImmediate as turn } from 'node:timers/promises'
import { inspect } from 'node:util'
import t from 'tap'
import { cookieOf, setCookies } from '../support/app.ts'
import { latch, startSite } from './steps.ts'

t.test('a forgotten await of destroy is awaited before the reply leaves', async (t) => {
  const site = await startSite()
  const token = await site.start({ user: 'ann' })
  const deleting = latch()
  const released = latch()
  site.store.gate = (verb) => {
    if (verb !== 'delete') return undefined
    deleting.open()
    return released.opened
  }
  let answered = false
  const slow = site
    .post(token, (session) => void session.destroy())
    .finally(() => {
      answered = true
    })
  await deleting.opened
  for (let i = 0; i < 20; i++) await turn()
  t.notOk(answered)
  released.open()
  t.equal(cookieOf(await slow), '')
  t.equal(await site.stored(token), undefined)
})

t.test('a call that nobody awaits and that fails is a line in the log', async (t) => {
  const site = await startSite()
  site.store.fail('find', 'before')
  await site.post(undefined, (session) => void session.mergeSession('M'.repeat(43)))
  t.match(site.warnings(), [{ msg: 'a session call failed', err: { code: 'FST_ERR_SCS_STORE' } }])
})

t.test('a second destroy finds nothing to do', async (t) => {
  const site = await startSite()
  const token = await site.start({ user: 'ann' })
  site.store.take()
  const reply = await site.post(token, async (session) => {
    await session.destroy()
    await session.destroy()
  })
  t.equal(cookieOf(reply), '')
  t.strictSame(site.store.take(), ['find', 'delete'])
})

t.test('a destroy that fails rejects, the session is a new one all the same, and the end is tried again with the reply', async (t) => {
  const site = await startSite()
  const token = await site.start({ user: 'ann' })
  site.store.fail('delete', 'before')
  const tried = await site.post(token, async (session) => {
    await t.rejects(session.destroy(), { code: 'FST_ERR_SCS_STORE' })
    t.strictSame([session.get('user'), session.token, session.isNew, session.status], [undefined, '', true, 'destroyed'])
  })
  t.equal(cookieOf(tried), '')
  t.equal(await site.stored(token), undefined)

  const other = await site.start({ user: 'bob' })
  site.store.fail('delete', 'before', 'before')
  const failed = await site.post(other, (session) => void session.destroy())
  t.equal(failed.statusCode, 503, 'a reply must not say that all is well')
  t.strictSame(setCookies(failed), [])
  t.strictSame(await site.stored(other), { user: 'bob' })
})

t.test('destroy by somebody without a session costs no store call, with an unknown token it clears the cookie', async (t) => {
  const site = await startSite()
  t.strictSame(setCookies(await site.post(undefined, (session) => session.destroy())), [])
  t.strictSame(site.store.take(), [])
  t.equal(cookieOf(await site.post('U'.repeat(43), (session) => session.destroy())), '')
  t.notOk(site.store.take().includes('create'))
})

t.test('commit() saves at once, gives the Set-Cookie, and the reply sends it once', async (t) => {
  const site = await startSite()
  let line: string | undefined
  const made = await site.post(undefined, async (session) => {
    session.put('a', 1)
    line = await session.commit()
    t.strictSame(await site.stored(session.token), { a: 1 })
    t.notOk(session.isNew)
    t.equal(session.status, 'unmodified')
    t.equal(await session.commit(), undefined)
    session.put('b', 2)
  })
  t.strictSame(setCookies(made), [line])
  t.strictSame(await site.stored(cookieOf(made) ?? ''), { a: 1, b: 2 })
  t.strictSame(site.store.take(), ['create', 'update'])
})

t.test('a session that is committed and then destroyed in one request leaves one cookie on the reply, the one that clears', async (t) => {
  const site = await startSite()
  const reply = await site.post(undefined, async (session) => {
    session.put('a', 1)
    await session.commit()
    await session.destroy()
  })
  t.equal(setCookies(reply).length, 1)
  t.equal(cookieOf(reply), '')
  t.equal(await site.app.sessions.count(), 0)
})

t.test('set() of any value starts a session, but for an empty object, which @fastify/flash sets whenever it is asked', async (t) => {
  const site = await startSite()
  const values = [new Date(0), new Map(), new Set(), new Uint8Array(), [], '', 0, false, null]
  for (const value of values) {
    const reply = await site.post(undefined, (session) => session.set('a', value))
    t.equal(reply.cookies.length, 1, inspect(value))
    await site.get(reply.cookies[0]?.value, (session) => t.strictSame(session.get('a'), value, inspect(value)))
  }
  t.strictSame((await site.post(undefined, (session) => session.set('a', {}))).cookies, [])
  const revoked = Proxy.revocable({}, {})
  revoked.revoke()
  const reply = await site.post(undefined, (session) => session.set('a', Object.create(revoked.proxy)))
  t.equal(reply.json().code, 'FST_ERR_SCS_VALUE', 'a prototype that is a revoked Proxy')
})
