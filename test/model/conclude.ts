import { COMPUTED, type Content, computes, type Edit, edit, isSame, own, REMEMBER, type Stored } from './content.ts'
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
  if (renewal === undefined && !setsDeadline && lasting(request).length === 0) return touch(request, token, loaded)
  if (request.deadline <= model.now) {
    if (!setsDeadline) return superseded(model)
    model.meet('a deadline was set into the past')
    request.destroy()
    return CLEAR
  }
  const stored = model.sessions.get(token)
  return stored === undefined ? gone(request, token) : save(request, token, loaded, stored)
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
  return { deadline, values: computes(edits) ? { ...values, [COMPUTED]: request.model.unique() } : values }
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

/** A request that changed nothing prolongs the session, when that is worth a write. */
function touch({ model, quiet }: ModelRequest, token: string, loaded: Stored): Outcome {
  const { now, config, sessions } = model
  const stored = sessions.get(token)
  if (quiet || config.idleTimeout === undefined || stored === undefined || !isSame(stored, loaded)) return NONE
  const expiresAt = model.expiry(loaded.deadline)
  if (now + config.idleTimeout - loaded.expiresAt < TOUCH_INTERVAL || expiresAt <= loaded.expiresAt) return NONE
  model.meet('a session was touched')
  sessions.set(token, { ...stored, expiresAt: Math.max(expiresAt, stored.expiresAt) })
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
  model.sessions.set(token, { ...content, expiresAt: model.expiry(content.deadline) })
  return saved(request, token, content)
}

function save(request: ModelRequest, token: string, loaded: Stored, stored: Stored): Outcome {
  const { model, quiet, renewal } = request
  const isUnchanged = isSame(stored, loaded)
  if (!isUnchanged) model.meet('edits were made again')
  const content = compose(request, stored)
  // A quiet request knows no other moment than that which it read with the content.
  const { expiresAt } = isUnchanged ? loaded : stored
  const session = { ...content, expiresAt: model.expiry(content.deadline, quiet ? expiresAt : undefined) }
  if (renewal === undefined) {
    model.sessions.set(token, session)
    model.meet('a session was updated')
    const outcome = saved(request, token, content)
    return showsInCookie(request) ? outcome : NONE
  }
  const newToken = model.issue()
  model.rename(token, newToken, session)
  model.meet('a session was renewed')
  return saved(request, newToken, content)
}

/** Whether the request changed what the cookie says of its end. A clear() forgets whom to remember, where somebody asked for it. */
function showsInCookie({ base, view, edits, deadlineSet }: ModelRequest): boolean {
  const remembers = Object.hasOwn(base.values, REMEMBER) || Object.hasOwn(view, REMEMBER)
  const touches = edits.some((change) => change.does === 'clear' || (change.does === 'put' && change.key === REMEMBER))
  return deadlineSet !== undefined || (remembers && touches)
}

/** Once a session is saved, those end that were merged into it. */
function saved(request: ModelRequest, token: string, { deadline, values }: Content): Outcome {
  const { model, merged, failed } = request
  if (!failed) for (const other of merged) model.endUnchanged(other.token, other.content)
  return { cookie: 'set', token, deadline, remembered: own(values, REMEMBER) === true }
}
