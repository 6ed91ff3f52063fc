import { createHmac } from 'node:crypto'
import t from 'tap'
import { takeClearings } from '../../lib/adopt/clearing.ts'
import {
  fromCookie,
  fromCookieSession,
  fromExpressSession,
  fromFastifySession,
  fromMgcreaSession,
  fromSecureSession,
} from '../../lib/adopt/index.ts'

type Any = Parameters<typeof fromExpressSession>[0] & Parameters<typeof fromSecureSession>[0] & Parameters<typeof fromCookieSession>[0]
type Callback = (error?: unknown, session?: unknown) => void

const FROM = { fromFastifySession, fromExpressSession, fromMgcreaSession, fromSecureSession, fromCookieSession, fromCookie }
const secret = 'a secret'
const request = (cookie?: string) => ({ hostname: 'site', protocol: 'http', headers: cookie === undefined ? {} : { cookie } })
const sign = (id: string) => encodeURIComponent(`s:${id}.${createHmac('sha256', secret).update(id).digest('base64').replace(/=+$/, '')}`)
const holding = (answer: (callback: Callback) => unknown, destroyed: string[] = []) => ({
  get: (_id: string, callback: Callback) => answer(callback),
  destroy(id: string, callback: Callback) {
    destroyed.push(id)
    callback()
  },
})

t.test('a wrong option throws FST_ERR_SCS_OPTION, which names the function and the option', async (t) => {
  const store = holding(() => {})
  const key = Buffer.alloc(32)
  const read = () => undefined
  const table: readonly (readonly [keyof typeof FROM, object, string])[] = [
    ...(['fromFastifySession', 'fromExpressSession'] as const).flatMap((of) => [
      [of, { store }, 'secret'] as const,
      [of, { store, secret: '' }, 'secret'] as const,
      [of, { store, secret: [] }, 'secret'] as const,
      [of, { store, secret: ['a', 7] }, 'secret'] as const,
      [of, { secret }, 'store'] as const,
      [of, { secret, store: {} }, 'store'] as const,
      [of, { secret, store, destroyOld: 'no' }, 'destroyOld'] as const,
      [of, { secret, store, cookie: 7 }, 'cookie'] as const,
      [of, { secret, store, cookie: { path: 'here' } }, 'cookie.path'] as const,
      [of, { secret, store, cookie: { domain: '' } }, 'cookie.domain'] as const,
      [of, { secret, store, cookie: { partitioned: 1 } }, 'cookie.partitioned'] as const,
      [of, { secret, store, resave: false }, 'resave'] as const,
    ]),
    ['fromExpressSession', { secret, store, name: '' }, 'name'],
    ['fromFastifySession', { secret, store, cookieName: 7 }, 'cookieName'],
    ['fromFastifySession', { secret, store, cookiePrefix: 7 }, 'cookiePrefix'],
    ['fromFastifySession', { secret, store, algorithm: 'sha0' }, 'algorithm'],
    ['fromMgcreaSession', { store }, 'key'],
    ['fromMgcreaSession', { secret }, 'store'],
    ['fromSecureSession', {}, 'key'],
    ['fromSecureSession', { key: 'short' }, 'key'],
    ['fromSecureSession', { key: [] }, 'key'],
    ['fromSecureSession', { key: [key, 7] }, 'key'],
    ['fromSecureSession', { key, expiry: 0 }, 'expiry'],
    ['fromSecureSession', { key, secret }, 'secret'],
    ['fromCookieSession', {}, 'keys'],
    ['fromCookieSession', { keys: 'one' }, 'keys'],
    ['fromCookieSession', { keys: [''] }, 'keys'],
    ['fromCookie', { name: 'old' }, 'read'],
    ['fromCookie', { read }, 'name'],
  ]
  for (const [of, options, option] of table) {
    const make = FROM[of] as (options: Any) => unknown
    t.throws(() => make(options as Any), {
      code: 'FST_ERR_SCS_OPTION',
      message: new RegExp(`^Option ${of}\\.${option.replace('.', '\\.')} `),
    })
  }
  t.throws(() => fromCookie({ name: 'a b', read }), { code: 'FST_ERR_SCS_OPTION' })
})

t.test('a hostile cookie is a stranger’s and asks no store', async (t) => {
  const store = holding(() => t.fail('the store was asked'))
  const all = [
    fromFastifySession({ secret, store, cookieName: 'c', cookiePrefix: 's:' }),
    fromExpressSession({ secret, store, name: 'c' }),
    fromMgcreaSession({ secret, store: { get: async () => t.fail('asked'), destroy() {} } as never, cookieName: 'c' }),
    fromSecureSession({ key: [Buffer.alloc(32), Buffer.alloc(32, 1).toString('base64')], cookieName: 'c' }),
    fromCookieSession({ keys: ['k'], name: 'c' }),
  ]
  const box = `${Buffer.alloc(40).toString('base64')}%3B${Buffer.alloc(24).toString('base64')}`
  const values = [
    '',
    '""',
    '.',
    's:.',
    's:a',
    's:a.',
    's%3Aa.b',
    '%',
    '%ff',
    '%00',
    '{}',
    ';',
    'a%3Bb',
    box,
    'e30=',
    '\u00ff',
    'x'.repeat(9000),
  ]
  const cookies = [...values.map((value) => `c=${value}; c.sig=x`), sign('a').replace(/^/, 'd='), 'c', '', 'c=1; c=2; c=3; c=4']
  for (const adopt of all) {
    for (const cookie of cookies) t.equal(await adopt(request(cookie)), undefined, cookie.slice(0, 40))
    t.equal(await adopt(request()), undefined)
  }
})

t.test('whatever a store holds, it is a session that lives or none', async (t) => {
  const adopt = (answer: (callback: Callback) => unknown) => fromExpressSession({ secret: ['new', secret], store: holding(answer) })
  const cookie = `connect.sid=${sign('id')}`
  const past = new Date(0)
  const none: readonly unknown[] = [null, undefined, 7, 'text', [], { cookie: { expires: past } }, { cookie: { expires: past.toJSON() } }]
  for (const session of [...none, { cookie: { expires: 'never' } }])
    t.equal(await adopt((done) => done(null, session))(request(cookie)), undefined)
  t.equal(await adopt((done) => done(Object.assign(new Error('no file'), { code: 'ENOENT' })))(request(cookie)), undefined)
  const living: readonly unknown[] = [null, {}, { expires: null }, { expires: new Date(Date.now() + 60_000).toJSON() }]
  for (const each of living) t.same(await adopt((done) => done(null, { cookie: each, userId: 'ada' }))(request(cookie)), { userId: 'ada' })
  const failures = [
    (done: Callback) => done(new Error('down')),
    async () => {
      throw new Error('down')
    },
    () => {
      throw new Error('down')
    },
  ]
  for (const each of failures) await t.rejects(adopt(each)(request(cookie)), { message: 'down' })
  await t.rejects(adopt((done) => done('down'))(request(cookie)))
})

t.test('the values are copies, and what is left behind is told once', async (t) => {
  const destroyed: string[] = []
  const live = { cookie: {}, sessionId: 'id', encryptedSessionId: 'x', cart: ['tea'], call() {} }
  const store = holding((done) => done(null, live), destroyed)
  const from = request(`connect.sid="${sign('id')}"`)
  const values = await fromExpressSession({ secret, store, cookie: { domain: '.site.example', path: '/app' } })(from)
  t.same(Object.keys(values ?? {}), ['cart', 'call'])
  t.not(values?.['cart'], live.cart)
  const [left] = takeClearings(from)
  t.equal(left?.cookies[0]?.start, 'connect.sid=; Path=/app; Domain=site.example;')
  t.notMatch(left?.cookies[0]?.clear(false), 'Secure')
  await left?.end?.()
  t.same(destroyed, ['id'])
  t.same(takeClearings(from), [])
  await fromExpressSession({ secret, store, destroyOld: false, cookie: { partitioned: true } })(from)
  const [kept] = takeClearings(from)
  t.equal(kept?.end, undefined)
  t.match(kept?.cookies[0]?.clear(false), /; Secure;.*; Partitioned$/)
})

t.test('sessions of @mgcrea/fastify-session are read by key or secret, while they live', async (t) => {
  const key = Buffer.alloc(32, 7)
  const id = Buffer.from('id')
  const mac = createHmac('sha256', key).update(id).digest('base64').replace(/=+$/, '')
  const from = request(`Session=${encodeURIComponent(`${id.toString('base64')}.${mac}`)}`)
  const adopt = (answer: unknown, more = {}) =>
    fromMgcreaSession({ key: key.toString('base64'), store: { get: async () => answer as never, destroy() {} }, ...more })
  t.same(await adopt([{ userId: 'ada' }, null])(from), { userId: 'ada' })
  t.same(await adopt([{ userId: 'ada' }, Date.now() + 60_000], { destroyOld: false })(from), { userId: 'ada' })
  t.equal(takeClearings(from).at(-1)?.end, undefined)
  for (const gone of [null, undefined, [], [null], [{ userId: 'ada' }, 1]]) t.equal(await adopt(gone)(from), undefined)
})
