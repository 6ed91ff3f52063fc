import t from 'tap'
import { clearCookie, cookieTemplate, setCookie, templateFor } from '../../../lib/http/cookie.ts'
import { cookieSettings } from '../../../lib/settings.ts'
import { fakeClock } from '../../support/clock.ts'

const TOKEN = 'UNhY4JhezH9gQYqvDMWrWH9CwlcKiECVqejMrND2VFw'
const DAY = 86_400_000
const now = fakeClock()()

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
