import t from 'tap'
import {
  addVary,
  cachingHeaders,
  headerText,
  mayStay,
  privateCacheControl,
  putCookie,
  varyBy,
  withdrawCookie,
} from '../../../lib/http/headers.ts'

type Value = number | string | string[]

/** Headers as Fastify's reply keeps them: names in any case, and Set-Cookie lines add up. */
function headers(given: Record<string, Value> = {}) {
  const present = new Map(Object.entries(given))
  const calls: string[] = []
  return {
    present,
    calls,
    getHeader: (name: string) => present.get(name.toLowerCase()),
    header(name: string, value: string | string[]) {
      calls.push(name)
      const key = name.toLowerCase()
      const before = present.get(key)
      present.set(key, key === 'set-cookie' && before !== undefined ? [before, value].flat().map(String) : value)
    },
    removeHeader: (name: string) => present.delete(name.toLowerCase()),
  }
}

t.test('Vary names Cookie once, whatever was there', async (t) => {
  const table: readonly (readonly [string | undefined, string | undefined])[] = [
    [undefined, 'Cookie'],
    ['', 'Cookie'],
    ['  ', 'Cookie'],
    ['Accept', 'Accept, Cookie'],
    ['Accept-Encoding, Origin', 'Accept-Encoding, Origin, Cookie'],
    ['Cookies', 'Cookies, Cookie'],
    ['X-Cookie', 'X-Cookie, Cookie'],
    ['Cookie', undefined],
    ['cookie', undefined],
    ['COOKIE', undefined],
    ['Accept,cookie', undefined],
    ['Accept ,\tCookie , Origin', undefined],
    ['*', undefined],
    ['Accept, *', undefined],
  ]
  for (const [current, wanted] of table) t.equal(varyBy(current), wanted, JSON.stringify(current))
})

t.test('Vary is appended to what the reply has, and never doubled', async (t) => {
  const table: readonly (readonly [Value | undefined, Value])[] = [
    [undefined, 'Cookie'],
    ['', 'Cookie'],
    ['Accept', 'Accept, Cookie'],
    [['Accept', 'Origin'], 'Accept, Origin, Cookie'],
    [[], 'Cookie'],
    [7, '7, Cookie'],
  ]
  for (const [current, wanted] of table) {
    const reply = headers(current === undefined ? {} : { vary: current })
    for (let i = 0; i < 3; i++) addVary(reply)
    t.equal(reply.present.get('vary'), wanted, JSON.stringify(current))
    t.equal(reply.calls.length, 1, 'written once')
  }
  for (const complete of ['Cookie', ['Accept', 'cookie'], '*']) {
    const reply = headers({ vary: complete })
    addVary(reply)
    t.equal(reply.present.get('vary'), complete, 'left as it is')
  }
})

const OURS = 'no-cache="Set-Cookie"'

t.test('Cache-Control lets no shared cache keep the cookie, and keeps the rest of what the route said', async (t) => {
  const table: readonly (readonly [string | undefined, string])[] = [
    [undefined, OURS],
    ['', OURS],
    [' , ,', OURS],
    ['no-store', `no-store, ${OURS}`],
    ['max-age=60', `max-age=60, ${OURS}`],
    ['private, max-age=60', `private, max-age=60, ${OURS}`],
    ['public', `private, ${OURS}`],
    ['PUBLIC', `private, ${OURS}`],
    ['public, max-age=60', `private, max-age=60, ${OURS}`],
    ['max-age=60, public', `private, max-age=60, ${OURS}`],
    ['max-age=60,public', `private, max-age=60, ${OURS}`],
    ['s-maxage=10', `private, ${OURS}`],
    ['S-MaxAge=10, max-age=5', `private, max-age=5, ${OURS}`],
    ['s-maxage = 10', `private, ${OURS}`],
    ['s-maxage', `private, ${OURS}`],
    ['s-maxage="10"', `private, ${OURS}`],
    ['public, s-maxage=10, private', `private, ${OURS}`],
    ['public, Private', `Private, ${OURS}`],
    ['s-maxages=1', `s-maxages=1, ${OURS}`],
    ['publicity, x-s-maxage=1', `publicity, x-s-maxage=1, ${OURS}`],
    ['no-cache="a, b"', `no-cache="a, b", ${OURS}`],
    ['no-cache="a, public", max-age=1', `no-cache="a, public", max-age=1, ${OURS}`],
    ['x="public, s-maxage=1", public', `private, x="public, s-maxage=1", ${OURS}`],
    [OURS, OURS],
    ['NO-CACHE="set-cookie", max-age=1', 'NO-CACHE="set-cookie", max-age=1'],
    [`public, ${OURS}`, `private, ${OURS}`],
  ]
  for (const [current, wanted] of table) {
    t.equal(privateCacheControl(current), wanted, JSON.stringify(current))
    t.equal(privateCacheControl(wanted), wanted, 'saying it twice changes nothing')
  }
  t.equal(privateCacheControl('x="open, public'), `x="open, public, ${OURS}`, 'a quote that is never closed is left alone')
})

t.test('a header is read as one string', async (t) => {
  const table: readonly (readonly [Value | undefined, string | undefined])[] = [
    [undefined, undefined],
    ['', ''],
    ['a', 'a'],
    [7, '7'],
    [['a', 'b'], 'a, b'],
    [[], ''],
  ]
  for (const [value, text] of table) t.equal(headerText(value), text, JSON.stringify(value))
})

t.test('our cookie is added to those of the route', async (t) => {
  const reply = headers({ 'set-cookie': 'other=1' })
  putCookie(reply, 'session=a', undefined)
  t.strictSame(reply.present.get('set-cookie'), ['other=1', 'session=a'])
  t.equal(reply.present.get('cache-control'), OURS)
})

t.test('our cookie takes the place of the one that we put there before, and of no other', async (t) => {
  const table: readonly (readonly [Value | undefined, Value])[] = [
    ['session=a', 'session=b'],
    [['session=a'], 'session=b'],
    [
      ['other=1', 'session=a', 'more=2'],
      ['other=1', 'more=2', 'session=b'],
    ],
    ['other=1', ['other=1', 'session=b']],
    [undefined, 'session=b'],
  ]
  for (const [present, wanted] of table) {
    const reply = headers(present === undefined ? {} : { 'set-cookie': present })
    putCookie(reply, 'session=b', 'session=a')
    t.strictSame(reply.present.get('set-cookie'), wanted, JSON.stringify(present))
  }
})

t.test('our cookie is taken off a reply, and those of others stay in their order', async (t) => {
  const table: readonly (readonly [Value | undefined, Value | undefined])[] = [
    ['session=a', undefined],
    [['session=a'], undefined],
    [
      ['other=1', 'session=a', 'more=2'],
      ['other=1', 'more=2'],
    ],
    ['other=1', ['other=1']],
    [undefined, undefined],
  ]
  for (const [present, wanted] of table) {
    const reply = headers(present === undefined ? {} : { 'set-cookie': present })
    withdrawCookie(reply, 'session=a')
    t.strictSame(reply.present.get('set-cookie'), wanted, JSON.stringify(present))
  }
})

t.test('a reply with our cookie loses what invited a shared cache', async (t) => {
  for (const current of ['public, max-age=9', ['public', 'max-age=9']]) {
    const reply = headers({ 'cache-control': current })
    putCookie(reply, 'session=a', undefined)
    t.equal(reply.present.get('cache-control'), `private, max-age=9, ${OURS}`)
  }
})

t.test('with our cookie a shared cache is told to keep nothing where it was told something of its own', async (t) => {
  const reply = headers({ 'cdn-cache-control': 'max-age=600', 'surrogate-control': 'max-age=600', 'x-cache-control': 'max-age=600' })
  putCookie(reply, 'session=a', undefined)
  t.equal(reply.present.get('cdn-cache-control'), 'no-store')
  t.equal(reply.present.get('surrogate-control'), 'no-store')
  t.equal(reply.present.get('x-cache-control'), 'max-age=600')
  t.notOk(reply.present.has('vercel-cdn-cache-control'), 'where it was told nothing it is told nothing')
})

t.test('what a reply says of caching is completed where it says something, and only there', async (t) => {
  const table: readonly (readonly [given: Record<string, string>, setsCookie: boolean, wanted: Record<string, string>])[] = [
    [{}, true, {}],
    [{ vary: 'Accept', 'cache-control': 'public', 'surrogate-control': 'x' }, false, { vary: 'Accept, Cookie' }],
    [{ vary: '*', 'cache-control': 'no-store' }, true, { 'cache-control': `no-store, ${OURS}` }],
    [{ vary: '', 'surrogate-control': 'x' }, true, { vary: 'Cookie', 'surrogate-control': 'no-store' }],
  ]
  for (const [given, setsCookie, wanted] of table)
    t.strictSame(
      Object.fromEntries(cachingHeaders((name) => given[name], setsCookie, ['Cookie'])),
      wanted,
      JSON.stringify([given, setsCookie]),
    )
})

t.test('a reply that says what it varies by learns all that the session makes it vary by', async (t) => {
  const varied = (vary: string) => cachingHeaders((name) => (name === 'vary' ? vary : undefined), false, ['Cookie', 'x-token'])
  t.strictSame(varied('Accept'), [['vary', 'Accept, Cookie, x-token']])
  t.strictSame(varied('X-Token'), [['vary', 'X-Token, Cookie']])
  t.strictSame(varied('cookie, x-token'), [])
})

t.test('of the headers of a reply that is replaced those stay that speak of no reply', async (t) => {
  const staying = [
    ...['connection', 'keep-alive', 'alt-svc', 'date', 'server', 'vary', 'set-cookie'],
    ...['access-control-allow-origin', 'access-control-allow-credentials', 'access-control-expose-headers'],
    ...['strict-transport-security', 'content-security-policy', 'content-security-policy-report-only', 'permissions-policy'],
    ...['referrer-policy', 'x-frame-options', 'x-content-type-options', 'x-xss-protection', 'x-dns-prefetch-control'],
    ...['x-download-options', 'x-permitted-cross-domain-policies', 'origin-agent-cluster', 'report-to', 'reporting-endpoints', 'nel'],
    ...['cross-origin-opener-policy', 'cross-origin-embedder-policy', 'cross-origin-resource-policy'],
    ...['request-id', 'x-request-id', 'correlation-id', 'x-correlation-id', 'traceparent', 'traceresponse'],
    ...['ratelimit', 'ratelimit-policy', 'ratelimit-remaining', 'x-ratelimit-limit', 'x-rate-limit-reset'],
  ]
  const going = [
    ...['location', 'refresh', 'link', 'x-accel-redirect', 'x-sendfile', 'hx-redirect', 'sourcemap', 'x-robots-tag'],
    ...['content-type', 'content-length', 'content-encoding', 'content-disposition', 'content-language', 'content-location'],
    ...['content-range', 'accept-ranges', 'content-digest', 'content-md5', 'repr-digest', 'etag', 'last-modified'],
    ...['cache-control', 'cdn-cache-control', 'surrogate-control', 'expires', 'age', 'transfer-encoding', 'trailer', 'upgrade'],
    ...['www-authenticate', 'retry-after', 'clear-site-data', 'server-timing', 'x-anything', 'my-ratelimit-x', 'access-control'],
  ]
  for (const name of staying) t.ok(mayStay(name), name)
  for (const name of going) t.notOk(mayStay(name), name)
})
