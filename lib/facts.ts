import type { Draft } from './data/draft.ts'
import { COOKIE_DUE, hasVisible, idleTimeoutOf, ownerOf, type Values } from './data/record.ts'
import type { CookieReason, Facts } from './plan.ts'
import type { Stored } from './state.ts'
import type { UnitOfWork } from './unit-of-work.ts'

/** The facts from which the plan for a draft is made. */
export function factsOf(work: UnitOfWork, draft: Draft | undefined, now: number): Facts {
  const { state, settings, exchange, touches } = work
  const stored = state.kind === 'stored' ? state : undefined
  const values = stored?.content?.values
  const failed = exchange.hasFailed
  const deadline = draft === undefined ? stored?.content?.deadline : draft.deadlineOn(draft.base.deadline, draft.values, failed)
  const isEdited = draft?.isEdited(failed) ?? false
  return {
    state: state.kind,
    isRead: values !== undefined,
    isRenewed: draft?.isRenewed ?? false,
    isEdited,
    hasValues: draft !== undefined && isEdited && !failed && hasVisible(draft.values) && Number(deadline) > now,
    hasCookie: exchange.hasCookie,
    cookie: cookieReason(work, draft, values),
    owner: stored === undefined ? 'right' : ownerFact(work, stored),
    deadline: deadline ?? Number.POSITIVE_INFINITY,
    // A record without an expiry gets one.
    expiresAt: touches && stored !== undefined ? (stored.found.expiresAt ?? 0) : undefined,
    idleTimeout: idleTimeoutOf(settings, values),
    touchInterval: settings.touchInterval,
  }
}

function cookieReason({ exchange, settings }: UnitOfWork, draft: Draft | undefined, values: Values | undefined): CookieReason {
  if (draft?.changesCookie && !exchange.hasFailed) return 'changed'
  const unasked = settings.cookie.rolling ? 'rolling' : 'none'
  const reason = values !== undefined && COOKIE_DUE in values ? 'due' : exchange.template === undefined ? unasked : 'asked'
  return reason === 'none' || exchange.takesCookie ? reason : 'none'
}

/** Compares the owner in the store with that of the values, where the payload was read anyway. */
function ownerFact({ settings, touches }: UnitOfWork, { found, content }: Stored): Facts['owner'] {
  // A request that does not touch must not write the expiry that it loaded: another may have prolonged the session since.
  if (!touches || settings.owner === undefined) return 'right'
  if (content === undefined) return found.owner === undefined ? 'unread' : 'right'
  return ownerOf(settings, content.values) === found.owner ? 'right' : 'wrong'
}
