import Fastify from 'fastify'
import t from 'tap'
import scsSession, { type ScsOptions } from '../../index.ts'
import { type Handler, startSite } from '../http/steps.ts'
import { cookieOf, makeApp, setCookies } from '../support/app.ts'
import { LIMIT } from '../support/limit.ts'

t.setTimeout(LIMIT)

/** Cookie options that a browser would refuse, that another host could undo, or that write a header of their own. */
const REFUSED: readonly (readonly [NonNullable<ScsOptions['cookie']>, string])[] = [
  [{ name: '__Host-s', domain: 'example.com' }, 'cookie.domain'],
  [{ name: '__Host-s', path: '/app' }, 'cookie.path'],
  [{ name: '__Host-s', secure: false }, 'cookie.secure'],
  [{ name: '__host-s', secure: false }, 'cookie.secure'],
  [{ name: '__Secure-s', secure: false }, 'cookie.secure'],
  [{ sameSite: 'none', secure: false }, 'cookie.secure'],
  [{ partitioned: true, secure: false }, 'cookie.secure'],
  ...['a;b', 'a=b', 'a b', 'a\r\nSet-Cookie: x', 'a\0', 'é', ''].map((name) => [{ name }, 'cookie.name'] as const),
  ...['/a;b', '/\r\nSet-Cookie: x=1', '/\0', 'app', '', '/; Domain=evil.example'].map((path) => [{ path }, 'cookie.path'] as const),
  ...['a;b', 'a\r\nX: y', 'exa mple.com', '', 'evil.example; Secure'].map((domain) => [{ domain }, 'cookie.domain'] as const),
]

t.test('attack 22: a cookie that cannot be what it says, or that carries more than it says, is refused at register', async (t) => {
  for (const [cookie, option] of REFUSED) {
    const register = async () => void (await Fastify().register(scsSession, { cookie }))
    await t.rejects(register, { code: 'FST_ERR_SCS_OPTION', message: new RegExp(option.replace('.', '\\.')) }, JSON.stringify(cookie))
  }
})

t.test('attack 22: a reply’s own cookie options cannot weaken what the name promises', async (t) => {
  const site = await startSite({ cookie: { name: '__Host-s' } })
  for (const options of [{ secure: false }, { domain: 'example.com' }, { path: '/app' }]) {
    const reply = await site.post(undefined, (session) => {
      session.put('a', 1)
      session.options(options as object)
    })
    t.equal(reply.statusCode, 500, JSON.stringify(options))
    t.strictSame(setCookies(reply), [])
  }
})

const SETS: Readonly<Record<string, Handler>> = {
  'a new session': (session) => session.put('user', 'ann'),
  'a renewal': (session) => session.renewToken(),
  'a logout': (session) => session.destroy(),
  'another deadline': (session) => session.setDeadline(new Date(Date.UTC(2030, 0, 1, 12))),
  'remember me': (session) => session.rememberMe(true),
  'a commit before the reply': async (session) => {
    session.renewToken()
    await session.commit()
  },
  'a regeneration': (session) => session.regenerate(['user']),
}

/** What routes and their hooks say of caching, some of it meant for a shared cache alone (RFC 9213). */
const CACHING: readonly Record<string, string>[] = [
  {},
  { 'cache-control': 'public, max-age=600' },
  { 'cache-control': 'S-MAXAGE=600' },
  { 'cache-control': 'max-age=600, immutable' },
  { 'cdn-cache-control': 'max-age=600' },
  { 'surrogate-control': 'max-age=600', 'cache-control': 'no-store' },
  { 'cloudflare-cdn-cache-control': 'public', 'cdn-cache-control': 'public' },
]

t.test('attack 18: whatever a route says of caching, no reply with a session cookie may be given to another user', async (t) => {
  for (const [what, handler] of Object.entries(SETS)) {
    for (const said of CACHING) {
      for (const fetched of [false, true]) {
        const site = await startSite()
        const token = what === 'a new session' ? undefined : await site.start({ user: 'ann' })
        const reply = await site.post(token, async (session, request, reply) => {
          const body = await handler(session, request, reply)
          if (fetched) return new Response('{}', { headers: said })
          reply.headers(said)
          return body
        })
        const { headers } = reply
        const name = `${what}, ${JSON.stringify(said)}${fetched ? ', as a Response' : ''}`
        t.equal(setCookies(reply).length, 1, name)
        t.match(headers['cache-control'], /no-cache="Set-Cookie"/, name)
        t.notMatch(headers['cache-control'], /public|s-maxage/i, name)
        for (const each of Object.keys(said).filter((key) => key !== 'cache-control'))
          t.equal(headers[each], 'no-store', `${name}: ${each}`)
        t.equal(headers['vary'], 'Cookie', name)
      }
    }
  }
})

t.test('attack 18: the error in the place of a reply that could not be saved is not cached as that reply would have been', async (t) => {
  const site = await startSite()
  site.store.fail('create', 'before', 'before')
  site.store.fail('find', 'before')
  const reply = await site.post(undefined, (session, _request, reply) => {
    session.put('user', 'ann')
    reply.headers({ 'cache-control': 'public, max-age=600', 'cdn-cache-control': 'max-age=600', 'surrogate-control': 'max-age=600' })
  })
  t.equal(reply.statusCode, 503)
  t.equal(reply.headers['cache-control'], 'no-store')
  t.equal(reply.headers['cdn-cache-control'], undefined)
  t.equal(reply.headers['surrogate-control'], undefined)
})

t.test('attack 25: two managers on one store are warned of, for the token of one opens the session of the other', async (t) => {
  const { MemoryStore } = await import('../../index.ts')
  const admin = { decorators: { request: 'admin', instance: 'admins' }, cookie: { name: 'admin' } }
  for (const shared of [true, false]) {
    const store = new MemoryStore()
    const { warnings, app } = await makeApp({ store }, async (app) => {
      await app.register(scsSession, { ...admin, store: shared ? store : new MemoryStore() })
      app.get('/', async (request) => request.getDecorator<{ get(key: string): unknown }>('admin').get('user') ?? 'nobody')
    })
    const { token } = await app.sessions.create({ user: 'eve' })
    const reply = await app.inject({ url: '/', cookies: { admin: token } })
    t.equal(reply.body, shared ? 'eve' : 'nobody')
    t.strictSame(
      warnings().map(({ cookies }) => cookies),
      shared ? [['session', 'admin']] : [],
    )
  }
})

t.test('attack 22: the defaults are the strict ones, and secure follows the connection', async (t) => {
  const site = await startSite()
  t.match(setCookies(await site.post(undefined, (session) => session.put('a', 1)))[0], /; HttpOnly; SameSite=Lax$/)
  const strict = await startSite({ cookie: { name: '__Host-s' } })
  const reply = await strict.post(undefined, (session) => session.put('a', 1))
  t.match(setCookies(reply)[0], /^__Host-s=[\w-]{43}; Path=\/; Expires=[^;]+; Max-Age=86400; HttpOnly; Secure; SameSite=Lax$/)
  t.ok((setCookies(reply)[0] ?? '').length < 4096 && cookieOf(reply, '__Host-s'))
})
