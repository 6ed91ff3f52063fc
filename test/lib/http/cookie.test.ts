import { parse } from 'cookie'
import fc from 'fast-check'
import t from 'tap'
import {
  COOKIE_DEFAULTS,
  type CookieSettings,
  clearCookie,
  cookieTemplate,
  readCookie,
  setCookie,
  settleCookie,
  templateFor,
} from '../../../lib/http/cookie.ts'
import { cookieSettings } from '../../../lib/settings.ts'
import { fakeClock } from '../../support/clock.ts'

const TOKEN = 'UNhY4JhezH9gQYqvDMWrWH9CwlcKiECVqejMrND2VFw'
const DAY = 86_400_000
const now = fakeClock()()

function cookie(parts: Partial<CookieSettings> = {}): CookieSettings {
  return { ...COOKIE_DEFAULTS, ...parts }
}

// --- writing ---

t.test('a Set-Cookie has every attribute in the order of SCS, to the letter', async (t) => {
  const flags = [true, false]
  for (const domain of [undefined, 'example.com'])
    for (const deadline of [now + DAY, undefined])
      for (const httpOnly of flags)
        for (const secure of flags)
          for (const sameSite of ['lax', 'strict', 'none'] as const)
            for (const partitioned of secure ? flags : [false]) {
              const template = cookieTemplate(cookie({ domain, httpOnly, sameSite, partitioned, path: '/app' }))
              const before = ['Path=/app', domain && `Domain=${domain}`]
              const expiry = deadline !== undefined && ['Expires=Wed, 02 Jan 2030 00:00:01 GMT', 'Max-Age=86400']
              const after = [
                httpOnly && 'HttpOnly',
                secure && 'Secure',
                `SameSite=${sameSite.charAt(0).toUpperCase()}${sameSite.slice(1)}`,
                partitioned && 'Partitioned',
              ]
              const wanted = (name: string, dates: unknown) => [name, before, dates, after].flat().filter(Boolean).join('; ')
              t.equal(setCookie(template, TOKEN, deadline, now, secure), wanted(`session=${TOKEN}`, expiry))
              const past = ['Expires=Thu, 01 Jan 1970 00:00:01 GMT', 'Max-Age=0']
              t.equal(clearCookie(template, secure), wanted('session=', past), 'and the clear-cookie has the same')
            }
})

t.test('the cookie of the defaults over http, written out', async (t) => {
  const text = `session=${TOKEN}; Path=/; Expires=Wed, 02 Jan 2030 00:00:01 GMT; Max-Age=86400; HttpOnly; SameSite=Lax`
  t.equal(setCookie(cookieTemplate(COOKIE_DEFAULTS), TOKEN, now + DAY, now, false), text)
})

t.test('Max-Age is the remaining seconds rounded up, and never negative', async (t) => {
  const table: readonly (readonly [remaining: number, seconds: number])[] = [
    [DAY, 86_400],
    [DAY - 1, 86_400],
    [DAY - 999, 86_400],
    [DAY - 1000, 86_399],
    [DAY + 1, 86_401],
    [1, 1],
    [0, 0],
    [-1, 0],
    [-DAY, 0],
  ]
  for (const [remaining, seconds] of table) {
    const [, maxAge] = /; Max-Age=(-?\d+);/.exec(setCookie(cookieTemplate(cookie()), TOKEN, now + remaining, now, false)) ?? []
    t.equal(maxAge, String(seconds), String(remaining))
  }
})

t.test('Expires is the deadline in whole seconds plus one', async (t) => {
  const table: readonly (readonly [ms: number, second: string])[] = [
    [0, '00:00:01'],
    [1, '00:00:01'],
    [999, '00:00:01'],
    [1000, '00:00:02'],
    [59_999, '00:01:00'],
  ]
  for (const [ms, second] of table) {
    t.match(setCookie(cookieTemplate(cookie()), TOKEN, now + ms, now, false), `; Expires=Tue, 01 Jan 2030 ${second} GMT; `, String(ms))
  }
})

// --- what holds between attributes ---

t.test('a __Host- name, in any case, wants the path / and no domain', async (t) => {
  for (const name of ['__Host-sid', '__host-sid', '__HOST-sid']) {
    t.throws(() => settleCookie(cookie({ name, path: '/app' })), {
      code: 'FST_ERR_SCS_OPTION',
      message: /cookie\.path must be '\/' for a __Host- name/,
    })
    t.throws(() => settleCookie(cookie({ name, domain: 'example.com' })), {
      code: 'FST_ERR_SCS_OPTION',
      message: /cookie\.domain must be left out/,
    })
  }
  for (const name of ['__Secure-sid', 'Host-sid', '_Host-sid', 'x__Host-sid'])
    t.doesNotThrow(() => settleCookie(cookie({ name, path: '/app' })))
})

t.test('a prefix, SameSite=None and Partitioned make Secure a must, and false is refused', async (t) => {
  const wanting: readonly (readonly [Partial<CookieSettings>, string])[] = [
    [{ name: '__Host-sid' }, 'for a __Host- name'],
    [{ name: '__host-sid' }, 'for a __Host- name'],
    [{ name: '__Secure-sid' }, 'for a __Secure- name'],
    [{ name: '__SECURE-sid', path: '/app', domain: 'example.com' }, 'for a __Secure- name'],
    [{ sameSite: 'none' }, 'with sameSite none'],
    [{ partitioned: true }, 'with partitioned'],
  ]
  for (const [parts, because] of wanting) {
    const given = Object.freeze(cookie(parts))
    t.strictSame(settleCookie(given), { ...given, secure: true }, because)
    t.strictSame(settleCookie(cookie({ ...parts, secure: true })), { ...given, secure: true })
    t.throws(() => settleCookie(cookie({ ...parts, secure: false })), {
      code: 'FST_ERR_SCS_OPTION',
      message: `Option cookie.secure cannot be false ${because}.`,
    })
  }
  for (const secure of ['auto', true, false] as const)
    t.equal(settleCookie(cookie({ secure })).secure, secure, 'and otherwise it is what was said')
})

t.test('what a header cannot carry is no name, path or domain', async (t) => {
  const bad: Readonly<Record<'name' | 'path' | 'domain', readonly string[]>> = {
    name: ['a b', 'a;b', 'a=b', '=', ';', 'ä', 'a\n', 'a\r\nSet-Cookie: x=1', 'a\0', 'a\t', '\x7f', '😀'],
    path: ['/a;b', '/;', '/a\n', '/a\r\nX: 1', '/ä', '/\0', '/\x7f'],
    domain: [
      '.',
      '..',
      'a b',
      'a;b',
      'exa_mple.com',
      'example.com/',
      'example.com:80',
      'a..b',
      'example.com\n',
      'ä.de',
      '-a.de',
      `${'a'.repeat(64)}.de`,
    ],
  }
  for (const [option, values] of Object.entries(bad)) {
    for (const value of values) {
      t.throws(
        () => cookieTemplate(cookieSettings({ [option]: value })),
        { code: 'FST_ERR_SCS_OPTION', message: new RegExp(`^Option cookie\\.${option} `), cause: { name: 'TypeError' } },
        `${option} ${JSON.stringify(value)}`,
      )
    }
  }
})

t.test('what a header can carry is a name, path or domain', async (t) => {
  const good = {
    name: ['s', 'session-id', 'my.session', '__Host-sid', "!#$%&'*+-.^_`|~"],
    path: ['/', '/a b', '/a,b/'],
    domain: ['localhost', 'a.b.c', '127.0.0.1'],
  }
  for (const [option, values] of Object.entries(good)) {
    for (const value of values) t.doesNotThrow(() => cookieTemplate(cookieSettings({ [option]: value })), `${option} ${value}`)
  }
  t.match(
    clearCookie(cookieTemplate(cookieSettings({ domain: '.example.com' })), false),
    '; Domain=example.com;',
    'the dot before a domain is dropped',
  )
})

// --- a domain for each request ---

const request = (hostname: string) => ({ hostname, protocol: 'https', headers: { host: hostname } })
const tenants = (domain: unknown) => {
  const settings = cookieSettings({ domain: domain as () => string, path: '/app' })
  const template = cookieTemplate(settings)
  return { settings, template, of: (hostname: string) => clearCookie(templateFor(settings, template, request(hostname)), false) }
}

t.test('a domain that a function names follows the request, in the set-cookie and in the clear-cookie', async (t) => {
  const seen: unknown[] = []
  const byHost = tenants((asking: { hostname: string }) => {
    seen.push(asking)
    return asking.hostname.split('.').slice(-2).join('.')
  })
  t.match(byHost.of('shop.a.example'), '; Path=/app; Domain=a.example; ')
  t.match(byHost.of('shop.b.example'), '; Path=/app; Domain=b.example; ')
  t.strictSame(seen, ['shop.a.example', 'shop.b.example'].map(request))
  const template = templateFor(byHost.settings, byHost.template, request('x.a.example'))
  t.match(setCookie(template, TOKEN, now + DAY, now, true), '; Path=/app; Domain=a.example; Expires=')
  t.match(tenants(() => '.a.example').of('a.example'), '; Domain=a.example;', 'a dot before it is dropped')
})

t.test('where the function names none, or there is no request, the cookie goes to the host alone', async (t) => {
  const none = tenants(() => undefined)
  t.equal(templateFor(none.settings, none.template, request('a.example')), none.template)
  t.notMatch(none.of('a.example'), 'Domain')
  const never = tenants(() => t.fail('there is nothing to ask about'))
  t.equal(templateFor(never.settings, never.template, undefined), never.template)
  const fixed = cookieSettings({ domain: 'a.example' })
  const template = cookieTemplate(fixed)
  t.equal(templateFor(fixed, template, request('b.example')), template)
})

t.test('what is no domain, and a function that throws, are refused when they come', async (t) => {
  for (const wrong of ['a b', 'a;b', '.', 'a.example:80', 'a.example\r\nSet-Cookie: x=1'])
    t.throws(() => tenants(() => wrong).of('a.example'), { code: 'FST_ERR_SCS_OPTION', message: /^Option cookie\.domain has characters/ })
  for (const wrong of [null, 7, {}, '', Promise.resolve('a.example')])
    t.throws(() => tenants(() => wrong).of('a.example'), { message: 'Option cookie.domain must return a domain or undefined.' })
  const cause = new Error('no such tenant')
  const no = () => {
    throw cause
  }
  t.throws(() => tenants(no).of('a.example'), { code: 'FST_ERR_SCS_OPTION', message: /^Option cookie\.domain threw/, cause })
  t.throws(() => cookieSettings({ name: '__Host-sid', domain: no }), { message: /cookie\.domain must be left out for a __Host- name/ })
})

// --- reading ---

const START = 'session='

t.test('one cookie is read as it stands: none, one, or several', async (t) => {
  const table: readonly (readonly [string, string | readonly string[] | undefined])[] = [
    ['', undefined],
    ['session', undefined],
    ['other=1', undefined],
    ['session=', ''],
    ['session=a', 'a'],
    ['a=1; session=b; c=2', 'b'],
    ['a=1;session=b;c=2', 'b'],
    [' \t session=b \t ', 'b'],
    [';;; session=b;;', 'b'],
    ['session=a=b=c', 'a=b=c'],
    ['session="a"', '"a"'],
    ['session=a%20b', 'a%20b'],
    ['session=a; session=b', ['a', 'b']],
    ['session=a; x=1; session=a; session=', ['a', 'a', '']],
    ['session=session=a', 'session=a'],
    ['session=;session=a', ['', 'a']],
    ['$Version=1; session=a; $Path=/', 'a'],
    ['$session=a', undefined],
    ['xsession=a', undefined],
    ['x session=a', undefined],
    ['x=session=a', undefined],
    ['x="; session=a; "', 'a'],
    ['x=",session=a"', undefined],
    ['=session=a', undefined],
    ['Session=a; SESSION=b', undefined],
    ['session =a', undefined],
    ['sess%69on=a', undefined],
    ['session=a\u00a0', 'a\u00a0'],
    ['session=a,session=b', 'a,session=b'],
  ]
  for (const [header, wanted] of table) t.strictSame(readCookie(header, START), wanted, JSON.stringify(header))
})

t.test('no trick makes a cookie of another name ours', async (t) => {
  const start = '__Host-x='
  const blanks = ['\u00a0', '\u2000', '\u2003', '\u2028', '\u3000', '\ufeff', '\u0085', '\u000b', '\u000c', '\n', '\r', '\0']
  const tricks = [
    ...blanks.flatMap((blank) => [`${blank}__Host-x=evil`, `a=1;${blank}__Host-x=evil`, `a=1; ${blank} __Host-x=evil`]),
    ...[
      '=__Host-x=evil',
      '=__Host-x',
      ' =__Host-x=evil',
      '%5F%5FHost-x=evil',
      '__%48ost-x=evil',
      '__host-x=evil',
      '__HOST-X=evil',
      '_Host-x=evil',
    ],
    ...[
      '__Host-x =evil',
      '__Host-x\t=evil',
      '"__Host-x=evil"',
      "'__Host-x=evil'",
      '$__Host-x=evil',
      'a="b; "__Host-x=evil',
      '__Host-x\u00a0=evil',
      '__Host-\u0445=evil',
    ],
  ]
  for (const trick of tricks) {
    t.equal(readCookie(trick, start), undefined, encodeURIComponent(trick))
    t.equal(readCookie(`${trick}; __Host-x=good`, start), 'good', 'beside the good one')
    t.equal(readCookie(`__Host-x=good; ${trick}`, start), 'good', 'after the good one')
  }
})

t.test('a header of any size is read', async (t) => {
  const many = Array.from({ length: 200 }, (_, i) => `session=${i}`)
  t.strictSame(
    readCookie(many.join('; '), START),
    Array.from({ length: 200 }, (_, i) => String(i)),
  )
  const filler = Array.from({ length: 200 }, (_, i) => `c${i}=${i}`).join('; ')
  t.equal(readCookie(`${filler}; session=a`, START), 'a')
  const big = 'x'.repeat(65_536)
  t.equal(readCookie(`session=${big}`, START), big)
  t.equal(readCookie(`${' '.repeat(65_536)}session=a${'\t'.repeat(65_536)}`, START), 'a')
  t.equal(readCookie('session= '.repeat(8000), START), `${' session='.repeat(7999)}`.replace(/^ /, ' '), 'only the first begins a pair')
})

t.test(
  'the first value of our name is the one that the cookie package reads, but for blanks around the equals sign, which no browser sends',
  async () => {
    const name = fc.constantFrom('session', 'Session', 'xsession', 'a', '', '__proto__', '$Version')
    const value = fc.string({ unit: fc.constantFrom(...'aB09=-_"\', ', 'session=', 'session') })
    const blank = fc.constantFrom('', ' ', '\t', '  ')
    const pair = fc
      .tuple(
        blank,
        name,
        fc.constantFrom('=', ''),
        value.map((text) => text.trim()),
        blank,
      )
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(fc.array(pair), (pairs) => {
        const header = pairs.join(';').replace(/[ \t]*=[ \t]*/g, '=')
        const [first] = [readCookie(header, START) ?? []].flat()
        return first === parse(header)['session']
      }),
      { numRuns: 2000 },
    )
  },
)

t.test('every value that is read stands in the header behind our name', async () => {
  const piece = fc.oneof(fc.constantFrom('session=', ';', ' ', '=', '; '), fc.string({ unit: 'binary' }))
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 20 }).map((parts) => parts.join('')),
      (header) => [readCookie(header, START) ?? []].flat().every((value) => !value.includes(';') && header.includes(START + value)),
    ),
  )
})
