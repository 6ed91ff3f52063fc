import t from 'tap'
import { addVary, cachingHeaders, headerText, mayStay, varyBy } from '../../../lib/http/headers.ts'
import { headers, type Value } from './header-bag.ts'

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
