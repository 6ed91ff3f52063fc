import { serialize } from 'cookie'
import type { CookieOptions, CookieRequest } from '../../types/options.ts'
import { OptionError } from '../errors.ts'

/** The cookie's settings with every default filled in. */
export interface CookieSettings extends Required<Omit<CookieOptions, 'domain'>> {
  readonly domain: string | ((request: CookieRequest) => string | undefined) | undefined
}

export const COOKIE_DEFAULTS: CookieSettings = {
  name: 'session',
  path: '/',
  domain: undefined,
  httpOnly: true,
  secure: 'auto',
  sameSite: 'lax',
  persist: true,
  partitioned: false,
  rolling: false,
}

/** When the attribute Secure is required, and why (RFC 6265bis, 4.1.3; CHIPS). */
const SECURE_RULES: readonly { applies(c: CookieSettings): boolean; because: string }[] = [
  { applies: (c) => hasPrefix(c, '__host-'), because: 'for a __Host- name' },
  { applies: (c) => hasPrefix(c, '__secure-'), because: 'for a __Secure- name' },
  { applies: (c) => c.sameSite === 'none', because: 'with sameSite none' },
  { applies: (c) => c.partitioned, because: 'with partitioned' },
]

/** Compared without regard to case, as browsers do. */
function hasPrefix(cookie: CookieSettings, prefix: string): boolean {
  return cookie.name.toLowerCase().startsWith(prefix)
}

/** Applies the rules that hold between attributes; throws `FST_ERR_SCS_OPTION` when they contradict one another. */
export function settleCookie(cookie: CookieSettings): CookieSettings {
  if (hasPrefix(cookie, '__host-')) {
    if (cookie.path !== '/') throw new OptionError('cookie.path', "must be '/' for a __Host- name")
    if (cookie.domain !== undefined) throw new OptionError('cookie.domain', 'must be left out for a __Host- name')
  }
  const rule = SECURE_RULES.find((each) => each.applies(cookie))
  if (rule === undefined) return cookie
  if (cookie.secure === false) throw new OptionError('cookie.secure', `cannot be false ${rule.because}`)
  return { ...cookie, secure: true }
}

/** The cookie as strings that are made once: the parts before the token and the expiry, and the part after it, without and with Secure. */
export interface CookieTemplate {
  readonly start: string
  readonly middle: string
  readonly plainEnd: string
  readonly secureEnd: string
  readonly secure: boolean | 'auto'
  readonly persist: boolean
}

/**
 * Makes the template, without the domain when the option is a function. Throws `FST_ERR_SCS_OPTION` for a name, path or domain with
 * characters that a header cannot have.
 */
export function cookieTemplate(cookie: CookieSettings): CookieTemplate {
  const { name, path, domain, httpOnly, sameSite, partitioned } = cookie
  accepted('name', () => serialize(name, ''))
  accepted('path', () => serialize('n', '', { path }))
  return {
    start: `${name}=`,
    middle: `; Path=${path}${typeof domain === 'string' ? domainAttribute(domain) : ''}`,
    plainEnd: attributes({ httpOnly, sameSite }),
    secureEnd: attributes({ httpOnly, secure: true, sameSite }) + (partitioned ? '; Partitioned' : ''),
    secure: cookie.secure,
    persist: cookie.persist,
  }
}

function domainAttribute(domain: string): string {
  accepted('domain', () => serialize('n', '', { domain }))
  return `; Domain=${domain}`
}

/**
 * The template for one request: with the domain that `cookie.domain` returns when that is a function, otherwise the one given. Throws
 * `FST_ERR_SCS_OPTION` when the function throws or returns no domain.
 */
export function templateFor(cookie: CookieSettings, template: CookieTemplate, request: CookieRequest | undefined): CookieTemplate {
  const { domain } = cookie
  if (typeof domain !== 'function' || request === undefined) return template
  const named = nameDomain(domain, request)
  if (named === undefined) return template
  if (typeof named !== 'string' || named === '') throw new OptionError('cookie.domain', 'must return a domain or undefined')
  return { ...template, middle: template.middle + domainAttribute(withoutDot(named)) }
}

function nameDomain(domain: (request: CookieRequest) => unknown, request: CookieRequest): unknown {
  try {
    return domain(request)
  } catch (cause) {
    throw new OptionError('cookie.domain', 'threw for a request', { cause })
  }
}

/** Browsers ignore a dot before the domain (RFC 6265, 5.2.3). */
export function withoutDot(domain: string): string {
  return domain.replace(/^\.(?=.)/, '')
}

/** The attributes in the order of SCS (and Go), each as the package `cookie` writes it. */
function attributes(options: { httpOnly: boolean; secure?: boolean; sameSite: 'lax' | 'strict' | 'none' }): string {
  return serialize('n', '', options).slice('n='.length)
}

function accepted(option: string, attempt: () => string): void {
  try {
    attempt()
  } catch (cause) {
    throw new OptionError(`cookie.${option}`, 'has characters that a cookie cannot have', { cause })
  }
}

/**
 * The Set-Cookie of a token. `Expires` is the deadline in whole seconds plus one and `Max-Age` the remaining seconds rounded up, as SCS
 * writes them; both are left out for a cookie that ends with the browser.
 */
export function setCookie(template: CookieTemplate, token: string, deadline: number | undefined, now: number, secure: boolean): string {
  const expiry = deadline === undefined ? '' : `; Expires=${expires(deadline)}; Max-Age=${Math.max(0, Math.ceil((deadline - now) / 1000))}`
  return template.start + token + template.middle + expiry + (secure ? template.secureEnd : template.plainEnd)
}

/** The second that was written last, and its text: the cookies of one second mostly share it. */
let lastSecond: number | undefined
let lastText = ''

function expires(deadline: number): string {
  const second = Math.floor(deadline / 1000) + 1
  if (second !== lastSecond) {
    lastText = new Date(second * 1000).toUTCString()
    lastSecond = second
  }
  return lastText
}

/** The Set-Cookie that makes the browser forget the session: the same attributes, long past. */
export function clearCookie(template: CookieTemplate, secure: boolean): string {
  const end = secure ? template.secureEnd : template.plainEnd
  return `${template.start + template.middle}; Expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=0${end}`
}

/**
 * The values of one cookie in a Cookie header, as they are: undefined for none, a string for one, an array for several. The name must be at
 * the start of a pair and is compared byte by byte. Nothing is decoded, so no other name can decode to ours.
 *
 * @param start the name and the equals sign
 */
export function readCookie(header: string, start: string): string | string[] | undefined {
  let found: string | string[] | undefined
  for (let at = header.indexOf(start); at !== -1; at = header.indexOf(start, at)) {
    const from = at + start.length
    const begins = startsPair(header, at)
    at = from
    if (!begins) continue
    const end = header.indexOf(';', from)
    const value = trimEnd(end === -1 ? header.slice(from) : header.slice(from, end))
    if (found === undefined) found = value
    else if (typeof found === 'string') found = [found, value]
    else found.push(value)
  }
  return found
}

function startsPair(header: string, at: number): boolean {
  let before = at - 1
  while (before >= 0 && isBlank(header.charCodeAt(before))) before--
  return before < 0 || header.charCodeAt(before) === 0x3b
}

/** Space and tab, the optional white space of HTTP (RFC 9110, 5.6.3), and no other white space. */
function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}

function trimEnd(value: string): string {
  let end = value.length
  while (end > 0 && isBlank(value.charCodeAt(end - 1))) end--
  return end === value.length ? value : value.slice(0, end)
}
