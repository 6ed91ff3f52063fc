import { setImmediate as turn } from 'node:timers/promises'
import type { FastifyReply, FastifyRequest, LightMyRequestResponse } from 'fastify'
import type { ScsOptions, ScsSession } from '../../index.ts'
import { MemoryStore } from '../../index.ts'
import { hashToken } from '../../lib/token.ts'
import { makeApp, type TestApp } from '../support/app.ts'
import { type FakeClock, fakeClock } from '../support/clock.ts'
import { SpyStore, type Verb } from '../support/spy-store.ts'

export type Reply = LightMyRequestResponse

/** What a request's handler does with the session; what it returns is the reply's body. */
export type Handler = (session: ScsSession, request: FastifyRequest, reply: FastifyReply) => unknown

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE'

/** A site whose every request brings its own handler, so that a story reads from top to bottom. */
export interface Site extends TestApp {
  readonly store: SpyStore
  readonly clock: FakeClock
  /** Sends a request with a token in the cookie, or with none. */
  send(method: Method, token: string | undefined, handler?: Handler, headers?: Record<string, string>): Promise<Reply>
  get(token: string | undefined, handler?: Handler): Promise<Reply>
  post(token: string | undefined, handler?: Handler): Promise<Reply>
  /** A new session with these values; its token. */
  start(values?: Record<string, unknown>): Promise<string>
  /** What the store has for a token: the values, or undefined. Asks the store below the spy. */
  stored(token: string): Promise<Record<string, unknown> | undefined>
}

const read: Handler = (session) => session.data()

export const login =
  (user: string): Handler =>
  (session) => {
    session.renewToken()
    session.put('user', user)
  }
export const logout: Handler = (session) => session.destroy()

/** Starts a site on a store that answers late, with a clock that stands still. */
export async function startSite(options: ScsOptions = {}, mode: 'sync' | 'async' = 'async'): Promise<Site> {
  const clock = fakeClock()
  const store = new SpyStore(mode, new MemoryStore({ clock }))
  const handlers = new Map<string, Handler>()
  const made = await makeApp({ store, clock, ...options }, (app) => {
    const run = async (request: FastifyRequest, reply: FastifyReply) => {
      const handler = handlers.get(String(request.headers['x-handler'])) ?? read
      return (await handler(request.session, request, reply)) ?? { ok: true }
    }
    app.route({ method: ['GET', 'POST', 'PUT', 'DELETE'], url: '/', handler: run })
    app.get('/quiet', { config: { session: { touch: false } } }, run)
  })
  const { app } = made
  let requests = 0
  const send: Site['send'] = async (method, token, handler = read, headers = {}) => {
    const id = String(++requests)
    handlers.set(id, handler)
    const cookie = token === undefined ? {} : { cookie: `session=${token}` }
    const { url = '/', ...rest } = headers
    return await app.inject({ method, url, headers: { 'x-handler': id, ...cookie, ...rest } })
  }
  return {
    ...{ ...made, store, clock, send },
    get: (token, handler) => send('GET', token, handler),
    post: (token, handler) => send('POST', token, handler),
    start: async (values = {}) => (await app.sessions.create(values)).token,
    stored: async (token) => {
      const record = await store.inner.find(hashToken(token), { expiry: true })
      return record === undefined ? undefined : payload(record.data).values
    },
  }
}

/** The payload that the default codec wrote, without what a session keeps about itself. */
export function payload(data: Uint8Array): { deadline: number; values: Record<string, unknown> } {
  const { deadline, values } = JSON.parse(Buffer.from(data).toString('utf8'))
  const { __createdAt: _, __authenticatedAt: __, __client: ___, ...others } = values
  return { deadline, values: others }
}

/** A promise and the function that fulfils it. */
export interface Latch {
  readonly opened: Promise<void>
  open(): void
}

export function latch(): Latch {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

/** A request that a test holds at one point. */
export interface Held {
  /** Fulfilled when the request is there. */
  readonly reached: Promise<void>
  /** Lets it go on. */
  release(): void
}

/** Holds the next call of a verb just before it works. */
export function holdNext(store: SpyStore, verb: Verb): Held {
  const reached = latch()
  const released = latch()
  const before = store.gate
  let caught = false
  store.gate = (called, key) => {
    if (caught || called !== verb) return before?.(called, key)
    caught = true
    reached.open()
    return released.opened
  }
  return { reached: reached.opened, release: released.open }
}

/** A handler that does something, then waits in the middle of the request until it is released. */
export function holdIn(handler: Handler): { handler: Handler; held: Held } {
  const reached = latch()
  const released = latch()
  return {
    held: { reached: reached.opened, release: released.open },
    handler: async (session, request, reply) => {
      const body = await handler(session, request, reply)
      reached.open()
      await released.opened
      return body
    },
  }
}

/** Lets everything go on that needs no more than a few turns of the event loop. */
export async function turns(count = 5): Promise<void> {
  for (let i = 0; i < count; i++) await turn()
}
