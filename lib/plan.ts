/** Where a session of this request comes from, and what became of it. */
export type Origin =
  /** No cookie of ours, or none of a token's shape. */
  | 'none'
  /** A token that the store does not know. It is never adopted. */
  | 'unknown'
  /** The store's. */
  | 'stored'
  /** The store's, but unreadable: a new session that still has those bytes to remove. */
  | 'broken'
  /** Ended in this request. */
  | 'ended'

/** What the reply does about the session. */
export type Plan =
  /** There is nothing to do: the way of most requests. */
  | { readonly step: 'nothing' }
  /** Let the session live on; its content stays. */
  | { readonly step: 'touch'; readonly expiresAt: number }
  /** Tell the store whose session it is: somebody wrote it who keeps no owners. It is a touch as well. */
  | { readonly step: 'mend' }
  /** Save the changes; `cookie` when they show in its attributes. */
  | { readonly step: 'update'; readonly cookie: boolean }
  /** Save under a new token. */
  | { readonly step: 'rename' }
  /** Save a new session. */
  | { readonly step: 'create' }
  /** Remove what could not be read. */
  | { readonly step: 'discard' }
  /** End a session whose deadline was set into the past. */
  | { readonly step: 'end' }
  /** Tell the browser to forget a session that ended. */
  | { readonly step: 'clear' }

/** A plan that there is something to do for. */
export type Task = Exclude<Plan, { readonly step: 'nothing' }>

/** What the decision rests on. Some of it costs (reading the payload), so it is asked for only when needed. */
export interface Facts {
  /** May turn from `stored` to `broken` when the payload is first read. */
  readonly origin: Origin
  readonly renewed: boolean
  readonly edited: boolean
  /** Whether there are values of the application, in a session that did not end yet: nothing is stored for nobody. */
  readonly storable: boolean
  /** Whether the client sent a cookie of our name. */
  readonly presented: boolean
  readonly deadline: number
  /** Whether the changes show in the cookie's attributes. */
  readonly cookieChanged: boolean
  /** Whether the store has another owner for the session than its values name, and this request may write it. */
  readonly strayed: boolean
  /** When the stored session expires, idle or not; undefined when nothing is to prolong it. */
  readonly touchable: number | undefined
  /** Undefined: there is none. */
  readonly idleTimeout: number | undefined
  /** By how much an expiry must move to be worth a write. */
  readonly touchInterval: number
}

const NOTHING: Plan = { step: 'nothing' }
const UPDATE: Plan = { step: 'update', cookie: false }
const UPDATE_COOKIE: Plan = { step: 'update', cookie: true }
const RENAME: Plan = { step: 'rename' }
const CREATE: Plan = { step: 'create' }
const MEND: Plan = { step: 'mend' }
const DISCARD: Plan = { step: 'discard' }
const END: Plan = { step: 'end' }
const CLEAR: Plan = { step: 'clear' }

/** Decides, once for each reply, what is done about the session. It changes nothing and asks nobody. */
export function plan(facts: Facts, now: number): Plan {
  switch (facts.origin) {
    case 'none':
    case 'unknown':
      return facts.storable ? CREATE : NOTHING
    case 'broken':
      return facts.storable ? CREATE : DISCARD
    case 'ended':
      if (facts.storable) return CREATE
      return facts.presented ? CLEAR : NOTHING
    case 'stored':
      return facts.renewed || facts.edited ? planChanged(facts, now) : planUnchanged(facts, now)
  }
}

function planChanged(facts: Facts, now: number): Plan {
  if (facts.deadline <= now) return END
  if (facts.renewed) return RENAME
  return facts.cookieChanged ? UPDATE_COOKIE : UPDATE
}

function planUnchanged(facts: Facts, now: number): Plan {
  if (facts.strayed) return MEND
  // To tell, the payload may have been read.
  return facts.origin === 'broken' ? DISCARD : planTouch(facts, now)
}

/**
 * A touch is due when it moves the expiry by the interval, or up to the deadline itself: so a session that is used ends no earlier than
 * `idleTimeout - touchInterval` after its last request, and is written no more often than once an interval.
 */
function planTouch(facts: Facts, now: number): Plan {
  const { touchable, idleTimeout, touchInterval } = facts
  if (touchable === undefined || idleTimeout === undefined || now + idleTimeout - touchable < touchInterval) return NOTHING
  const { deadline } = facts
  if (facts.origin === 'broken') return DISCARD
  const expiresAt = Math.min(deadline, now + idleTimeout)
  return expiresAt > touchable ? { step: 'touch', expiresAt } : NOTHING
}
