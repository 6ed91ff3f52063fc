import type { ScsSession } from '../../index.ts'
import { fc } from '../support/fc.ts'
import { anyKey, clear, count, exists, get, look, pop, put, putOwner, remove, show } from './edit-steps.ts'
import { CLIENTS, type Client, MINUTE } from './model.ts'
import { named, type Steps } from './step.ts'
import { underWay } from './under-way.ts'
import { owner } from './values.ts'

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

/** From which moment on a new session has its deadline, nobody promises: here it has it once such a call is made. */
async function dated<T>(session: ScsSession, call: Promise<T>): Promise<T> {
  void session.deadline
  const answer = await call
  void session.deadline
  return answer
}

const destroy: Steps = fc.constant({
  call: 'destroy',
  says: 'destroy()',
  real: (session) => dated(session, session.destroy()),
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
  call: 'merge' as const,
  says: named('mergeSession', client),
  real: (session, real) => dated(session, session.mergeSession(real.jars.get(client) ?? '')),
  model: (request) => request.merge(request.model.jars.get(client)),
}))

/** The site learns the token of a cookie as soon as there is one: the reply may have another. */
const commit: Steps = fc.constant({
  call: 'commit',
  says: 'commit()',
  real: async (session, real) => real.see(await dated(session, session.commit())),
  model: (request) => request.commit(),
})

const endOthers: Steps = fc.tuple(owner, fc.boolean()).map(([owner, sparesMine]) => ({
  says: named(sparesMine ? 'destroyOwnedBy(… except mine)' : 'destroyOwnedBy', owner),
  real: (session, real) => real.sessions.destroyOwnedBy(owner, sparesMine ? { except: session } : {}),
  model: (request) => request.model.endOwnedBy(String(owner), sparesMine ? request.mine?.token : undefined),
}))

/** What changes and shows the values of a session, and nothing of its cookie. */
const values: Steps = fc.oneof(
  { weight: 4, arbitrary: put },
  { weight: 2, arbitrary: putOwner },
  { weight: 2, arbitrary: fc.oneof(pop, remove, get, exists) },
  { weight: 2, arbitrary: count },
  { weight: 3, arbitrary: look },
)

/** The same for what has no reply that could bring a cookie. */
export const jobSteps: Steps = fc.oneof({ weight: 4, arbitrary: values }, { weight: 1, arbitrary: underWay(commit, values, show) })

const edits: Steps = fc.oneof({ weight: 13, arbitrary: values }, { weight: 1, arbitrary: clear })

const others = (grain: number): Steps =>
  fc.oneof(
    { weight: 3, arbitrary: fc.oneof({ weight: 2, arbitrary: renew }, { weight: 1, arbitrary: regenerate }) },
    { weight: 1, arbitrary: remember },
    { weight: 1, arbitrary: setDeadline(grain) },
  )

/** Everything that a handler may do. */
export const steps = (grain: number): Steps =>
  fc.oneof(
    { weight: 12, arbitrary: edits },
    { weight: 5, arbitrary: others(grain) },
    { weight: 1, arbitrary: destroy },
    { weight: 1, arbitrary: merge },
    { weight: 2, arbitrary: commit },
    {
      weight: 3,
      arbitrary: underWay(
        fc.oneof(commit, commit, destroy, merge),
        fc.oneof({ weight: 3, arbitrary: edits }, { weight: 1, arbitrary: others(grain) }),
        show,
      ),
    },
    { weight: 1, arbitrary: endOthers },
  )
