import type { ClientDetails } from './options.ts'
import type { ScsSession, SessionData, ValuesOf } from './session.ts'

/** A session that was made for a client. */
export interface CreatedSession {
  /** The secret: whoever has it has the session. */
  readonly token: string
  /** The cookie by name, ready for `app.inject({ cookies })`. */
  readonly cookie: Record<string, string>
  readonly id: string
  /** In epoch milliseconds. */
  readonly expiresAt: number
}

/** A session in a listing. */
export interface ListedSession<D = SessionData> {
  readonly id: string
  /** Undefined without the option `owner`, or when nobody owns it. */
  readonly owner: string | undefined
  readonly values: Partial<ValuesOf<D>>
  readonly deadline: Date
  /** In epoch milliseconds: the deadline, or the end of the idle time. */
  readonly expiresAt: number
  /** When it was created, in epoch milliseconds. Undefined for a session of an older release or of SCS. */
  readonly createdAt: number | undefined
  /** When its owner last logged in, in epoch milliseconds: the last `renewToken()`, or `create()`. Undefined before. */
  readonly authenticatedAt: number | undefined
  /**
   * When it was last used, in epoch milliseconds, as far as the store knows: up to `touchInterval` too early. Undefined without an idle timeout,
   * since nothing is then noted.
   */
  readonly lastSeenAt: number | undefined
  /** What the option `client` said of the request in which it was created or last renewed. */
  readonly client: ClientDetails | undefined
  /** Whether it is the session that was given as `current`. */
  readonly isCurrent: boolean
  /** Whether it is remembered: `rememberMe(true)`. */
  readonly isRemembered: boolean
  /** Whether another codec wrote it, so that its values cannot be read: `values` is empty then, and `deadline` is when the record expires. */
  readonly isForeign: boolean
}

/** How an owner's sessions are to be listed. */
export interface OwnedByOptions<D = SessionData> {
  /** The session of this request, which the listing marks. */
  readonly current?: ScsSession<D> | ScsSession<never>
}

/** The owner of a session. A number or a bigint is the same owner as the string of its digits. */
export type Owner = string | number | bigint
