import type { SessionCodec } from './codec.ts'
import type { Failure } from './errors.ts'
import type { KeySchemas, ObjectSchema } from './schema.ts'
import type { Answer, SessionStore } from './store.ts'

/**
 * Milliseconds, or a string such as `'90s'`, `'20m'`, `'24h'`, `'30d'`. `'12 hours'` does not compile. A string that is only known when the
 * program runs, such as an environment variable, needs a cast (`process.env['LIFETIME'] as Duration`); it is still checked at register.
 */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

/** The part of a request that a function among the options gets; Fastify's request is one. */
export interface CookieRequest {
  /** The host that the client asked for. */
  readonly hostname: string
  /** `'http'` or `'https'`. */
  readonly protocol: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** The session cookie. */
export interface CookieOptions {
  /** Default: `'session'`. With a name that begins with `__Host-` other hosts of the domain cannot set the cookie: use it in production. */
  readonly name?: string
  /** Default: `'/'`. */
  readonly path?: string
  /**
   * Default: none, the cookie goes to this host alone. With a domain, every host below it receives the token and can set one. A function
   * returns the domain for a request, for an application that serves several; undefined is none. A result that is no domain throws
   * `FST_ERR_SCS_OPTION`. The client chooses the host, so return only domains that are yours.
   */
  readonly domain?: string | ((request: CookieRequest) => string | undefined)
  /** Default: true. False shows the token to every script of the page. */
  readonly httpOnly?: boolean
  /**
   * Default: `'auto'`, Secure when `request.protocol` is https (behind a proxy: see Fastify's `trustProxy`); always with a `__Host-` or
   * `__Secure-` name, with SameSite=None and with Partitioned. False sends the token in the clear over http.
   */
  readonly secure?: boolean | 'auto'
  /** Default: `'lax'`. `'none'` lets other sites send requests with the session. */
  readonly sameSite?: 'lax' | 'strict' | 'none'
  /** Default: true, the cookie lives until the deadline. False: until the browser ends, unless `rememberMe(true)`. */
  readonly persist?: boolean
  /** Default: false. True: a cookie of its own under each top-level site (CHIPS). */
  readonly partitioned?: boolean
  /**
   * For a login shared with SCS in Go, under an idle timeout: the cookie ends with the idle time, and every reply that prolongs the session in
   * the store sends it again. Its price: a late reply may put the cookie of an ended or renewed session back over a newer one, which the store then
   * does not know. Default: false, the cookie ends at the deadline and is sent when it changes.
   */
  readonly rolling?: boolean
}

/** The durations for a session that is remembered. One that is left out is the same as for all sessions. */
export interface RememberOptions {
  /** Absolute. At most 400 days. Default: the option `lifetime`. */
  readonly lifetime?: Duration
  /** Since the last request. Default: the option `idleTimeout`. */
  readonly idleTimeout?: Duration
}

/** What the option `client` said of a request: strings, numbers and booleans by name. */
export type ClientDetails = Readonly<Record<string, string | number | boolean | undefined>>

/** A limit of sessions. */
export interface LimitOptions {
  /** How many sessions an owner may have at most. */
  readonly perOwner: number
  /**
   * What happens to a login beyond that: `'end-oldest'` ends the session whose login is the longest ago; `'refuse'` saves nothing, and the reply is
   * 409 `FST_ERR_SCS_LIMIT`. With `'refuse'` somebody who logs out nowhere is locked out until a session expires, unless the application lets them
   * end one.
   */
  readonly then: 'end-oldest' | 'refuse'
}

/** The header in which clients without cookies send the token. */
export interface TokenOptions {
  /** The name of the header, in any case. */
  readonly header: string
  /** What stands before the token, for example `'Bearer'`, compared in any case. Default: nothing. `authorization` must have one. */
  readonly scheme?: string
}

/** The part of a logger that the library needs; Fastify's logger is one. */
export interface SessionLogger {
  /** Notes what is worth knowing. */
  info(fields: object, message: string): void
  /** Notes what somebody should look at. */
  warn(fields: object, message: string): void
}

/** The options of a {@link SessionManager}. They are checked once; a bad or unknown one throws `FST_ERR_SCS_OPTION`. */
export interface ManagerOptions {
  /** Where sessions live. Default: `new MemoryStore()`. */
  readonly store?: SessionStore
  /**
   * A TypeBox `Type.Object`, or a plain JSON Schema (`{ type: 'object', properties: {…} }`); either needs the package `typebox` 1.x. Or an
   * object with a Standard Schema (Zod, Valibot, ArkType) for each key, which must answer at once and change nothing. The keys are checked one by one, at `put` and when a stored session is first needed; `required` is not enforced. A stored key that it does not name
   * is kept as it is; `put` of one is refused unless `additionalProperties` allows it. Default: none. A `Type.Ref` that nothing in the schema
   * defines, a key with two leading underscores and a schema of the old package `@sinclair/typebox` are refused.
   */
  readonly schema?: ObjectSchema | KeySchemas
  /**
   * Upgrades the values that an older release stored, when the schema refuses them. It gets a copy and returns all the new values, at once and
   * without I/O. Default: none, such a session is replaced by a new one, and so is one whose upgraded values the schema refuses. When it throws,
   * or returns a promise or no plain object, that is a fault of the application: the session is kept, and using it throws
   * `FST_ERR_SCS_UPGRADE`. To give a session up, return `{}`.
   */
  readonly upgrade?: (values: Record<string, unknown>) => Record<string, unknown>
  /**
   * Absolute: from creation or `renewToken()`. Default: `'24h'` (NIST SP 800-63B-4 asks for at most that at AAL2). At most 400 days: browsers
   * keep no cookie longer (RFC 6265bis, 5.5).
   */
  readonly lifetime?: Duration
  /** Since the last request. Kept by the server alone. Default: none. (NIST SP 800-63B-4: at most 1 hour at AAL2.) */
  readonly idleTimeout?: Duration
  /**
   * Other timeouts for a session with `rememberMe(true)`, for example `{ lifetime: '30d', idleTimeout: '7d' }`. Default: none. With longer
   * timeouts, somebody who finds an unlocked device or steals a token can use the session for longer.
   */
  readonly remember?: RememberOptions
  /**
   * An unchanged session's expiry is written at most this often. Default: the smaller of 1 minute and a tenth of `idleTimeout`, or of
   * `remember.idleTimeout` where that is shorter. Must be less than both.
   */
  readonly touchInterval?: Duration
  readonly cookie?: CookieOptions
  /**
   * The header in which clients without cookies send the token: `{ header: 'x-session-token' }`, or `{ header: 'authorization', scheme: 'Bearer' }`.
   * Default: the cookie alone. Unlike a cookie with `httpOnly`, such a token is in the hands of the client's own code, and a script that
   * gets into a page can read it there.
   */
  readonly token?: TokenOptions
  /** Turns deadline and values into bytes and back. Default: `new JsonCodec()`. */
  readonly codec?: SessionCodec
  /**
   * Whether the store's key is the SHA-256 of the token (SCS's HashTokenInStore). Default: true. False lets whoever can read the store
   * take over every session in it. `'migrate'` is for the way from false to true: sessions of both kinds are found, which takes up to three reads,
   * and each moves to its hash with its next save. Until `'migrate'` becomes true, a key that was read from the store is still good as a token.
   */
  readonly hashToken?: boolean | 'migrate'
  /**
   * The key in the session that names its owner, for example `'userId'`; its value is a string, a number or a bigint. A schema must have
   * it. Default: none.
   */
  readonly owner?: string
  /**
   * How many sessions an owner may have, and what a login beyond that does (OWASP ASVS 5.0, 7.1.2). Needs the option `owner`. Default: no limit.
   * It is exact under parallel logins, and knows nothing of logins by SCS in Go.
   */
  readonly limit?: LimitOptions
  /**
   * What a list of devices shall show of a client, for example `(request) => ({ address: request.ip, userAgent: request.headers['user-agent'] })`.
   * It is kept with the session when it is created and with each renewal. Default: nothing is kept. Strings, numbers and booleans are kept,
   * of each string at most 256 characters, of all 1,024 characters of JSON. When the function throws, a warning is logged and nothing is kept.
   */
  readonly client?: (request: never) => ClientDetails
  /** The largest encoded session, in bytes, checked when it is saved. Default: 65535. A store may set a lower limit. */
  readonly maxBytes?: number
  /** The time that a request waits for the store to load, and again to save, retries included. Default: `'5s'`. */
  readonly storeTimeout?: Duration
  /** The time in epoch milliseconds. Default: `Date.now`. For tests of what happens when time passes. */
  readonly clock?: () => number
  /** Default: none (the plugin passes Fastify's). */
  readonly log?: SessionLogger
}

/** The names of what the plugin adds to requests and to the application. */
export interface DecoratorNames {
  /** Default: `'session'`, for `request.session`. */
  readonly request?: string
  /** Default: `'sessions'`, for `app.sessions`. */
  readonly instance?: string
}

/** The options of the plugin: a manager's, and what only a plugin has. */
export interface PluginOptions<Request, Reply> extends Omit<ManagerOptions, 'log'> {
  /**
   * Makes the payload of a reply whose session could not be saved (SCS's ErrorFunc): returns it or a promise of it, or sends it. Default:
   * Fastify's error shape, which is also sent when the function returns no payload. `(error, request, reply) =>
   * request.server.errorHandler(error, request, reply)` leaves it to the application's error handler.
   */
  readonly errorReply?: (error: Failure, request: Request, reply: Reply) => unknown
  /**
   * Asked once in a request of a client that has no session here, to carry over that of another library: returns its values, or a promise of
   * them, or undefined. Default: none. Ready-made: `fromFastifySession`, `fromExpressSession`, `fromSecureSession`, `fromCookieSession`,
   * `fromMgcreaSession`, `fromCookie`. Whoever can forge what it reads is logged in, so it must verify that. A client with a token that the store
   * does not know is not asked about: it logged out, perhaps. When it throws, or takes longer than `storeTimeout`, the reply is 503.
   */
  readonly adopt?: (request: Request) => Answer<Readonly<Record<string, unknown>> | undefined>
  readonly client?: (request: Request) => ClientDetails
  /** Other names let several managers live side by side, each with a cookie of its own. */
  readonly decorators?: DecoratorNames
}
