import { inspect } from 'node:util'
import t from 'tap'
import { MemoryStore } from '../../index.ts'
import { cookieOf, makeApp, setCookies } from '../support/app.ts'
import { fakeClock } from '../support/clock.ts'
import { startSite } from './steps.ts'

const MINUTE = 60_000

t.test('expiresAt says when the session ends if nobody comes again, and prolongs nothing', async (t) => {
  const site = await startSite({ idleTimeout: '20m', lifetime: '1h' })
  const start = site.clock()
  const token = await site.start({ user: 'ann' })
  site.clock.advance(15 * MINUTE)
  let seen = 0
  const look = (session: { expiresAt: number }) => {
    seen = session.expiresAt
  }
  await site.send('GET', token, look, { url: '/quiet' })
  t.equal(seen, start + 20 * MINUTE)
  await site.get(token, look)
  t.equal(seen, start + 20 * MINUTE, 'as the store has it')
  site.clock.advance(MINUTE)
  await site.get(token, look)
  t.equal(seen, start + 35 * MINUTE)
  await site.post(token, (session) => {
    session.setDeadline(new Date(start + 17 * MINUTE))
    look(session)
  })
  t.equal(seen, start + 17 * MINUTE, 'the deadline, where that comes first')
  const now = site.clock()
  await site.get(undefined, look)
  t.equal(seen, now + 20 * MINUTE, 'a new session, as it would be stored')
  await site.post(token, (session) => {
    void session.destroy()
    look(session)
  })
  t.equal(seen, now + 20 * MINUTE)
  const plain = await startSite({ lifetime: '1h' })
  await plain.get(await plain.start({ a: 1 }), look)
  t.equal(seen, plain.clock() + 60 * MINUTE)
  await plain.get(undefined, look)
  t.equal(seen, plain.clock() + 60 * MINUTE)
  await plain.get(await plain.start({ a: 1 }), (session) => {
    session.setDeadline(new Date(plain.clock() + 90 * MINUTE))
    look(session)
  })
  t.equal(seen, plain.clock() + 90 * MINUTE, 'without an idle timeout the deadline says it, whatever a store gives')
})

t.test('expiresAt of a session that somebody left without an end says what the next touch makes of it', async (t) => {
  const clock = fakeClock()
  class Endless extends MemoryStore {
    override find(key: string) {
      const found = super.find(key)
      return found && { data: found.data }
    }
  }
  const { app } = await makeApp({ store: new Endless({ clock }), clock, idleTimeout: '20m' }, (instance) => {
    instance.get('/quiet', { config: { session: { touch: false } } }, (request) => ({ at: request.session.expiresAt }))
  })
  const { cookie } = await app.sessions.create({ user: 'ann' })
  const reply = await app.inject({ url: '/quiet', cookies: cookie })
  t.strictSame(reply.json(), { at: clock() + 20 * MINUTE })
})

t.test('an expired or unreadable session has no token and no id, looked at or not', async (t) => {
  const site = await startSite({ idleTimeout: '1h', lifetime: '30m' })
  const token = await site.start({ user: 'ann' })
  site.clock.advance(10 * MINUTE)
  const record = await site.store.inner.find((await site.app.sessions.all().next()).value?.id ?? '', { expiry: true })
  t.equal(record, undefined)
  const { inner } = site.store
  const find = inner.find.bind(inner)
  inner.find = async (key, want) => {
    const found = await find(key, want)
    return found === undefined ? undefined : { ...found, data: Buffer.from('{"deadline":1,"values":{"user":"ann"}}') }
  }
  await site.get(token, (session) => t.strictSame([session.token, session.id, session.get('user'), session.token], ['', '', undefined, '']))
})

t.test('no inspection of a request shows a token or a value, however deep it looks', async (t) => {
  const site = await startSite()
  const texts: string[] = []
  let [token, renewed] = ['', '']
  await site.post(undefined, async (session, request) => {
    const look = () => {
      for (const customInspect of [true, false]) texts.push(inspect({ request }, { depth: 30, customInspect, showHidden: true }))
    }
    session.put('a', 'secret value')
    await session.commit()
    token = session.token
    look()
    session.renewToken()
    look()
    renewed = session.token
    look()
  })
  t.match([token, renewed], [/^[\w-]{43}$/, /^[\w-]{43}$/])
  // The reply's Set-Cookie is Fastify's to keep.
  const ours = texts.map((text) => text.replaceAll(`session=${token}`, ''))
  for (const text of ours) for (const secret of [token, renewed, 'secret value']) t.notOk(text.includes(secret), secret)
})

t.test(
  'the cookie with a deadline that was set where no reply could bring it comes with the next reply that looks at the session',
  async (t) => {
    const site = await startSite({ lifetime: '1d' })
    const token = await site.start({ user: 'ann' })
    const session = await site.app.sessions.find(token)
    session?.setDeadline(new Date(site.clock() + 30 * 24 * 60 * MINUTE))
    await session?.commit()
    t.strictSame(setCookies(await site.get(token, () => 'no look')), [])
    const [first, second] = [await site.get(token), await site.get(token)]
    t.match(setCookies(first), [/Max-Age=2592000;/])
    t.equal(cookieOf(first), token)
    t.strictSame(setCookies(second), [], 'once')
    t.strictSame(first.json(), { user: 'ann' }, 'the note of it is hidden')
  },
)

t.test('rememberMe() and regenerate() work in either order', async (t) => {
  const site = await startSite({ cookie: { persist: false } })
  for (const remembersFirst of [true, false]) {
    const reply = await site.post(await site.start({ a: 1 }), async (session) => {
      if (remembersFirst) session.rememberMe(true)
      await session.regenerate([])
      if (!remembersFirst) session.rememberMe(true)
      session.put('user', 'ann')
    })
    t.match(setCookies(reply), [/Max-Age=86400;/], `remembers first: ${remembersFirst}`)
  }
})

t.test('set() of an empty object makes no session by itself, and is there when there is one', async (t) => {
  const site = await startSite()
  t.strictSame(setCookies(await site.post(undefined, (session) => session.set('flash', {}))), [])
  t.equal(await site.app.sessions.count(), 0)
  const made = await site.post(undefined, (session) => {
    session.set('flash', {})
    session.put('user', 'ann')
  })
  const token = cookieOf(made) ?? ''
  t.strictSame(await site.stored(token), { flash: {}, user: 'ann' })
  await site.post(token, (session) => session.set('prefs', {}))
  t.strictSame(await site.stored(token), { flash: {}, user: 'ann', prefs: {} })
  const meanwhile = await site.post(undefined, (session) => {
    session.put('user', 'ann')
    void session.commit()
    session.set('user', {})
  })
  t.strictSame(await site.stored(cookieOf(meanwhile) ?? ''), { user: {} }, 'it is a change to what a save under way starts')
  const renewed = await site.post(undefined, (session) => {
    session.renewToken()
    session.set('flash', {})
  })
  t.strictSame(setCookies(renewed), [], 'a renewal alone does not start a session either')
  for (const empty of [[], null, '', 0] as const)
    t.not(cookieOf(await site.post(undefined, (session) => session.set('a', empty))), undefined, JSON.stringify(empty))
})

t.test('a put of what is there already writes nothing, unless something else is saved', async (t) => {
  const site = await startSite()
  const token = await site.start({ user: 'ann', list: [1, { a: 2 }] })
  site.store.take()
  await site.post(token, (session) => {
    session.put('user', 'ann')
    session.put('list', [1, { a: 2 }])
    t.equal(session.status, 'unmodified')
  })
  t.strictSame(site.store.take(), ['find'])
  await site.post(token, async (session) => {
    session.put('user', 'ann')
    session.put('b', 1)
    await site.post(token, (other) => other.put('user', 'bob'))
  })
  t.match(await site.stored(token), { user: 'ann', b: 1 }, 'on one key the later save does')
})
