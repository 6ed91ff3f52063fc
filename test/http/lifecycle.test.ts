import t from 'tap'
import { cookieOf, setCookies } from '../support/app.ts'
import { type Handler, startSite } from './steps.ts'

const UNKNOWN = 'U'.repeat(43)
const NO_CACHE = 'no-cache="Set-Cookie"'

t.test('rule 1: an anonymous request that stores nothing costs no store call and gets no cookie', async (t) => {
  const handlers: Record<string, Handler> = {
    'reads nothing': () => ({}),
    reads: (session) => ({ user: session.get('user', null), keys: session.keys(), all: session.data(), new: session.isNew }),
    'removes what is not there': (session) => {
      session.remove('a')
      session.pop('b')
      session.clear()
    },
    'puts and removes': (session) => {
      session.put('a', 1)
      session.remove('a')
    },
    renews: (session) => session.renewToken(),
    regenerates: (session) => session.regenerate(['a']),
    'sets a deadline': (session) => session.setDeadline(new Date(session.deadline.getTime() + 1000)),
    'asks to be remembered': (session) => session.rememberMe(true),
    'logs out': (session) => session.destroy(),
    'sets cookie options': (session) => session.options({ persist: false }),
    throws: (session) => {
      session.put('a', 1)
      throw new Error('the handler fails')
    },
  }
  for (const [name, handler] of Object.entries(handlers)) {
    const site = await startSite({ idleTimeout: '20m' })
    const reply = await site.post(undefined, handler)
    t.equal(reply.statusCode, name === 'throws' ? 500 : 200, name)
    t.strictSame(setCookies(reply), [], `${name}: no cookie`)
    t.strictSame(site.store.take(), [], `${name}: no store call`)
    t.equal(reply.headers.vary, 'Cookie', name)
    t.equal(reply.headers['cache-control'], undefined, name)
  }
})

t.test('a token that the store does not know is looked up once, never adopted, and nothing is stored for it', async (t) => {
  const site = await startSite()
  const read = await site.get(UNKNOWN)
  t.strictSame(site.store.take(), ['find'])
  t.strictSame(setCookies(read), [])
  const written = await site.post(UNKNOWN, (session) => session.put('a', 1))
  t.match(cookieOf(written), /^[A-Za-z0-9_-]{43}$/)
  t.not(cookieOf(written), UNKNOWN)
  t.equal(await site.stored(UNKNOWN), undefined)
})

t.test('rule 9: a token of the wrong shape is not looked up', async (t) => {
  const wrong = [
    '',
    'x',
    'A'.repeat(42),
    'A'.repeat(44),
    `${'A'.repeat(42)}=`,
    `${'A'.repeat(42)}/`,
    `"${'A'.repeat(41)}"`,
    'A'.repeat(5000),
  ]
  const site = await startSite()
  for (const token of wrong) {
    const reply = await site.get(token)
    t.equal(reply.statusCode, 200)
    t.strictSame(reply.json(), {})
    t.strictSame(setCookies(reply), [])
  }
  t.strictSame(site.store.take(), [])
  t.strictSame(await site.store.inner.count(), 0)
})

t.test('rule 2: a request that only reads costs one read, and no write, no cookie and no Cache-Control', async (t) => {
  const site = await startSite()
  const token = await site.start({ user: 'ann', nested: { list: [1] } })
  site.store.take()
  const reply = await site.post(token, (session) => {
    session.exists('user')
    session.remove('absent')
    session.pop('absent')
    session.get('nested')
    return { ...session.data(), deadline: session.deadline, id: session.id, status: session.status, keys: session.keys() }
  })
  t.equal(reply.json().status, 'unmodified')
  t.strictSame(site.store.take(), ['find'])
  t.strictSame(setCookies(reply), [])
  t.equal(reply.headers['cache-control'], undefined)
})

t.test('rule 2: a new session is one write and one cookie, a change is one read and one write and no cookie', async (t) => {
  const site = await startSite()
  const made = await site.post(undefined, (session) => session.put('a', 1))
  t.strictSame(site.store.take(), ['create'])
  t.equal(setCookies(made).length, 1)
  t.equal(made.headers['cache-control'], NO_CACHE)
  const changes: Handler[] = [
    (session) => session.put('a', 2),
    (session) => session.set('b', 2),
    (session) => session.update('a', () => 3),
    (session) => session.pop('a'),
    (session) => session.remove('b'),
    (session) => session.put('c', 1),
    (session) => session.clear(),
  ]
  for (const change of changes) {
    const changed = await site.post(cookieOf(made), change)
    t.strictSame(site.store.take(), ['find', 'update'], String(change))
    t.strictSame(setCookies(changed), [], String(change))
    t.equal(changed.headers['cache-control'], undefined)
  }
})

t.test('rule 2: a renewed token, a new deadline and rememberMe send the cookie', async (t) => {
  const site = await startSite({ cookie: { persist: false } })
  const token = await site.start({ a: 1 })
  const at = site.clock() + 3_600_000
  const deadline = await site.post(token, (session) => {
    session.rememberMe(true)
    session.setDeadline(new Date(at))
  })
  t.equal(deadline.cookies[0]?.value, token)
  t.equal(deadline.cookies[0]?.maxAge, 3600)
  t.equal(deadline.cookies[0]?.expires?.getTime(), at + 1000, 'rule 11: in whole seconds, plus one')
  t.equal(deadline.headers['cache-control'], NO_CACHE)
  const forgotten = await site.post(token, (session) => session.rememberMe(false))
  t.equal(forgotten.cookies[0]?.value, token)
  t.equal(forgotten.cookies[0]?.maxAge, undefined)
  const renewed = await site.post(token, (session) => session.renewToken())
  t.equal(setCookies(renewed).length, 1)
  t.not(cookieOf(renewed), token)
})

t.test('a route without a session reads nothing, though the client sends a good cookie', async (t) => {
  const site = await startSite()
  const token = await site.start({ a: 1 })
  site.app.get('/off', { config: { session: false } }, () => ({}))
  site.store.take()
  t.equal((await site.send('GET', token, () => ({}), { url: '/off' })).statusCode, 200)
  t.strictSame(site.store.take(), [])
})

t.test("the application's own cookies stay beside the session's", async (t) => {
  const site = await startSite()
  const reply = await site.post(undefined, (session, _request, reply) => {
    reply.header('set-cookie', 'theme=dark')
    session.put('a', 1)
  })
  t.equal(setCookies(reply).length, 2)
  t.equal(setCookies(reply)[0], 'theme=dark')
  t.match(setCookies(reply)[1], /^session=/)
})
