import t from 'tap'
import { COOKIE_DEFAULTS, type CookieSettings, clearCookie, cookieTemplate, setCookie, settleCookie } from '../../../lib/http/cookie.ts'
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
