import type { AdoptedSession, AdoptFunction, FromCookieOptions, OldCookieOptions } from '../../types/adopt.ts'
import type { CookieRequest } from '../../types/options.ts'
import { COOKIE_DEFAULTS, clearCookie, cookieTemplate, readCookie, withoutDot } from '../http/cookie.ts'
import { check, isBoolean, isFunction, isObject, isText, type Rules, readOptions, type Test } from '../options/checks.ts'
import { noteClearing, type OldCookie } from './clearing.ts'

/** How many cookies of one name are read: more are no accident. */
const MAX_COOKIES = 3

const COOKIE: Rules = {
  path: [(value) => isText(value) && String(value).startsWith('/'), "must be a string that begins with '/'"],
  domain: [isText, 'must be a string that is not empty'],
  partitioned: [isBoolean, 'must be true or false'],
}

/** The rules of an option that names the old cookie, and of one that says where it is. @internal */
export const NAME: readonly [Test, string] = [isText, 'must be the name of the old cookie']
/** @internal */
export const PLACE: readonly [Test, string] = [isObject, 'must be an object with the path and the domain of the old cookie']

/**
 * Copies and checks the options of a function that carries sessions over, whose name the error has. One that is missing is not right either.
 * @internal
 */
export function checked<T extends object>(of: string, options: T, needed: Rules, rules: Rules): T {
  const read = readOptions(options, `${of}.`)
  check(read, { ...needed, ...rules }, `${of}.`)
  for (const name of Object.keys(needed)) check({ [name]: Reflect.get(read, name) ?? null }, needed, `${of}.`)
  return read
}

/** How the cookies of another library are read and cleared. @internal */
interface Reading {
  /** The function that the errors name. */
  readonly of: string
  /** The cookie to read. */
  readonly name: string
  /** Others that belong to it, which are cleared with it. */
  readonly more?: readonly string[]
  readonly place: OldCookieOptions | undefined
  readonly read: FromCookieOptions['read']
}

/** Returns an `adopt` that reads a cookie, and notes it to be cleared. @internal */
export function cookieReader({ of, name, more = [], place = {}, read }: Reading): AdoptFunction {
  const { path, domain, partitioned } = readOptions(place, `${of}.cookie.`)
  check({ path, domain, partitioned }, COOKIE, `${of}.cookie.`)
  const cookies = [name, ...more].map((each) => oldCookie(each, path, domain, partitioned))
  return async (request) => {
    for (const value of valuesOf(request, name)) {
      const found = await read(value, request)
      if (found === undefined) continue
      noteClearing(request, { cookies, end: found.end })
      return found.values
    }
    return undefined
  }
}

function oldCookie(name: string, path = '/', domain?: string, partitioned = false): OldCookie {
  const template = cookieTemplate({
    ...COOKIE_DEFAULTS,
    name,
    path,
    domain: domain === undefined ? undefined : withoutDot(domain),
    partitioned,
  })
  // A browser takes a Set-Cookie of such a name, or of a partitioned cookie, with Secure alone.
  const isSecure = partitioned || /^__(?:host|secure)-/i.test(name)
  return { start: `${template.start}${template.middle};`, clear: (secure) => clearCookie(template, isSecure || secure) }
}

/** The values of a request's cookie, decoded, the first ones only. @internal */
export function valuesOf({ headers }: CookieRequest, name: string): string[] {
  const { cookie } = headers
  if (typeof cookie !== 'string') return []
  return [readCookie(cookie, `${name}=`) ?? []].flat().slice(0, MAX_COOKIES).map(decoded)
}

/** A cookie's value as the old libraries decode it: one that is not encoded stays as it is. */
function decoded(value: string): string {
  const bare = /^".*"$/.test(value) ? value.slice(1, -1) : value
  try {
    return decodeURIComponent(bare)
  } catch {
    return bare
  }
}

/**
 * Returns an `adopt` for a cookie of your own reading: `read` gets its value, decoded, and returns the values and how to end the old record, or
 * undefined for a stranger. The cookie is cleared once the values are saved.
 */
export function fromCookie(options: FromCookieOptions): AdoptFunction {
  const needed: Rules = { name: NAME, read: [isFunction, 'must be a function (value, request) => ({ values, end })'] }
  const { name, cookie, read } = checked('fromCookie', options, needed, { cookie: PLACE })
  return cookieReader({ of: 'fromCookie', name, place: cookie, read })
}

/** A session without values of its own library. @internal */
export function plainValues(session: object, without: readonly string[]): AdoptedSession['values'] {
  const entries = Object.entries(session).filter(([key]) => !without.includes(key))
  return Object.fromEntries(entries.map(([key, value]) => [key, copied(value)]))
}

/** The session freezes what it keeps, and the old store may still use it. What cannot be copied cannot be kept either. */
function copied(value: unknown): unknown {
  try {
    return structuredClone(value)
  } catch {
    return value
  }
}
