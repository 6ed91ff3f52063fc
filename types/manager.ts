import type { SessionData, ValuesOf } from './session.ts'

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
  /** Whether another codec wrote it, so that its values cannot be read: `values` is empty then, and `deadline` is when the record expires. */
  readonly isForeign: boolean
}

/** The owner of a session. A number or a bigint is the same owner as the string of its digits. */
export type Owner = string | number | bigint
