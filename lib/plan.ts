/** Where the session of a request stands. */
export type StateKind =
  /** No token of ours came. */
  | 'none'
  /** A token that the store does not know. It is never adopted. */
  | 'unknown'
  /** The store's. */
  | 'stored'
  /** The store's, but unreadable: a new session that still has those bytes to remove. */
  | 'broken'
  /** Ended in this request. */
  | 'ended'

/** What is done about the session when the reply leaves. `cookie`: whether the reply sets it again. */
export type Plan =
  /** There is nothing to do, as for most requests. */
  | { readonly step: 'nothing' }
  /** The payload decides: read it, and plan again. */
  | { readonly step: 'read' }
  /** Send the cookie with other attributes; the store stays as it is. */
  | { readonly step: 'send' }
  /** Prolong the session; its content stays. */
  | { readonly step: 'touch'; readonly expiresAt: number; readonly cookie: boolean }
  /** Write the owner of a session whose record has none, or another one. The session is touched as well. */
  | { readonly step: 'writeOwner'; readonly cookie: boolean }
  /** Save the changes. */
  | { readonly step: 'update'; readonly cookie: boolean }
  /** Save under a new token. */
  | { readonly step: 'rename' }
  /** Save a new session. */
  | { readonly step: 'create' }
  /** Remove what could not be read. */
  | { readonly step: 'discard' }
  /** End a session whose deadline has passed. */
  | { readonly step: 'end' }
  /** Tell the browser to forget a session that ended. */
  | { readonly step: 'clear' }

/** A plan with something to do. */
export type Task = Exclude<Plan, { readonly step: 'nothing' | 'read' }>

/** Why the reply's cookie is set again, the most important reason first. */
export type CookieReason =
  /** This request made changes that show in the cookie's attributes. */
  | 'changed'
  /** Such changes were saved earlier, when no reply could send the cookie. */
  | 'due'
  /** This reply asked for attributes of its own. */
  | 'asked'
  /** The cookie goes with every write that prolongs the session: the option `cookie.rolling`. */
  | 'rolling'
  | 'none'

/** What the decision rests on: plain data. */
export interface Facts {
  readonly state: StateKind
  /** Whether the payload of a stored session was read. False without a stored session. */
  readonly isRead: boolean
  readonly isRenewed: boolean
  readonly isEdited: boolean
  /** Whether there are values of the application to store: an empty session is not stored. */
  readonly hasValues: boolean
  /** Whether the client sent a cookie of our name, or got one. */
  readonly hasCookie: boolean
  readonly cookie: CookieReason
  /** Whether the store has another owner for the session than its values name; `'unread'` when only they can tell. */
  readonly owner: 'right' | 'wrong' | 'unread'
  /** In epoch milliseconds. Infinity for a session that was not read. */
  readonly deadline: number
  /** When the stored record expires; undefined when this request is not to prolong it. */
  readonly expiresAt: number | undefined
  /** Undefined for none. For a session that was not read, the longest that it may be. */
  readonly idleTimeout: number | undefined
  /** By how much an expiry must move to be worth a write. */
  readonly touchInterval: number
}

const NOTHING: Plan = { step: 'nothing' }
const READ: Plan = { step: 'read' }

/** Decides, once for each reply, what is done about the session. */
export function plan(facts: Facts, now: number): Plan {
  switch (facts.state) {
    case 'none':
    case 'unknown':
      return facts.hasValues ? { step: 'create' } : NOTHING
    case 'broken':
      return facts.hasValues ? { step: 'create' } : { step: 'discard' }
    case 'ended':
      if (facts.hasValues) return { step: 'create' }
      return facts.hasCookie ? { step: 'clear' } : NOTHING
    case 'stored':
      return facts.isRenewed || facts.isEdited ? planChanged(facts, now) : planUnchanged(facts, now)
  }
}

function planChanged(facts: Facts, now: number): Plan {
  if (facts.deadline <= now) return { step: 'end' }
  if (facts.isRenewed) return { step: 'rename' }
  return { step: 'update', cookie: facts.cookie !== 'none' }
}

function planUnchanged(facts: Facts, now: number): Plan {
  const expiresAt = touchDue(facts, now)
  const mustKnow = facts.owner === 'unread' || facts.cookie === 'asked' || expiresAt !== undefined
  if (!facts.isRead) return mustKnow ? READ : NOTHING
  // The note that the cookie is due must be removed, which takes a write.
  if (facts.cookie === 'due') return { step: 'update', cookie: true }
  const cookie = facts.cookie !== 'none'
  if (facts.owner === 'wrong') return { step: 'writeOwner', cookie }
  if (expiresAt !== undefined) return { step: 'touch', expiresAt, cookie }
  return facts.cookie === 'asked' ? { step: 'send' } : NOTHING
}

/**
 * When the session expires after this request, if that is worth a write: if the idle timeout moves it by at least the interval. So a session in use
 * ends no earlier than `idleTimeout - touchInterval` after its last request, and is written at most once an interval.
 */
function touchDue({ expiresAt, idleTimeout, touchInterval, deadline }: Facts, now: number): number | undefined {
  if (expiresAt === undefined || idleTimeout === undefined || now + idleTimeout - expiresAt < touchInterval) return undefined
  const later = Math.min(deadline, now + idleTimeout)
  return later > expiresAt ? later : undefined
}
