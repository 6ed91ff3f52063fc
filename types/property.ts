/** The cookie of a session as express-session shows it, read-only: an assignment throws `FST_ERR_SCS_ASSIGN`. */
export interface PropertyCookie {
  /** Milliseconds to the deadline; null for a cookie that ends with the browser, as for the next two. */
  readonly maxAge: number | null
  readonly originalMaxAge: number | null
  readonly expires: Date | null
  readonly httpOnly: boolean
  readonly secure: boolean
  readonly sameSite: 'lax' | 'strict' | 'none'
  readonly path: string
  /** Undefined for none, and where a function of the request names it. */
  readonly domain: string | undefined
}

/** What express-session calls when a call is done, with the error if it failed. */
export type PropertyCallback = (error?: unknown) => void

/** A session as express-session shows it: its values are properties, its methods take callbacks and return the session. */
export interface PropertySession {
  [key: string]: unknown
  /** The public handle; empty until there is a token. */
  readonly id: string
  readonly cookie: PropertyCookie
  /** `commit()` of the session. */
  save(callback?: PropertyCallback): this
  /** `regenerate()` of the session: a new token, and no values. */
  regenerate(callback?: PropertyCallback): this
  /** `destroy()` of the session. */
  destroy(callback?: PropertyCallback): this
  /** What the store holds now; unlike with express-session, the request's own changes stay. */
  reload(callback?: PropertyCallback): this
  /** Does nothing: each request prolongs the idle timeout. */
  touch(): this
  /** The same as `touch`. */
  resetMaxAge(): this
}
