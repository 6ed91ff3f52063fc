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

/** What a reply does about the session. `cookie`: whether the reply sets it anew. */
export type Plan =
  /** There is nothing to do: the way of most requests. */
  | { readonly step: 'nothing' }
  /** The payload decides: read it, and plan again. */
  | { readonly step: 'read' }
  /** Send the cookie with other attributes; the store stays as it is. */
  | { readonly step: 'send' }
  /** Let the session live on; its content stays. */
  | { readonly step: 'touch'; readonly expiresAt: number; readonly cookie: boolean }
  /** Write whose session it is: somebody wrote it who keeps no owners. It is a touch as well. */
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

/** A plan that there is something to do for. */
export type Task = Exclude<Plan, { readonly step: 'nothing' | 'read' }>

/** Why the reply's cookie is to be set anew, the weightiest reason first. */
export type CookieReason =
  /** Changes of this request show in its attributes. */
  | 'changed'
  /** Changes show in them that were saved where no reply could say so. */
  | 'due'
  /** This reply asked for attributes of its own. */
  | 'asked'
  | 'none'

/** What the decision rests on: plain data. */
export interface Facts {
  readonly state: StateKind
  /** Whether the payload was read, or need not be: only a stored session can be unread. */
  readonly isRead: boolean
  readonly isRenewed: boolean
  readonly isEdited: boolean
  /** Whether there are values of the application to store: nothing is stored for nobody. */
  readonly hasValues: boolean
  /** Whether the client sent a cookie of our name, or got one. */
  readonly hasCookie: boolean
  readonly cookie: CookieReason
  /** Whether the store has another owner for the session than its values name; `'unread'` when only they can tell. */
  readonly owner: 'right' | 'wrong' | 'unread'
  /** In epoch milliseconds. Of a session that was not read: as long as it can be. */
  readonly deadline: number
  /** When the stored record expires; undefined when this request is not to prolong it. */
  readonly expiresAt: number | undefined
  /** Undefined: there is none. Of a session that was not read: the longest that there is. */
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
  // To be noted as sent as well, which takes a write.
  if (facts.cookie === 'due') return { step: 'update', cookie: true }
  const cookie = facts.cookie === 'asked'
  if (facts.owner === 'wrong') return { step: 'writeOwner', cookie }
  if (expiresAt !== undefined) return { step: 'touch', expiresAt, cookie }
  return cookie ? { step: 'send' } : NOTHING
}

/**
 * When the session expires after this request, if that is worth a write: when it moves the expiry by the interval, or up to the deadline
 * itself. So a session in use ends no earlier than `idleTimeout - touchInterval` after its last request, and is written at most once
 * an interval.
 */
function touchDue({ expiresAt, idleTimeout, touchInterval, deadline }: Facts, now: number): number | undefined {
  if (expiresAt === undefined || idleTimeout === undefined || now + idleTimeout - expiresAt < touchInterval) return undefined
  const later = Math.min(deadline, now + idleTimeout)
  return later > expiresAt ? later : undefined
}
