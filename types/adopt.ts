import type { CookieRequest } from './options.ts'
import type { Answer } from './store.ts'

/** The session of another library, to be carried over. */
export interface AdoptedSession {
  readonly values: Readonly<Record<string, unknown>>
  /** Ends the old session in its store. Called once the values are saved here, and by a logout. */
  readonly end?: (() => unknown) | undefined
}

/** A ready-made function for the option `adopt`. */
export type AdoptFunction = (request: CookieRequest) => Promise<Readonly<Record<string, unknown>> | undefined>

/**
 * Where the old cookie is, so that it can be cleared: what makes it another cookie than its namesakes. The object that the old library had as
 * its cookie's options will do; what else it has is not used.
 */
export interface OldCookieOptions {
  /** Default: `'/'`. */
  readonly path?: string | undefined
  /** Default: none. */
  readonly domain?: string | undefined
  /** Default: false. */
  readonly partitioned?: boolean | undefined
  readonly [other: string]: unknown
}

/** The options of `fromCookie`, for a library that has no function of its own here. */
export interface FromCookieOptions {
  /** The name of the old cookie. */
  readonly name: string
  readonly cookie?: OldCookieOptions | undefined
  /**
   * Gets the cookie's value, decoded. Returns the old session; undefined when the value is not to be trusted or its session is over. What it
   * throws is answered with 503.
   */
  readonly read: (value: string, request: CookieRequest) => Answer<AdoptedSession | undefined>
}

/** A secret, or several of which any may have signed. */
export type OldSecrets = string | Uint8Array | ReadonlyArray<string | Uint8Array>

/** A store of express-session or @fastify/session. */
export interface CallbackStore {
  /** Calls back with the session under an id, or with none. */
  get(id: string, callback: (error: unknown, session?: unknown) => void): unknown
  /** Removes the session under an id, and calls back. */
  destroy(id: string, callback: (error?: unknown) => void): unknown
}

/** What the functions for libraries with a store share. */
interface FromStoreOptions<Store> {
  readonly store: Store
  readonly cookie?: OldCookieOptions | undefined
  /**
   * Whether the old session is destroyed once its values are saved here. Default: true. False leaves it until it expires, so that whoever has a
   * copy of the old cookie can use it until then.
   */
  readonly destroyOld?: boolean | undefined
}

/** The options of `fromFastifySession`: those that @fastify/session had. */
export interface FromFastifySessionOptions extends FromStoreOptions<CallbackStore> {
  readonly secret: OldSecrets
  /** Default: `'sessionId'`. */
  readonly cookieName?: string | undefined
  /** Default: none. */
  readonly cookiePrefix?: string | undefined
  /** Default: `'sha256'`. */
  readonly algorithm?: string | undefined
}

/** The options of `fromExpressSession`: those that express-session had. */
export interface FromExpressSessionOptions extends FromStoreOptions<CallbackStore> {
  readonly secret: OldSecrets
  /** Default: `'connect.sid'`. */
  readonly name?: string | undefined
}

/** A store of @mgcrea/fastify-session. */
export interface MgcreaStore {
  /** The session under an id, or none. */
  get(id: string): PromiseLike<readonly [session: object, expiry?: number | null] | null | undefined>
  /** Removes the session under an id. */
  destroy(id: string): unknown
}

/** The options of `fromMgcreaSession`: those that @mgcrea/fastify-session had. */
export interface FromMgcreaSessionOptions extends FromStoreOptions<MgcreaStore> {
  /** One of `secret` and `key` must be given. */
  readonly secret?: string | Uint8Array | undefined
  /** In base64, or as bytes. */
  readonly key?: OldSecrets | undefined
  /** Default: `'Session'`. */
  readonly cookieName?: string | undefined
}

/** The options of `fromSecureSession`: those that @fastify/secure-session had. */
export interface FromSecureSessionOptions {
  /** 32 bytes, in base64 or as they are, or several. A `secret` must be made into a key first: see docs/migrating/secure-session.md. */
  readonly key: OldSecrets
  /** Default: `'session'`. */
  readonly cookieName?: string | undefined
  /** In seconds. Default: 86401. */
  readonly expiry?: number | undefined
  readonly cookie?: OldCookieOptions | undefined
}

/** The options of `fromCookieSession`: those that cookie-session had. */
export interface FromCookieSessionOptions {
  readonly keys: readonly string[]
  /** Default: `'session'`. */
  readonly name?: string | undefined
  readonly cookie?: OldCookieOptions | undefined
}
