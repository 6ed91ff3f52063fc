import type { FastifyInstance } from 'fastify'
import type { ScsSession } from '../../index.ts'

export type Values = Readonly<Record<string, unknown>>

/** What a handler knows besides its session. */
export interface Context {
  readonly name: string
  readonly app: FastifyInstance
  /** The token of a second session of the same user. */
  readonly other: string
}

/** A request of a kind. Its name comes with it, so that what several of a kind did can be told apart. */
export interface Operation {
  readonly method: 'GET' | 'POST'
  /** `/still` does not prolong the idle timeout. */
  readonly url?: '/still'
  /** What the handler does; what it returns is the reply. */
  run(session: ScsSession, context: Context): unknown
  /** What saving it makes of the stored values. Absent: it saves nothing. `other`: what the request took from a second session. */
  edit?(values: Values, name: string, other: Values | undefined): Values
  /** Whether there is something to save for a session with these values; default: always when there is an edit. */
  saves?(values: Values, other: Values | undefined): boolean
  /** Whether it may end a session, or take away what was in it. */
  readonly ends?: true
  readonly renews?: true
  readonly destroys?: true
  /** Whether it replies with the values. */
  readonly shows?: true
  readonly fails?: true
  /** Whether its handler does what a script says, and its story tells what it saves. */
  readonly isScript?: true
  /** Whether it has no request, and so no reply. */
  readonly isJob?: true
}

const without = (values: Values, key: string): Values => Object.fromEntries(Object.entries(values).filter(([name]) => name !== key))

function fail(session: ScsSession, { name }: Context): never {
  session.put('half', name)
  throw new Error('the handler fails')
}

/** Whose session it is, before and after every login. */
export const OWNER = 'ann'

/** The ten kinds of which every two and every three are run in every order. */
export const TEN = {
  read: { method: 'GET', url: '/still', run: (session) => session.data(), shows: true },
  writeSame: { method: 'POST', run: (session, { name }) => session.put('same', name), edit: (values, name) => ({ ...values, same: name }) },
  writeOther: {
    method: 'POST',
    run: (session, { name }) => session.put(`by${name}`, name),
    edit: (values, name) => ({ ...values, [`by${name}`]: name }),
  },
  pop: {
    method: 'POST',
    run: (session) => ({ flash: session.pop('flash') }),
    edit: (values) => without(values, 'flash'),
    saves: (values) => 'flash' in values,
  },
  renew: { method: 'POST', run: (session) => session.renewToken(), edit: (values) => values, renews: true },
  destroy: { method: 'POST', run: (session) => session.destroy(), destroys: true, ends: true },
  login: {
    method: 'POST',
    run(session, { name }) {
      session.renewToken()
      session.put('user', OWNER)
      session.put('login', name)
    },
    edit: (values, name) => ({ ...values, user: OWNER, login: name }),
    renews: true,
  },
  touch: { method: 'GET', run: (session) => session.data(), shows: true },
  destroyOwnedBy: {
    method: 'POST',
    url: '/still',
    run: async (_session, { app }) => ({ ended: await app.sessions.destroyOwnedBy(OWNER) }),
    ends: true,
  },
  throw: { method: 'POST', run: fail, fails: true },
} as const satisfies Record<string, Operation>

/** Further kinds, for pairs and for random schedules. */
const MORE = {
  safeWrite: {
    method: 'GET',
    run: (session, { name }) => session.put(`by${name}`, name),
    edit: (values, name) => ({ ...values, [`by${name}`]: name }),
  },
  count: {
    method: 'POST',
    run: (session) => session.update('hits', (hits) => Number(hits ?? 0) + 1),
    edit: (values) => ({ ...values, hits: Number(values['hits'] ?? 0) + 1 }),
  },
  clear: {
    method: 'POST',
    run: (session) => session.clear(),
    edit: () => ({}),
    saves: (values) => Object.keys(values).length > 0,
    ends: true,
  },
  regenerate: {
    method: 'POST',
    run(session, { name }) {
      void session.regenerate(['base'])
      session.put('user', OWNER)
      session.put('login', name)
    },
    edit: ({ base }, name) => ({ ...(base === undefined ? {} : { base }), user: OWNER, login: name }),
    renews: true,
    ends: true,
  },
  destroyOthers: {
    method: 'POST',
    url: '/still',
    run: async (session, { app }) => ({ ended: await app.sessions.destroyOwnedBy(OWNER, { except: session }) }),
    ends: true,
  },
  merge: {
    method: 'POST',
    run: (session, { other }) => session.mergeSession(other),
    edit: (values, _name, other) => ({ ...values, ...other }),
    saves: (_values, other) => other !== undefined,
  },
} as const satisfies Record<string, Operation>

export const OPERATIONS: Readonly<Record<string, Operation>> = { ...TEN, ...MORE }

/** What a second session of the user holds before. */
export const OTHER: Values = { other: 'y', user: OWNER }

/** What the session holds before. */
export const BASE: Values = { base: 'x', flash: 'f', hits: 0, same: 'none', user: OWNER }
