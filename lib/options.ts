import type { SessionCodec } from '../types/codec.ts'
import type { CookieOptions, Duration, ManagerOptions, SessionLogger } from '../types/options.ts'
import type { ReplyCookieOptions } from '../types/session.ts'
import type { FindWant, SessionStore } from '../types/store.ts'
import { check, has, isBoolean, isCount, isFunction, isText, readOptions, type Test } from './check.ts'
import { JsonCodec } from './codec.ts'
import { COOKIE_DEFAULTS, type CookieSettings, type CookieTemplate, cookieTemplate, settleCookie } from './cookie.ts'
import { parseDuration } from './duration.ts'
import { ArgumentError, OptionError } from './errors.ts'
import { machineClock } from './gate.ts'
import { Recent } from './recent.ts'
import { type SchemaRules, schemaRules } from './schema.ts'

/** The options, checked, with every default filled in; durations in milliseconds. */
export interface Settings {
  readonly store: SessionStore
  readonly codec: SessionCodec
  readonly recent: Recent
  /** Whether what was decoded may be kept: by the default codec alone, for whether another may be spared a call is not for us to say. */
  readonly keepsDecoded: boolean
  readonly schema: SchemaRules | undefined
  readonly upgrade: ((values: Record<string, unknown>) => Record<string, unknown>) | undefined
  readonly lifetime: number
  /** Undefined: no idle timeout. */
  readonly idleTimeout: number | undefined
  readonly touchInterval: number
  readonly remember: { readonly lifetime: number; readonly idleTimeout: number | undefined } | undefined
  readonly cookie: CookieSettings
  readonly template: CookieTemplate
  readonly hashToken: boolean
  readonly owner: string | undefined
  readonly maxBytes: number
  readonly storeTimeout: number
  readonly clock: () => number
  readonly log: SessionLogger
}

/** NIST SP 800-63B-4 and OWASP name no figure for this; a write a minute is what sessions with short timeouts bear. */
const TOUCH_AT_MOST = 60_000

const SILENT: SessionLogger = { info() {}, warn() {} }

const isDuration: Test = (value) => parseDuration(value) !== undefined

const A_DURATION = "must be milliseconds or a string such as '90s', '20m', '24h' or '30d', at least 1 ms and at most 400 years"
const VERBS = [
  'find',
  'create',
  'update',
  'rename',
  'touch',
  'delete',
  'deleteOwnedBy',
  'all',
  'ownedBy',
  'count',
  'deleteExpired',
  'close',
]

/** What each option must be. An option that is not here does not exist. */
const RULES: Readonly<Record<keyof ManagerOptions, readonly [Test, string]>> = {
  store: [has(...VERBS), `must be a store with the methods ${VERBS.join(', ')}`],
  schema: [isObjectSchema, 'must be a TypeBox Type.Object'],
  upgrade: [isFunction, 'must be a function (values) => values'],
  lifetime: [isDuration, A_DURATION],
  idleTimeout: [isDuration, A_DURATION],
  touchInterval: [isDuration, A_DURATION],
  cookie: [(value) => typeof value === 'object' && value !== null && !Array.isArray(value), 'must be an object'],
  codec: [has('encode', 'decode'), 'must be a codec with encode and decode, for example new JsonCodec()'],
  hashToken: [isBoolean, 'must be true or false'],
  owner: [(value) => isText(value) && !String(value).startsWith('__'), 'must be a key of the session, and not a reserved one'],
  maxBytes: [isCount, 'must be a positive whole number of bytes'],
  storeTimeout: [
    (value) => (parseDuration(value) ?? Number.POSITIVE_INFINITY) <= 2 ** 31 - 1,
    `${A_DURATION}, and at most 24 days for this one`,
  ],
  clock: [isFunction, 'must be a function that gives epoch milliseconds'],
  log: [has('info', 'warn'), 'must be a logger with info and warn'],
}

/** What a store says of itself, all of it optional. */
const STORE_RULES: Readonly<Record<string, readonly [Test, string]>> = {
  lacks: [
    (value) => Array.isArray(value) && value.every((each) => ['compare', 'owner', 'list'].includes(each)),
    "must be an array of 'compare', 'owner' and 'list'",
  ],
  maxBytes: [isCount, 'must be a positive whole number of bytes'],
  cleanupInterval: [(value) => typeof value === 'number' && value > 0, 'must be milliseconds, more than 0'],
  cleanupBatch: [isCount, 'must be a positive whole number'],
  attach: [isFunction, 'must be a method'],
}

const A_COOKIE_TEXT = 'must be a string that is not empty'
const COOKIE_RULES: Readonly<Record<keyof CookieOptions, readonly [Test, string]>> = {
  name: [(value) => isText(value) && String(value).length <= 4000, `${A_COOKIE_TEXT}, of at most 4000 characters`],
  path: [(value) => isText(value) && String(value).startsWith('/'), "must be a string that begins with '/'"],
  domain: [isText, A_COOKIE_TEXT],
  httpOnly: [isBoolean, 'must be true or false'],
  secure: [(value) => isBoolean(value) || value === 'auto', "must be true, false or 'auto'"],
  sameSite: [(value) => ['lax', 'strict', 'none'].includes(value as string), "must be 'lax', 'strict' or 'none'"],
  persist: [isBoolean, 'must be true or false'],
  partitioned: [isBoolean, 'must be true or false'],
}

function isObjectSchema(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { type, properties } = value as { type?: unknown; properties?: unknown }
  return type === 'object' && typeof properties === 'object' && properties !== null
}

/** Fills in what was not given. */
function withDefaults<T extends object>(defaults: T, given: object): T {
  return { ...defaults, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) }
}

/** Checks the cookie's options and what holds between them. */
export function cookieSettings(given: CookieOptions, defaults: CookieSettings = COOKIE_DEFAULTS): CookieSettings {
  const options = readOptions(given, 'cookie.')
  check(options, COOKIE_RULES, 'cookie.')
  const cookie = withDefaults(defaults, options)
  return settleCookie({ ...cookie, domain: cookie.domain?.replace(/^\.(?=.)/, '') })
}

/** What plugins pass along that call `options` with all that they were given: it says nothing about our cookie. */
const OF_OTHERS = new Set(['userInfo', 'signed', 'encode', 'priority'])

const ONE_COOKIE = 'cannot differ from reply to reply, or the browser would keep two cookies'
const BY_DEADLINE = 'follows from the deadline: use setDeadline()'

/** The attributes that no reply can choose for itself. */
const FIXED: ReadonlyMap<string, string> = new Map([
  ...['name', 'path', 'domain', 'partitioned'].map((name): [string, string] => [name, ONE_COOKIE]),
  ...['maxAge', 'expires'].map((name): [string, string] => [name, BY_DEADLINE]),
])

/** The cookie's settings for one reply. Throws `FST_ERR_SCS_ARGUMENT` for what cannot differ, and `FST_ERR_SCS_OPTION` for what is wrong. */
export function replyCookie(options: ReplyCookieOptions, cookie: CookieSettings): CookieSettings {
  const own = Object.entries(readOptions(options, 'cookie.')).filter(([name]) => !OF_OTHERS.has(name))
  for (const [name] of own) {
    const rule = FIXED.get(name)
    if (rule !== undefined) throw new ArgumentError(`options({ ${name} })`, rule)
  }
  return cookieSettings(Object.fromEntries(own), cookie)
}

/** Checks all options, once. Throws `FST_ERR_SCS_OPTION`, which names the option and the rule. */
export function settle(given: ManagerOptions): Settings {
  const options = readOptions(given)
  check(options, RULES)
  const { schema, upgrade, owner, hashToken = true, maxBytes = 65_535, clock = machineClock, log = SILENT } = options
  const { store } = options
  if (store === undefined) throw new OptionError('store', RULES.store[1])
  check(readOptions(store, 'store.', Object.keys(STORE_RULES)), STORE_RULES, 'store.')
  const cookie = cookieSettings(options.cookie ?? {})
  if (upgrade !== undefined && schema === undefined) throw new OptionError('upgrade', 'needs a schema, which says when it is wanted')
  if (owner !== undefined && store.lacks?.includes('owner')) throw new OptionError('owner', 'is not possible with this store')
  const codec = options.codec ?? new JsonCodec()
  return {
    ...{ store, codec, upgrade, owner, hashToken, clock, log, cookie },
    recent: new Recent(),
    keepsDecoded: codec.constructor === JsonCodec,
    schema: schema === undefined ? undefined : schemaRules(schema),
    ...times(options),
    remember: undefined,
    template: cookieTemplate(cookie),
    maxBytes: Math.min(maxBytes, store.maxBytes ?? maxBytes),
  }
}

type Times = Pick<Settings, 'lifetime' | 'idleTimeout' | 'touchInterval' | 'storeTimeout'>

function times(options: ManagerOptions): Times {
  const idleTimeout = parseDuration(options.idleTimeout)
  const read = (value: Duration | undefined, otherwise: number) => parseDuration(value) ?? otherwise
  const touchInterval = read(options.touchInterval, Math.min(TOUCH_AT_MOST, Math.floor((idleTimeout ?? 0) / 10)))
  if (options.touchInterval !== undefined && idleTimeout === undefined) throw new OptionError('touchInterval', 'needs an idleTimeout')
  if (idleTimeout !== undefined && touchInterval >= idleTimeout) throw new OptionError('touchInterval', 'must be less than idleTimeout')
  return { lifetime: read(options.lifetime, 86_400_000), idleTimeout, touchInterval, storeTimeout: read(options.storeTimeout, 5000) }
}

/** What a request needs to know of a stored session. */
export function wantOf({ idleTimeout, owner }: Settings): FindWant {
  return { expiry: idleTimeout !== undefined, owner: owner !== undefined }
}
