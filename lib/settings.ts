import { isDeepStrictEqual } from 'node:util'
import type { CookieOptions, LimitOptions, ManagerOptions, SessionLogger } from '../types/options.ts'
import type { ReplyCookieOptions } from '../types/session.ts'
import type { FindWant, SessionStore } from '../types/store.ts'
import type { DescribeClient } from './client.ts'
import { JsonCodec } from './data/codec.ts'
import type { DataSettings } from './data/record.ts'
import { schemaKeys, schemaRules } from './data/schema.ts'
import { TokenCache } from './data/token-cache.ts'
import { ArgumentError, OptionError } from './errors.ts'
import { COOKIE_DEFAULTS, type CookieSettings, type CookieTemplate, cookieTemplate, settleCookie, withoutDot } from './http/cookie.ts'
import { settleTokenHeader, type TokenHeader } from './http/token-header.ts'
import { check, readOptions } from './options/checks.ts'
import { COOKIE_RULES, LIMIT_RULES, RULES, STORE_RULES } from './options/rules.ts'
import { settleTimes, tellOfSeconds } from './options/times.ts'
import { machineClock } from './store/client.ts'

/** The options, checked, with every default filled in; durations in milliseconds. */
export interface Settings extends DataSettings {
  readonly store: SessionStore
  readonly tokenCache: TokenCache
  readonly cookie: CookieSettings
  /** Without the domain where that depends on the request: see `templateFor`. */
  readonly template: CookieTemplate
  /** Undefined: the cookie alone. */
  readonly tokenHeader: TokenHeader | undefined
  readonly client: DescribeClient | undefined
  readonly limit: LimitOptions | undefined
  readonly hashToken: boolean
  /** Whether sessions whose key is the token itself are found too: while tokens are migrated to hashes. */
  readonly findsPlain: boolean
  readonly clock: () => number
  readonly log: SessionLogger
}

const SILENT: SessionLogger = { info() {}, warn() {} }

/** Fills in what was not given. */
function withDefaults<T extends object>(defaults: T, given: object): T {
  return { ...defaults, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) }
}

/** Checks the cookie's options, each and together. */
export function cookieSettings(given: CookieOptions, defaults: CookieSettings = COOKIE_DEFAULTS): CookieSettings {
  const options = readOptions(given, 'cookie.')
  check(options, COOKIE_RULES, 'cookie.')
  const cookie = withDefaults(defaults, options)
  return settleCookie({ ...cookie, domain: typeof cookie.domain === 'string' ? withoutDot(cookie.domain) : cookie.domain })
}

/** Options that plugins pass along to `options()` and that have nothing to do with our cookie. */
const OF_OTHERS = new Set(['userInfo', 'signed', 'encode', 'priority'])

const ONE_COOKIE = 'cannot differ from reply to reply, or the browser would keep two cookies'
const BY_DEADLINE = 'follows from the deadline: use setDeadline()'

/** The attributes that are the same for all replies, and why. */
const FIXED: ReadonlyMap<string, string> = new Map([
  ...['name', 'path', 'domain', 'partitioned'].map((name): [string, string] => [name, ONE_COOKIE]),
  ...['maxAge', 'expires'].map((name): [string, string] => [name, BY_DEADLINE]),
  ['rolling', 'is the same for every reply: set it at register'],
])

/**
 * The cookie's settings for one reply. An option that is undefined or equal to the registered one changes nothing. Throws
 * `FST_ERR_SCS_ARGUMENT` for an attribute that cannot differ, and `FST_ERR_SCS_OPTION` for a wrong value.
 */
export function replyCookie(options: ReplyCookieOptions, cookie: CookieSettings): CookieSettings {
  const given = Object.entries(readOptions(options, 'cookie.')).filter(([name]) => !OF_OTHERS.has(name))
  for (const [name, value] of given) {
    const rule = FIXED.get(name)
    if (rule !== undefined && value !== undefined && !isRegistered(name, value, cookie))
      throw new ArgumentError(`options({ ${name} })`, rule)
  }
  return cookieSettings(Object.fromEntries(given.filter(([name]) => !FIXED.has(name))), cookie)
}

/** The attributes of the cookie of one reply; undefined when they are those of every reply. */
export function replyTemplate(options: ReplyCookieOptions, registered: CookieSettings): CookieTemplate | undefined {
  const cookie = replyCookie(options, registered)
  return isDeepStrictEqual(cookie, registered) ? undefined : cookieTemplate(cookie)
}

function isRegistered(name: string, value: unknown, cookie: CookieSettings): boolean {
  const registered: unknown = Reflect.get(cookie, name)
  return registered !== undefined && registered === (name === 'domain' && typeof value === 'string' ? withoutDot(value) : value)
}

/** Checks all options, once. Throws `FST_ERR_SCS_OPTION`, which names the option and the rule. */
export function settle(given: ManagerOptions): Settings {
  const options = readOptions(given)
  check(options, RULES)
  const { schema, upgrade, owner, token, hashToken = true, maxBytes = 65_535, clock = machineClock, log = SILENT } = options
  const { store } = options
  if (store === undefined) throw new OptionError('store', RULES.store[1])
  check(readOptions(store, 'store.', Object.keys(STORE_RULES)), STORE_RULES, 'store.')
  tellOfSeconds(options, log)
  const cookie = cookieSettings(options.cookie ?? {})
  if (upgrade !== undefined && schema === undefined) throw new OptionError('upgrade', 'needs a schema, which decides when it runs')
  if (owner !== undefined) checkOwner(owner, store, schema)
  const codec = options.codec ?? new JsonCodec()
  const times = settleTimes(options)
  const template = cookieTemplate(cookie)
  if (cookie.rolling && times.longestIdle === undefined)
    throw new OptionError('cookie.rolling', 'needs an idleTimeout, which the cookie follows')
  return {
    ...{ store, codec, upgrade, owner, client: options.client, clock, log, cookie },
    limit: options.limit === undefined ? undefined : settleLimit(options.limit, owner),
    hashToken: hashToken !== false,
    findsPlain: hashToken === 'migrate',
    tokenCache: new TokenCache(template.start),
    keepsDecoded: codec.constructor === JsonCodec,
    schema: schema === undefined ? undefined : schemaRules(schema),
    ...times,
    template,
    tokenHeader: token === undefined ? undefined : settleTokenHeader(token),
    // Read each time: a store may learn its limit later.
    get maxBytes() {
      return Math.min(maxBytes, store.maxBytes ?? maxBytes)
    },
  }
}

function settleLimit(given: LimitOptions, owner: string | undefined): LimitOptions {
  const limit = readOptions(given, 'limit.')
  check(limit, LIMIT_RULES, 'limit.')
  for (const name of ['perOwner', 'then'] as const)
    if (limit[name] === undefined) throw new OptionError(`limit.${name}`, LIMIT_RULES[name][1])
  if (owner === undefined) throw new OptionError('limit', 'needs the option owner, which says whose sessions are counted')
  return limit
}

function checkOwner(owner: string, store: SessionStore, schema: ManagerOptions['schema']): void {
  if (store.lacks?.includes('owner')) throw new OptionError('owner', 'is not possible with this store')
  const keys = schema === undefined ? [owner] : schemaKeys(schema)
  if (keys.includes(owner)) return
  throw new OptionError('owner', `must be a key of the schema, which has ${keys.length === 0 ? 'none' : keys.join(', ')}`)
}

/** What a request needs to know of a stored session. */
export function wantOf({ longestIdle, owner }: Settings): FindWant {
  return { expiry: longestIdle !== undefined, owner: owner !== undefined }
}
