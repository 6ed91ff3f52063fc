import type { CookieOptions, LimitOptions, ManagerOptions, RememberOptions, TokenOptions } from '../../types/options.ts'
import { has, isBoolean, isCount, isFunction, isHttpToken, isObject, isText, type Test } from './checks.ts'
import { MAX_LIFETIME, parseDuration } from './durations.ts'
import { schemaHint, storeHint } from './hints.ts'
import { isSchema } from './schemas.ts'

type Rule = readonly [Test, string, hint?: (value: unknown) => string]

const shorterThan =
  (most: number): Test =>
  (value) =>
    (parseDuration(value) ?? Number.POSITIVE_INFINITY) <= most

const A_FORM = "must be milliseconds or a string such as '90s', '20m', '24h' or '30d', at least 1 ms and at most"
const DURATION: Rule = [(value) => parseDuration(value) !== undefined, `${A_FORM} 400 years`]
const LIFETIME: Rule = [shorterThan(MAX_LIFETIME), `${A_FORM} 400 days: browsers keep no cookie longer (RFC 6265bis, 5.5)`]
/** The longest time that a timer of Node can wait. */
const TIMER: Rule = [shorterThan(2 ** 31 - 1), `${A_FORM} 24 days`]

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

/** What each option must be. There are no other options. */
export const RULES: Readonly<Record<keyof ManagerOptions, Rule>> = {
  store: [has(...VERBS), `must be a store with the methods ${VERBS.join(', ')}`, storeHint],
  schema: [
    isSchema,
    "must be a TypeBox Type.Object, a JSON Schema with type: 'object' and properties, or an object with a schema of Zod, Valibot or ArkType for each key",
    schemaHint,
  ],
  upgrade: [isFunction, 'must be a function (values) => values'],
  lifetime: LIFETIME,
  idleTimeout: DURATION,
  remember: [isObject, 'must be an object'],
  touchInterval: DURATION,
  cookie: [isObject, 'must be an object'],
  token: [isObject, 'must be an object'],
  codec: [has('encode', 'decode'), 'must be a codec with encode and decode, for example new JsonCodec()'],
  hashToken: [(value) => isBoolean(value) || value === 'migrate', "must be true, false or 'migrate'"],
  owner: [(value) => isText(value) && !String(value).startsWith('__'), 'must be a key of the session, and not a reserved one'],
  limit: [isObject, 'must be an object'],
  client: [isFunction, 'must be a function (request) => details'],
  maxBytes: [isCount, 'must be a positive whole number of bytes'],
  storeTimeout: TIMER,
  clock: [isFunction, 'must be a function that returns epoch milliseconds'],
  log: [has('info', 'warn'), 'must be a logger with info and warn'],
}

/** The properties by which a store describes itself, all of them optional. */
export const STORE_RULES: Readonly<Record<string, Rule>> = {
  lacks: [
    (value) => Array.isArray(value) && value.every((each) => ['compare', 'owner', 'list'].includes(each)),
    "must be an array of 'compare', 'owner' and 'list'",
  ],
  takesKnown: [(value) => typeof value === 'boolean', 'must be true or false'],
  maxBytes: [isCount, 'must be a positive whole number of bytes'],
  cleanupInterval: [(value) => typeof value === 'number' && value > 0, 'must be milliseconds, more than 0'],
  cleanupBatch: [isCount, 'must be a positive whole number'],
  attach: [isFunction, 'must be a method'],
}

const A_COOKIE_TEXT = 'must be a string that is not empty'

export const COOKIE_RULES: Readonly<Record<keyof CookieOptions, Rule>> = {
  name: [(value) => isText(value) && String(value).length <= 4000, `${A_COOKIE_TEXT}, of at most 4000 characters`],
  path: [(value) => isText(value) && String(value).startsWith('/'), "must be a string that begins with '/'"],
  domain: [(value) => isText(value) || isFunction(value), `${A_COOKIE_TEXT}, or a function (request) => domain`],
  httpOnly: [isBoolean, 'must be true or false'],
  secure: [(value) => isBoolean(value) || value === 'auto', "must be true, false or 'auto'"],
  sameSite: [(value) => ['lax', 'strict', 'none'].includes(value as string), "must be 'lax', 'strict' or 'none'"],
  persist: [isBoolean, 'must be true or false'],
  partitioned: [isBoolean, 'must be true or false'],
  rolling: [isBoolean, 'must be true or false'],
}

export const REMEMBER_RULES: Readonly<Record<keyof RememberOptions, Rule>> = { lifetime: LIFETIME, idleTimeout: DURATION }

export const LIMIT_RULES: Readonly<Record<keyof LimitOptions, Rule>> = {
  perOwner: [isCount, 'must be a positive whole number'],
  then: [(value) => value === 'end-oldest' || value === 'refuse', "must be 'end-oldest' or 'refuse'"],
}

/** The headers that cookies use. */
const isCookieHeader: Test = (value) => /^(?:set-)?cookie$/i.test(String(value))

export const TOKEN_RULES: Readonly<Record<keyof TokenOptions, Rule>> = {
  header: [
    (value) => isHttpToken(value) && !isCookieHeader(value),
    "must be the name of a header, such as 'x-session-token', and neither cookie nor set-cookie",
  ],
  scheme: [isHttpToken, "must be one word, such as 'Bearer'"],
}
