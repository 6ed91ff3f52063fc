import Fastify, { type FastifyInstance, type FastifyRequest, type LightMyRequestResponse } from 'fastify'
import scsSession, { MemoryStore, type ScsOptions } from '../../index.ts'
import { hashToken } from '../../lib/token.ts'
import type { SessionStore } from '../../types/store.ts'
import { cookieOf, setCookies } from '../support/app.ts'
import { type FakeClock, fakeClock } from '../support/clock.ts'
import type { Live } from './account.ts'
import { GatedStore } from './gated-store.ts'
import type { Answered } from './laws.ts'
import { BASE, type Values } from './operations.ts'
import { valuesIn } from './payloads.ts'
import { operationOf } from './script.ts'

/** An application whose store calls a schedule orders. */
export interface World {
  readonly app: FastifyInstance
  readonly store: GatedStore
  readonly clock: FakeClock
  /** A new session that is due for a touch: its token. */
  start(values?: Values): Promise<string>
  /** A request of a kind, or a job. */
  send(request: Sent): Promise<Answered>
  /** The session of a token, as the ledger has it. */
  live(token: string): Promise<[key: string, Live]>
  /** What is in the store, by key; and empties it, of these keys as well, which may not show. */
  sweep(hidden: Iterable<string>): Promise<Map<string, Values>>
}

/** A request as a client sends it. */
export interface Sent {
  readonly kind: string
  readonly name: string
  token: string | undefined
  /** The token of a second session, for the handler. */
  readonly other?: string
}

const IDLE_MS = 20 * 60_000

/** An application with the routes of the schedules. */
async function makeApp(options: ScsOptions): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(scsSession, { owner: 'user', lifetime: '24h', idleTimeout: IDLE_MS, ...options })
  const run = async (request: FastifyRequest) => {
    const { kind, name, other } = request.headers
    const context = { app, name: String(name), other: String(other) }
    return (await operationOf(String(kind)).run(request.session, context)) ?? {}
  }
  app.route({ method: ['GET', 'POST'], url: '/', handler: run })
  app.route({ method: ['GET', 'POST'], url: '/still', config: { session: { touch: false } }, handler: run })
  return app
}

/**
 * Makes the applications: each request of a schedule has one of its own, as in so many processes, since the saves of one process take turns. A store
 * that goes by a clock of its own sees moments that are to come, and so nothing expires there.
 */
export async function makeWorld(store?: SessionStore, options: ScsOptions = {}): Promise<World> {
  const clock = fakeClock(store === undefined ? undefined : Date.now())
  const gated = new GatedStore(store ?? new MemoryStore({ clock, maxSessions: 500 }), clock)
  const made = { store: gated, clock, ...options }
  const app = await makeApp(made)
  const apps = new Map<string, FastifyInstance>()
  const appOf = async (name: string) => {
    const mine = apps.get(name) ?? (await makeApp(made))
    apps.set(name, mine)
    return mine
  }
  return {
    ...{ app, clock, store: gated },
    async start(values = BASE) {
      const { token } = await app.sessions.create(values)
      clock.advance(IDLE_MS / 4)
      return token
    },
    async send(sent) {
      const { kind, name, token, other = '' } = sent
      const { method, url = '/', isJob } = operationOf(kind)
      if (isJob) return await doJob(await appOf(name), sent)
      const cookie = token === undefined ? {} : { cookie: `session=${token}` }
      const app = await appOf(name)
      return answered(await app.inject({ method, url, headers: { kind, name, other, ...cookie } }))
    },
    async live(token) {
      const key = hashToken(token)
      const record = await gated.inner.find(key, { expiry: true })
      if (record?.expiresAt === undefined) throw new Error('the session is not there')
      return [key, { values: valuesIn(record.data), expiresAt: record.expiresAt, root: key }]
    },
    async sweep(hidden) {
      const rows = new Map<string, Values>()
      for await (const { key, record } of gated.inner.all()) rows.set(key, valuesIn(record.data))
      for (const key of [...rows.keys(), ...hidden]) await gated.inner.delete(key)
      return rows
    },
  }
}

/** What has no request finds the session by its token. */
async function doJob(app: FastifyInstance, { kind, name, token = '', other = '' }: Sent): Promise<Answered> {
  const none = { cookies: [], token: undefined, cookieKey: undefined, body: {} }
  try {
    const session = await app.sessions.find(token)
    if (session !== undefined) await operationOf(kind).run(session, { app, name, other })
    return { ...none, status: 200 }
  } catch (error) {
    return { ...none, status: (error as { statusCode?: number }).statusCode ?? 500 }
  }
}

/** What a reply says to a client. */
function answered(reply: LightMyRequestResponse): Answered {
  const token = cookieOf(reply)
  return {
    status: reply.statusCode,
    cookies: setCookies(reply),
    token,
    cookieKey: token === undefined || token === '' ? token : hashToken(token),
    body: reply.json(),
  }
}
