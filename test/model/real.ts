import Fastify, { type FastifyInstance, type FastifyRequest, type LightMyRequestResponse } from 'fastify'
import scsSession, { type ScsSession } from '../../index.ts'
import { hashToken, publicId } from '../../lib/token.ts'
import type { SessionStore } from '../../types/store.ts'
import { cookieOf, setCookies } from '../support/app.ts'
import type { FakeClock } from '../support/clock.ts'
import { type Client, type Config, LIFETIME, TOUCH_INTERVAL } from './model.ts'
import { OWNER } from './values.ts'

/** A store to hold against the model, and the time that passes for it. */
export interface Subject {
  readonly store: SessionStore
  /** The sessions' clock, which stands still but for `pass`. */
  readonly clock: FakeClock
  /** Lets time pass, for the store as well. */
  pass(ms: number): Promise<void> | void
  /** The smallest step of time that it can be asked for. */
  readonly grain: number
}

/** What a client sees of a reply. */
export interface Reply {
  readonly status: number
  /** The text, or the code of an error. */
  readonly body: string
  readonly cookie: readonly string[]
  readonly caching: string | undefined
}

export type Method = 'GET' | 'POST'
export type Handler = (session: ScsSession) => Promise<string>

/** An application whose every request brings its own handler. */
export interface RealSite {
  readonly app: FastifyInstance
  send(url: string, method: Method, cookie: string | undefined, handler: Handler): Promise<LightMyRequestResponse>
}

export async function openSite({ store, clock }: Subject, { persist, idleTimeout }: Config): Promise<RealSite> {
  const app = Fastify()
  const idle = idleTimeout === undefined ? {} : { idleTimeout, touchInterval: TOUCH_INTERVAL }
  await app.register(scsSession, { store, clock, owner: OWNER, lifetime: LIFETIME, cookie: { persist }, storeTimeout: '30s', ...idle })
  const handlers = new Map<string, Handler>()
  const run = (request: FastifyRequest) => handlers.get(String(request.headers['x-handler']))?.(request.session)
  app.route({ method: ['GET', 'POST'], url: '/', handler: run })
  app.route({ method: ['GET', 'POST'], url: '/quiet', config: { session: { touch: false } }, handler: run })
  let requests = 0
  return {
    app,
    async send(url, method, cookie, handler) {
      const id = String(++requests)
      handlers.set(id, handler)
      const headers = { 'x-handler': id, ...(cookie === undefined ? {} : { cookie: `session=${cookie}` }) }
      const reply = await app.inject({ method, url, headers })
      handlers.delete(id)
      return reply
    },
  }
}

/** The site as three clients and the application see it in one run. Tokens are named in the order in which they come, as in the model. */
export class Real {
  readonly subject: Subject
  readonly site: RealSite
  readonly jars = new Map<Client, string>()
  readonly #names = new Map<string, string>()
  readonly #ids = new Map<string, string>()

  constructor(subject: Subject, site: RealSite) {
    this.subject = subject
    this.site = site
  }

  get sessions() {
    return this.site.app.sessions
  }

  /** Gives a token its name. */
  learn(token: string): string {
    const known = this.#names.get(token)
    if (known !== undefined) return known
    const name = `#${this.#names.size + 1}`
    this.#names.set(token, name)
    this.#ids.set(publicId(hashToken(token)), name)
    return name
  }

  /** Sees the cookie that a commit() returns. */
  see(cookie: string | undefined): void {
    const [, token] = /^session=([^;]+)/.exec(cookie ?? '') ?? []
    if (token !== undefined) this.learn(token)
  }

  /** What a token is called, where the session may have one that nobody knows yet. */
  nameOf(token: string): string {
    return token === '' ? '' : (this.#names.get(token) ?? 'new')
  }

  /** The handle of a client's session. */
  idOf(client: Client): string {
    const token = this.jars.get(client)
    return token === undefined ? 'none' : publicId(hashToken(token))
  }

  nameOfId(id: string): string {
    return this.#ids.get(id) ?? `the unknown ${id}`
  }

  /** What the token is called that a store knows by this key. */
  nameOfKey(key: string): string {
    return this.nameOfId(publicId(key))
  }

  /** Sends a client's request; what the reply says of the cookie is done. */
  async send(client: Client, method: Method, quiet: boolean, handler: Handler): Promise<Reply> {
    const reply = await this.site.send(quiet ? '/quiet' : '/', method, this.jars.get(client), handler)
    const token = cookieOf(reply)
    if (token === '') this.jars.delete(client)
    else if (token !== undefined) this.jars.set(client, token)
    const name = token === undefined || token === '' ? undefined : this.learn(token)
    const named = (line: string) => (name === undefined ? line : line.replace(`=${token};`, `=${name};`))
    const isJson = String(reply.headers['content-type']).startsWith('application/json')
    return {
      status: reply.statusCode,
      body: isJson ? String(reply.json().code) : reply.body,
      cookie: setCookies(reply).map(named),
      caching: reply.headers['cache-control'],
    }
  }
}
