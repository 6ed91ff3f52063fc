import t from 'tap'
import { cookieSettings, replyCookie, settle } from '../../lib/settings.ts'
import type { CookieOptions, ManagerOptions } from '../../types/options.ts'
import { SpyStore } from '../support/spy-store.ts'
import { NO_BOOLEAN, NO_TEXT } from './bad-values.ts'

const store = new SpyStore()

const settled = (options: object) => settle({ store, ...options } as ManagerOptions)

t.test('a bad option of the cookie throws FST_ERR_SCS_OPTION, which names it', async (t) => {
  const table: Readonly<Record<keyof CookieOptions, readonly [readonly unknown[], RegExp]>> = {
    name: [[...NO_TEXT, 'a b', 'x'.repeat(4001)], /(?:must be a string|has characters that a cookie cannot have)/],
    path: [[...NO_TEXT, 'app', './', '/a;b'], /(?:must be a string that begins with '\/'|has characters)/],
    domain: [[null, true, 0, 7, '', {}, ['text'], 'a b', '.'], /(?:must be a string that is not empty, or a function|has characters)/],
    httpOnly: [NO_BOOLEAN, /must be true or false/],
    secure: [NO_BOOLEAN, /must be true, false or 'auto'/],
    sameSite: [[...NO_BOOLEAN, true, false, 'Lax', 'LAX', ['lax']], /must be 'lax', 'strict' or 'none'/],
    persist: [NO_BOOLEAN, /must be true or false/],
    partitioned: [NO_BOOLEAN, /must be true or false/],
    rolling: [[...NO_BOOLEAN, true], /(?:must be true or false|needs an idleTimeout, which the cookie follows)/],
  }
  for (const [name, [values, rule]] of Object.entries(table)) {
    for (const value of values) {
      const message = new RegExp(`^Option cookie\\.${name} ${rule.source}`)
      t.throws(
        () => settled({ cookie: { [name]: value } }),
        { code: 'FST_ERR_SCS_OPTION', message },
        `cookie.${name}: ${typeof value} ${String(value).slice(0, 20)}`,
      )
    }
  }
})

t.test('the options of one reply start from those of the plugin', async (t) => {
  const registered = cookieSettings({ name: '__Secure-sid', domain: 'example.com', sameSite: 'strict' })
  t.strictSame(cookieSettings({ httpOnly: false }, registered), { ...registered, httpOnly: false })
  t.throws(() => cookieSettings({ secure: false }, registered), { code: 'FST_ERR_SCS_OPTION' })
})

t.test('a reply may repeat what is registered, and change what may differ', async (t) => {
  const registered = cookieSettings({ domain: 'example.com', path: '/app' })
  const same: readonly object[] = [
    {},
    { domain: undefined, path: undefined, partitioned: undefined, maxAge: undefined, expires: undefined },
    { domain: 'example.com', path: '/app', partitioned: false, name: 'session' },
    { domain: '.example.com', userInfo: 1, signed: true },
  ]
  for (const options of same) t.strictSame(replyCookie(options, registered), registered, JSON.stringify(options))
  t.strictSame(replyCookie({ sameSite: 'strict', secure: undefined } as object, registered), { ...registered, sameSite: 'strict' })
  const domain = () => 'example.com'
  t.equal(replyCookie({ domain } as object, cookieSettings({ domain })).domain, domain)
  for (const [option, value] of [
    ...[
      ['domain', 'other.example'],
      ['domain', ''],
      ['domain', 7],
      ['path', '/'],
      ['path', 'app'],
      ['partitioned', true],
      ['name', 'sid'],
    ],
    ...[
      ['domain', () => 'example.com'],
      ['maxAge', 60],
      ['expires', new Date()],
    ],
  ] as [string, unknown][]) {
    const message = new RegExp(`^options\\(\\{ ${option} \\}\\) (?:cannot differ from reply to reply|follows from the deadline)`)
    t.throws(() => replyCookie({ [option]: value } as object, registered), { code: 'FST_ERR_SCS_ARGUMENT', message }, option)
  }
  t.throws(() => replyCookie({ domain: 'example.com' } as object, cookieSettings({})), { code: 'FST_ERR_SCS_ARGUMENT' })
  for (const value of [1, undefined])
    t.throws(() => replyCookie({ samesite: value } as object, registered), { message: /^Option cookie\.samesite does not exist/ })
})
