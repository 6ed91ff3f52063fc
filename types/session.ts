import type { ClientDetails, Duration } from './options.ts'

/**
 * What `request.session` holds. The application declares its keys and values:
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

/** A date that a session hands out: its setters throw. Where a Date is needed, pass `new Date(date.getTime())`. */
export type ReadonlyDate = Omit<Date, `set${string}`>

/**
 * A value as a session hands it out: it cannot be changed in place, only replaced with `put` or `update`. The type of a Buffer is
 * `never`, because a session takes no Buffers: declare a Uint8Array.
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
  /**
   * Whether the absolute deadline stays as it is. Default: false, a renewed session gets the whole `lifetime`; true with
   * `reauthenticated: false`, because only a login starts the lifetime again (NIST SP 800-63B-4, 2.2.3).
   */
  readonly keepDeadline?: boolean
  /**
   * Whether the person has just proved who they are, by a password for example. Default: true. False for a renewal for any other reason: it
   * changes neither `authenticatedAt` nor `isFresh`.
   */
  readonly reauthenticated?: boolean
}

/** Cookie attributes for one reply. Path, domain and partitioned stay as registered, or the browser would keep two cookies. */
export interface ReplyCookieOptions {
  readonly httpOnly?: boolean
  /** False exposes the token to anybody who can read the network traffic. */
  readonly secure?: boolean | 'auto'
  readonly sameSite?: 'lax' | 'strict' | 'none'
  readonly persist?: boolean
}

/**
 * A session, as in `request.session`. It was loaded before the handler ran and is saved when the reply leaves, so only the methods that
 * return promises wait for the store. A change after the reply has left throws `FST_ERR_SCS_COMMITTED`.
 *
 * A value that is put in belongs to the session from then on, and a value that is handed out cannot be changed in place.
 */
export interface ScsSession<D = SessionData> {
  /** The value under a key; undefined when there is none. */
  get<K extends KeyOf<D>>(key: K): ValueOf<D, K> | undefined
  /** The value under a key, or `fallback`. */
  get<K extends KeyOf<D>, F>(key: K, fallback: F): ValueOf<D, K> | F
  /**
   * Sets a value, which belongs to the session from then on: plain data is deeply frozen, and any later change of it throws. If other code uses
   * the object too, put a copy: `structuredClone(value)`.
   *
   * Throws `FST_ERR_SCS_VALUE` for a value that would not be the same when it is read again, `FST_ERR_SCS_SCHEMA` for one that the schema
   * refuses, and `FST_ERR_SCS_KEY` for a reserved key. A Buffer is refused, although it compiles as a Uint8Array: it would be read as a Uint8Array,
   * whose `toString('hex')` is no hex. Put `new Uint8Array(buffer)`.
   */
  put<K extends KeyOf<D>>(key: K, value: ValueOf<D, K>): void
  /**
   * The same as `put`, except that undefined removes; other Fastify plugins call it. An empty object alone does not start a session:
   * @fastify/flash sets one whenever messages are read.
   */
  set<K extends KeyOf<D>>(key: K, value: ValueOf<D, K> | undefined): void
  /**
   * Computes a value from the current one; undefined removes, as in `set`. The function runs again when another request changed the session
   * meanwhile, so counters and carts are exact: it should depend on its argument alone.
   */
  update<K extends KeyOf<D>>(key: K, fn: (value: ValueOf<D, K> | undefined) => ValueOf<D, K> | undefined): void
  /** Returns a value and removes it. Two concurrent requests may both get it; it stays removed. */
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
   * privilege (OWASP ASVS 5.0, 7.2.4). The values stay; the deadline starts again unless `keepDeadline`.
   */
  renewToken(options?: RenewOptions): void
  /** Renews the token and keeps only the named keys. The promise is resolved at once: it is there for callers that await it. */
  regenerate(keep?: readonly string[]): Promise<void>
  /** Cookie attributes for this reply. */
  options(options: ReplyCookieOptions): void
  /** When the session ends at the latest, idle or not. */
  readonly deadline: Date
  /**
   * When the session ends without a further request, in epoch milliseconds: at the deadline or at the end of the idle time, whichever comes first,
   * as the store has it. Reading this does not prolong the session.
   */
  readonly expiresAt: number
  /** When the session was created, in epoch milliseconds. A renewal does not change it. Undefined for one of an older release or of SCS. */
  readonly createdAt: number | undefined
  /**
   * When its owner last logged in: the last `renewToken()`, in epoch milliseconds. Undefined before the first one, and, with the option `owner`,
   * from when another owner or none is put until the next.
   */
  readonly authenticatedAt: number | undefined
  /** What the option `client` said of the request in which the session was created or last renewed. Undefined when it says nothing. */
  readonly client: ClientDetails | undefined
  /**
   * Whether the last login is no longer ago than `within`: before a change of the password or the address, for example. {@link requireFresh} asks
   * for it on a route. Throws `FST_ERR_SCS_ARGUMENT` for what is no duration.
   */
  isFresh(within: Duration): boolean
  /** Sets the deadline, later or earlier. A moment in the past ends the session with the reply. */
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
   * empty one, which a `put` starts. Rejects with `FST_ERR_SCS_STORE` or `FST_ERR_SCS_TIMEOUT` when the store fails; the end is then tried
   * again with the reply, which becomes a 503 if it fails again. Without an `await` the reply still waits for the end.
   */
  destroy(): Promise<void>
  /**
   * Adds the values of another session to this one and ends it once this one is saved. The other's values replace those put before the
   * call, and the later deadline is kept. Nothing happens when there is no session with that token, or it is this one. If another request changes
   * the other session before this one is saved, the other one does not end.
   */
  mergeSession(token: string): Promise<void>
  /**
   * Saves now what was changed so far. Changes that are made meanwhile are made to what it saves. For hijacked replies, server-sent
   * events and WebSockets, where no `onSend` follows. When it fails, its changes are saved by the next `commit()` or with the reply.
   * The `Set-Cookie`, when one is due, is put on the reply's headers at once and returned. Rejects with the errors of a save
   * (`FST_ERR_SCS_STORE`, `_TIMEOUT`, `_CONFLICT`, `_SUPERSEDED`, `_TOO_LARGE`), and with `FST_ERR_SCS_TOO_LATE` when a new token can no
   * longer reach the client: before anything is written, unless the headers leave while the store writes.
   */
  commit(): Promise<string | undefined>
  /**
   * Looks the session up again, for sockets that live long: afterwards the session has what the store holds now, with this one's own unsaved
   * changes made on it. When it ended or got a new token elsewhere, the session is a new and empty one (`isNew`); with unsaved changes that
   * rejects with `FST_ERR_SCS_SUPERSEDED`. It prolongs nothing: `commit()` does. Rejects with `FST_ERR_SCS_STORE` or `FST_ERR_SCS_TIMEOUT`
   * when the store fails; the session is then as before.
   */
  reload(): Promise<void>
}
