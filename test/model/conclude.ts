import {
  COMPUTED,
  COOKIE_DUE,
  type Content,
  computes,
  counts,
  type Edit,
  edit,
  isSame,
  own,
  ownerOf,
  REMEMBER,
  type Stored,
  type Values,
} from './content.ts'
import { isWorthKeeping, type Model, TOUCH_INTERVAL } from './model.ts'
import type { ModelRequest } from './request.ts'

/** What the model expects of the reply's cookie; `superseded`: the session went away under a request that had something to save. */
export type Outcome =
  | { readonly cookie: 'none' | 'clear' | 'superseded' }
  | { readonly cookie: 'set'; readonly token: string; readonly deadline: number; readonly remembered: boolean }

const NONE: Outcome = { cookie: 'none' }
const CLEAR: Outcome = { cookie: 'clear' }
const SUPERSEDED: Outcome = { cookie: 'superseded' }

/** What becomes of a request's session with the reply. */
export function conclude(request: ModelRequest): Outcome {
  const { mine, model, renewal } = request
  if (mine === undefined) return concludeNew(request)
  const { token, loaded } = mine
  const setsDeadline = !request.failed && request.deadlineSet !== undefined
  const isUnchanged = renewal === undefined && !setsDeadline && !lasting(request).some(counts)
  if (isUnchanged && !isCookieDue(request, loaded)) return touch(request, token, loaded)
  if (!isUnchanged && request.deadline <= model.now) {
    if (!setsDeadline) return superseded(model)
    model.meet('a deadline was set into the past')
    request.destroy()
    return CLEAR
  }
  const stored = model.sessions.get(token)
  return stored === undefined ? gone(request, token) : save(request, token, loaded, stored)
}

/** Whether a request that changed nothing finds that the cookie has to be sent; a touch that is due, and an owner that is not known, make it look. */
function isCookieDue(request: ModelRequest, loaded: Stored): boolean {
  const looks = isTouchDue(request, loaded) || (!request.quiet && ownerOf(loaded.values) === undefined)
  if (!request.isRead && looks) void request.base
  return request.isRead && request.replies && request.mine !== undefined && COOKIE_DUE in loaded.values
}

/** A failed request saves no edits, but what it was not to keep is gone. */
function lasting({ edits, failed }: ModelRequest): readonly Edit[] {
  return failed ? edits.filter(({ does }) => does === 'keep') : edits
}

/** What is to be saved, where the store has this: the edits are made on it, whoever wrote it. */
function compose(request: ModelRequest, stored: Content): Content {
  const edits = lasting(request)
  const values = edit(stored.values, edits)
  const deadline = request.deadlineFrom(stored.deadline)
  const computed = computes(edits) ? { ...values, [COMPUTED]: request.model.unique() } : values
  return { deadline, values: request.mine === undefined ? computed : markCookie(request, computed) }
}

/** Where no reply can bring the cookie it is noted that it is due; one that can makes good for it. */
function markCookie(request: ModelRequest, values: Values): Values {
  const { [COOKIE_DUE]: due, ...rest } = values
  return !request.replies && (due !== undefined || showsInCookie(request)) ? { ...rest, [COOKIE_DUE]: true } : rest
}

function concludeNew(request: ModelRequest): Outcome {
  const { model, stranger, renewal } = request
  if (request.failed || !isWorthKeeping(request.view) || request.deadline <= model.now)
    return request.ended && request.presented ? CLEAR : NONE
  if (renewal === undefined && stranger !== undefined && model.renewedTo(stranger) !== undefined) return superseded(model)
  model.meet('a session was created')
  return insert(request, compose(request, request.base))
}

function superseded(model: Model): Outcome {
  model.meet('a request was superseded')
  return SUPERSEDED
}

/** Whether it is worth a write to prolong the session. */
function isTouchDue({ model, quiet }: ModelRequest, loaded: Stored): boolean {
  const { now, config } = model
  if (quiet || config.idleTimeout === undefined) return false
  return now + config.idleTimeout - loaded.expiresAt >= TOUCH_INTERVAL && model.expiry(loaded.deadline) > loaded.expiresAt
}

/** A request that changed nothing prolongs the session. */
function touch(request: ModelRequest, token: string, loaded: Stored): Outcome {
  const { model } = request
  const stored = model.sessions.get(token)
  if (!isTouchDue(request, loaded) || stored === undefined || !isSame(stored, loaded)) return NONE
  model.meet('a session was touched')
  const expiresAt = model.expiry(loaded.deadline)
  model.sessions.set(token, { ...stored, expiresAt: Math.max(expiresAt, stored.expiresAt) })
  request.mine = { token, loaded: { ...loaded, expiresAt } }
  return NONE
}

/** Ended or renewed by another request. Of two renewals both hold, the later one with a session of its own. */
function gone(request: ModelRequest, token: string): Outcome {
  const { model, renewal, deadline } = request
  if (renewal === undefined || model.renewedTo(token) === undefined) return superseded(model)
  const content = compose(request, { deadline, values: {} })
  if (!isWorthKeeping(content.values)) return NONE
  model.meet('a session was renewed twice at once')
  return insert(request, content)
}

function insert(request: ModelRequest, content: Content): Outcome {
  const { model } = request
  const token = model.issue()
  const session = { ...content, expiresAt: model.expiry(content.deadline) }
  model.sessions.set(token, session)
  return saved(request, token, session)
}

function save(request: ModelRequest, token: string, loaded: Stored, stored: Stored): Outcome {
  const { model, quiet, renewal } = request
  const isUnchanged = isSame(stored, loaded)
  if (!isUnchanged) model.meet('edits were made again')
  const content = compose(request, stored)
  // A quiet request knows no other moment than that which it read with the content. Has it passed, another request prolonged the session.
  const { expiresAt } = isUnchanged ? loaded : stored
  const keeps = quiet && renewal === undefined && expiresAt > model.now
  const session = { ...content, expiresAt: model.expiry(content.deadline, keeps ? expiresAt : undefined) }
  if (renewal === undefined) {
    model.sessions.set(token, session)
    model.meet('a session was updated')
    const shows = showsInCookie(request) || COOKIE_DUE in loaded.values
    const outcome = saved(request, token, session)
    return shows ? outcome : NONE
  }
  const newToken = model.issue()
  model.rename(token, newToken, session)
  model.meet('a session was renewed')
  return saved(request, newToken, session)
}

/** Whether the request changed what the cookie says of its end. A clear() forgets whom to remember, where somebody asked for it. */
function showsInCookie({ base, view, edits, deadlineSet }: ModelRequest): boolean {
  const remembers = Object.hasOwn(base.values, REMEMBER) || Object.hasOwn(view, REMEMBER)
  const touches = edits.some((change) => change.does === 'clear' || (change.does === 'put' && change.key === REMEMBER && counts(change)))
  return deadlineSet !== undefined || (remembers && touches)
}

/** Once a session is saved, those end that were merged into it. */
function saved(request: ModelRequest, token: string, session: Stored): Outcome {
  const { model, merged, failed } = request
  const { deadline, values } = session
  if (!failed) for (const other of merged) model.endUnchanged(other.token, other.content)
  request.saved(token, session)
  return { cookie: 'set', token, deadline, remembered: own(values, REMEMBER) === true }
}
