import fc from 'fast-check'
import type { ScsSession } from '../../index.ts'
import { CLIENTS, type Client, MINUTE } from './model.ts'
import type { Real } from './real.ts'
import type { ModelRequest } from './request.ts'
import { key, noOwner, OWNER, owner, text, value } from './values.ts'

/** One thing that a handler does to its session, on the site and in the model. What it gives must be the same. */
export interface Step {
  readonly says: string
  real(session: ScsSession, real: Real): unknown
  model(request: ModelRequest): unknown
}

type Steps = fc.Arbitrary<Step>

const named = (name: string, ...args: readonly unknown[]) => `${name}(${args.map(text).join(', ')})`

/** The site gets a copy: what is put in becomes the session's own, and the model's must stay as it is. */
const putting = ([key, value]: [string, unknown]): Step => ({
  says: named('put', key, value),
  real: (session) => session.put(key, structuredClone(value)),
  model: (request) => request.put(key, value),
})

const put = fc.tuple(key, value).map(putting)
const putOwner = fc.tuple(fc.constant(OWNER), fc.oneof({ weight: 7, arbitrary: owner }, { weight: 1, arbitrary: noOwner })).map(putting)

const anyKey = fc.oneof({ weight: 7, arbitrary: key }, { weight: 1, arbitrary: fc.constant(OWNER) })

const taking = (
  does: string,
  real: (session: ScsSession, key: string) => unknown,
  model: (request: ModelRequest, key: string) => unknown,
): Steps =>
  anyKey.map((key) => ({
    says: named(does, key),
    real: (session) => real(session, key),
    model: (request) => model(request, key),
  }))

const get = taking(
  'get',
  (session, key) => session.get(key),
  (request, key) => request.get(key),
)
const exists = taking(
  'exists',
  (session, key) => session.exists(key),
  (request, key) => request.get(key) !== undefined,
)
const pop = taking(
  'pop',
  (session, key) => session.pop(key),
  (request, key) => request.pop(key),
)
const remove = taking(
  'remove',
  (session, key) => session.remove(key),
  (request, key) => request.remove(key),
)

const count: Steps = fc.constantFrom('count', 'a', 'b', OWNER, '__x').map((key) => ({
  says: named('update', key, 'one more'),
  real: (session) => session.update(key, (value) => (typeof value === 'number' ? value + 1 : 1)),
  model: (request) => request.count(key),
}))

const clear: Steps = fc.constant({
  says: 'clear()',
  real: (session) => session.clear(),
  model: (request) => request.clear(),
})

const look: Steps = fc.constant({
  says: 'look()',
  real: (session, real) => ({
    data: session.data(),
    keys: session.keys(),
    deadline: session.deadline.getTime(),
    status: session.status,
    isNew: session.isNew,
    token: session.id === '' && session.token !== '' ? 'without an id' : real.nameOf(session.token),
  }),
  model: (request) => request.look(),
})

const renew: Steps = fc.boolean().map((keepDeadline) => ({
  says: named('renewToken', { keepDeadline }),
  real: (session) => session.renewToken({ keepDeadline }),
  model: (request) => request.renew(keepDeadline),
}))

const regenerate: Steps = fc.uniqueArray(anyKey, { maxLength: 2 }).map((keys) => ({
  says: named('regenerate', keys),
  real: (session) => session.regenerate(keys),
  model: (request) => request.regenerate(keys),
}))

const destroy: Steps = fc.constant({
  says: 'destroy()',
  real: (session) => session.destroy(),
  model: (request) => request.destroy(),
})

const remember: Steps = fc.boolean().map((remember) => ({
  says: named('rememberMe', remember),
  real: (session) => session.rememberMe(remember),
  model: (request) => request.remember(remember),
}))

/** From long past to long after the lifetime. */
const setDeadline = (grain: number): Steps =>
  fc
    .tuple(
      fc.constantFrom(-60, -1, 0, 1, 2, 19, 20, 21, 22, 60, 90, 200),
      fc.constantFrom(0, 0, 1, -1, 1001, MINUTE / 2).filter((fine) => fine % grain === 0),
    )
    .map(([minutes, fine]) => ({
      says: named('setDeadline', `in ${minutes} minutes and ${fine} ms`),
      real: (session, { subject }) => session.setDeadline(new Date(subject.clock() + minutes * MINUTE + fine)),
      model: (request) => request.setDeadline(request.model.now + minutes * MINUTE + fine),
    }))

const merge: Steps = fc.constantFrom<Client>(...CLIENTS).map((client) => ({
  says: named('mergeSession', client),
  real: (session, real) => session.mergeSession(real.jars.get(client) ?? ''),
  model: (request) => request.merge(request.model.jars.get(client)),
}))

const endOthers: Steps = fc.tuple(owner, fc.boolean()).map(([owner, sparesMine]) => ({
  says: named(sparesMine ? 'destroyOwnedBy(… except mine)' : 'destroyOwnedBy', owner),
  real: (session, real) => real.sessions.destroyOwnedBy(owner, sparesMine ? { except: session } : {}),
  model: (request) => request.model.endOwnedBy(String(owner), sparesMine ? request.mine?.token : undefined),
}))

/** What edits a session and no more. */
export const edits: Steps = fc.oneof(
  { weight: 4, arbitrary: put },
  { weight: 2, arbitrary: putOwner },
  { weight: 2, arbitrary: fc.oneof(pop, remove, get, exists) },
  { weight: 2, arbitrary: count },
  { weight: 1, arbitrary: clear },
  { weight: 3, arbitrary: look },
)

/** Everything that a handler may do. */
export const steps = (grain: number): Steps =>
  fc.oneof(
    { weight: 12, arbitrary: edits },
    { weight: 3, arbitrary: fc.oneof({ weight: 2, arbitrary: renew }, { weight: 1, arbitrary: regenerate }) },
    { weight: 1, arbitrary: destroy },
    { weight: 1, arbitrary: remember },
    { weight: 1, arbitrary: setDeadline(grain) },
    { weight: 1, arbitrary: merge },
    { weight: 1, arbitrary: endOthers },
  )
