/**
 * The type of `request.session`, empty until the application says what its sessions hold:
 *
 * ```ts
 * declare module 'fastify-scs' {
 *   interface SessionData extends Static<typeof SessionSchema> {}
 * }
 * ```
 *
 * As long as it is empty, any string is a key and values are `unknown`.
 */
// biome-ignore lint/suspicious/noEmptyInterface: made for declaration merging
export interface SessionData {}

/** What a session of type `D` may hold; anything when `D` names no key. */
export type ValuesOf<D> = keyof D extends never ? Record<string, unknown> : D

/** The keys of a session of type `D`. */
export type KeyOf<D> = keyof ValuesOf<D> & string

/** A date that a session hands out: its setters throw. Where a Date is asked for, give `new Date(date.getTime())`. */
export type ReadonlyDate = Omit<Date, `set${string}`>

/**
 * A value as a session hands it out: it cannot be changed in place, only replaced with `put` or `update`. Where a Buffer is declared there
 * is none, for a session takes no Buffers: declare a Uint8Array.
 */
export type Immutable<T> = unknown extends T
  ? T
  : T extends Buffer
    ? never
    : T extends string | number | bigint | boolean | null | undefined | Uint8Array
      ? T
      : T extends Date
        ? ReadonlyDate
        : T extends ReadonlyMap<infer K, infer V>
          ? ReadonlyMap<Immutable<K>, Immutable<V>>
          : T extends ReadonlySet<infer V>
            ? ReadonlySet<Immutable<V>>
            : { readonly [K in keyof T]: Immutable<T[K]> }

/** The type of the value under key `K`, as handed out. */
export type ValueOf<D, K extends KeyOf<D>> = Immutable<Exclude<ValuesOf<D>[K], undefined>>

/** What happened to a session in this request (the Status of SCS). */
export type SessionStatus = 'unmodified' | 'modified' | 'destroyed'

/** How the token is to be renewed. */
export interface RenewOptions {
  /** Whether the absolute deadline stays as it is. Default: false, a renewed session gets the whole `lifetime`. */
  readonly keepDeadline?: boolean
}

/** Cookie attributes for one reply. Path, domain and partitioned stay as registered, or the browser would keep two cookies. */
export interface ReplyCookieOptions {
  readonly httpOnly?: boolean
  /** False exposes the token to whoever listens on the wire. */
  readonly secure?: boolean | 'auto'
  readonly sameSite?: 'lax' | 'strict' | 'none'
  readonly persist?: boolean
}

/**
 * A session, as `request.session` shows it. Nothing here waits for the store but the methods that return promises: it was loaded
 * before the handler ran and is saved when the reply leaves. A change made after that throws `FST_ERR_SCS_COMMITTED`.
 *
 * A value put in becomes the session's own, and what is handed out cannot be changed in place.
 */
export interface ScsSession<D = SessionData> {
  /** The value under a key; undefined when there is none. */
  get<K extends KeyOf<D>>(key: K): ValueOf<D, K> | undefined
  /** The value under a key, or `fallback`. */
  get<K extends KeyOf<D>, F>(key: K, fallback: F): ValueOf<D, K> | F
  /**
   * Sets a value, which becomes the session's own: plain data is frozen deep, and a later change of it throws wherever it is made. Of an object
   * that others use as well put a copy: `structuredClone(value)`.
   *
   * Throws `FST_ERR_SCS_VALUE` for what a payload cannot bring back, `FST_ERR_SCS_SCHEMA` for what the schema refuses, and `FST_ERR_SCS_KEY` for
   * a reserved key. A Buffer is refused, though it compiles where a Uint8Array is asked for: it would come back as a Uint8Array, whose
   * `toString('hex')` is no hex. Put `new Uint8Array(buffer)`.
   */
  put<K extends KeyOf<D>>(key: K, value: ValueOf<D, K>): void
  /**
   * The same as `put`; undefined removes. What other Fastify plugins call. An empty object makes no new session by itself: @fastify/flash sets
   * one whenever messages are read.
   */
  set<K extends KeyOf<D>>(key: K, value: ValueOf<D, K> | undefined): void
  /**
   * Computes a value from the one before. The function is kept and run again when another request changed the session meanwhile, so
   * counters and carts are exact: it should depend on its argument alone. Undefined removes.
   */
  update<K extends KeyOf<D>>(key: K, fn: (value: ValueOf<D, K> | undefined) => ValueOf<D, K> | undefined): void
  /** Takes a value out: gets and removes it. Two requests at once may both see it; it stays gone. */
  pop<K extends KeyOf<D>>(key: K): ValueOf<D, K> | undefined
  /** Removes a value, when there is one. */
  remove<K extends KeyOf<D>>(key: K): void
  /** Whether there is a value under a key; null is one. */
  exists<K extends KeyOf<D>>(key: K): boolean
  /** The keys, sorted. */
  keys(): KeyOf<D>[]
  /** Removes all values; token and deadline stay. */
  clear(): void
  /** All values, in a fresh object. */
  data(): { [K in KeyOf<D>]?: ValueOf<D, K> }
  /** Whether the cookie outlives the browser when the option `cookie.persist` is off (SCS's RememberMe). */
  rememberMe(remember: boolean): void
  /**
   * Gives the session a new token when the reply leaves, and ends the old one: against session fixation, at every login and change of
   * privilege (OWASP ASVS 5.0, 7.2.4). The values stay; the deadline starts anew unless `keepDeadline`.
   */
  renewToken(options?: RenewOptions): void
  /** Renews the token and keeps only the named keys. A promise for the callers that await it; nothing waits. */
  regenerate(keep?: readonly string[]): Promise<void>
  /** Cookie attributes for this reply. */
  options(options: ReplyCookieOptions): void
  /** When the session ends at the latest, idle or not. */
  readonly deadline: Date
  /**
   * When the session ends if nobody comes again, in epoch milliseconds: the deadline or the end of the idle time, whichever comes first, as the
   * store has it. To read it prolongs nothing.
   */
  readonly expiresAt: number
  /** Sets the deadline: later or earlier. One that has passed ends the session with the reply. */
  setDeadline(deadline: Date): void
  /** What happened to the session in this request. */
  readonly status: SessionStatus
  /** The secret in the cookie. Empty until there is one: a new session gets its token when it is first saved. */
  readonly token: string
  /** A public handle, safe to show and to log; it changes with the token. Empty until there is a token. */
  readonly id: string
  /** Whether the store does not hold this session yet. */
  readonly isNew: boolean
  /**
   * Ends the session in the store now, whatever other requests are doing; the reply clears the cookie. From the call on the session is a new,
   * empty one, and a `put` starts it. Rejects with `FST_ERR_SCS_STORE` or `FST_ERR_SCS_TIMEOUT` when the store cannot; the end is then tried
   * again with the reply, which is a 503 if it fails again. An end that nobody awaits is awaited before the reply leaves.
   */
  destroy(): Promise<void>
  /**
   * Adds the values of another session to this one and ends it once this one is saved. The other's values win over those put before the call,
   * and the later deadline does. Nothing happens when there is no session of that token, or it is this one. Should another request change the other one before
   * this one is saved, it does not end.
   */
  mergeSession(token: string): Promise<void>
  /**
   * Saves now what was changed so far; what is changed while it is under way is a change to what it saved. When it fails, its changes are saved by the
   * next `commit()` or with the reply. For hijacked replies, server-sent events and WebSockets, where no `onSend` follows. The `Set-Cookie`, when one is due, is
   * put on the reply's headers at once and returned. Throws what a save can meet (`FST_ERR_SCS_STORE`, `_TIMEOUT`, `_CONFLICT`, `_SUPERSEDED`,
   * `_TOO_LARGE`), and `FST_ERR_SCS_TOO_LATE`, before anything is written, when a new token could no longer reach the client.
   */
  commit(): Promise<string | undefined>
}
