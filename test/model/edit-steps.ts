import type { ScsSession } from '../../index.ts'
import { fc } from '../support/fc.ts'
import { keysOf, visible } from './content.ts'
import type { ModelRequest } from './request.ts'
import { named, type Step, type Steps } from './step.ts'
import { key, noOwner, OWNER, owner, value } from './values.ts'

/** The site gets a copy: what is put in becomes the session's own, and the model's must stay as it is. */
const putting = ([key, value]: [string, unknown]): Step => ({
  says: named('put', key, value),
  real: (session) => session.put(key, structuredClone(value)),
  model: (request) => request.put(key, value),
})

export const put = fc.tuple(key, value).map(putting)
export const putOwner = fc
  .tuple(fc.constant(OWNER), fc.oneof({ weight: 7, arbitrary: owner }, { weight: 1, arbitrary: noOwner }))
  .map(putting)

export const anyKey = fc.oneof({ weight: 7, arbitrary: key }, { weight: 1, arbitrary: fc.constant(OWNER) })

const taking = (
  does: string,
  real: (session: ScsSession, key: string) => unknown,
  model: (request: ModelRequest, key: string) => unknown,
): Steps =>
  anyKey.map((key) => ({
    looks: true,
    says: named(does, key),
    real: (session) => real(session, key),
    model: (request) => model(request, key),
  }))

export const get = taking(
  'get',
  (session, key) => session.get(key),
  (request, key) => request.get(key),
)
export const exists = taking(
  'exists',
  (session, key) => session.exists(key),
  (request, key) => request.get(key) !== undefined,
)
export const pop = taking(
  'pop',
  (session, key) => session.pop(key),
  (request, key) => request.pop(key),
)
export const remove = taking(
  'remove',
  (session, key) => session.remove(key),
  (request, key) => request.remove(key),
)

export const count: Steps = fc.constantFrom('count', 'a', 'b', OWNER, '__x').map((key) => ({
  says: named('update', key, 'one more'),
  real: (session) => session.update(key, (value) => (typeof value === 'number' ? value + 1 : 1)),
  model: (request) => request.count(key),
}))

export const clear: Steps = fc.constant({
  looks: true,
  says: 'clear()',
  real: (session) => session.clear(),
  model: (request) => request.clear(),
})

export const show: Steps = fc.constant({
  looks: true,
  says: 'data()',
  real: (session) => ({ data: session.data(), keys: session.keys(), deadline: session.deadline.getTime() }),
  model: ({ view, deadline }) => ({ data: visible(view), keys: keysOf(view), deadline }),
})

export const look: Steps = fc.constant({
  isOfToken: true,
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
