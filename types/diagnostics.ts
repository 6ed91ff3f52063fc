/**
 * What the tracing channels `scs:load` and `scs:commit` of `node:diagnostics_channel` publish: once when a load or a save of a request begins,
 * and the same object again when it ends. It never has a token or a key.
 */
export interface StepMessage {
  /** The name of the session cookie, which tells several managers apart. */
  readonly cookie: string
  /** `scs:load`: where the session came from. `scs:commit`: what was done about it. Empty until that is known. */
  result: string
  /** The session's public id at the end of the step. Undefined until then, and when there is no session. */
  id: string | undefined
  /** Whose session it is, when the option `owner` says so. */
  owner: string | undefined
  /** How long it took, in milliseconds; 0 until it ended. */
  duration: number
}

/**
 * Why a session ended: somebody called `destroy` or `destroyOwnedBy`; its deadline passed or was set into the past; it was merged into another;
 * a login replaced it, because its cookie came beside another; it could not be read; its owner had too many, by the option `limit`. A session that is idle for too long ends without a message,
 * because nobody is there to see it.
 */
export type EndReason = 'destroyed' | 'deadline' | 'merged' | 'superseded' | 'unreadable' | 'limit'

/**
 * Why a request's changes were refused: the session ended or was renewed meanwhile, it was changed by too many at once, or its owner had as many
 * sessions as the option `limit` allows.
 */
export type RefusalReason = 'superseded' | 'conflict' | 'limit'

/** What every {@link SessionMessage} says of the session. */
export interface SessionMessageDetails {
  /** The name of the session cookie, which tells several managers apart. */
  readonly cookie: string
  /** The public id of the session. Undefined when `destroyOwnedBy` ended several. */
  readonly id: string | undefined
  /** Whose session it is, when the option `owner` says so and it is known. */
  readonly owner: string | undefined
}

/** What the channel `scs:session` of `node:diagnostics_channel` publishes about the lives of sessions. It never has a token or a key. */
export type SessionMessage =
  | (SessionMessageDetails & { readonly event: 'created' })
  | (SessionMessageDetails & {
      readonly event: 'renewed'
      /** The id under which it was known before. */
      readonly previousId: string
    })
  | (SessionMessageDetails & {
      readonly event: 'ended'
      readonly reason: EndReason
      /** How many ended: more than one only by `destroyOwnedBy`. */
      readonly count: number
    })
  | (SessionMessageDetails & { readonly event: 'refused'; readonly reason: RefusalReason })
