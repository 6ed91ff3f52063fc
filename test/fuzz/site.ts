import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify'
import scsSession, { MemoryStore, type ScsOptions, type ScsSession, SessionManager } from '../../index.ts'
import type { ReplyPort } from '../../lib/http/headers.ts'
import type { Lifecycle } from '../../lib/lifecycle.ts'
import { isPromise } from '../../lib/store/maybe-promise.ts'
import { hashToken } from '../../lib/token.ts'
import { type FakeClock, fakeClock } from '../support/clock.ts'
import { SpyStore } from '../support/spy-store.ts'

/** What a request does with its session; what it gives back is the reply's body. */
export type Action = (session: ScsSession) => unknown

/** How a request ended. */
export interface Visit {
  readonly status: number
  readonly code: string
  readonly body: unknown
  /** The token of the cookie that it sets; '' for one that is cleared. */
  readonly cookie: string | undefined
}

/**
 * An application whose requests are many and cheap: most of them go through the lifecycle alone, the way the plugin calls it, and those that
 * are asked for go through Fastify. The store answers at once and counts.
 */
export class FuzzSite {
  readonly clock: FakeClock = fakeClock()
  readonly store = new SpyStore('sync', new MemoryStore({ clock: this.clock }))
  readonly warnings: string[] = []
  readonly manager: SessionManager
  readonly lifecycle: Lifecycle
  readonly #app: FastifyInstance
  #action: Action = () => undefined
  #body: unknown

  private constructor(options: ScsOptions) {
    const warn = (_fields: object, message: string) => void this.warnings.push(message)
    const log = { ...silent, warn, child: (): object => log }
    const { store, clock } = this
    this.manager = new SessionManager({ store, clock, log, ...options })
    this.lifecycle = SessionManager.lifecycleOf(this.manager)
    this.#app = Fastify({ loggerInstance: log as unknown as FastifyBaseLogger })
    this.#app.register(scsSession, { store, clock, ...options })
    this.#app.register(async (app) => {
      app.post('/', async (request) => {
        this.#body = await this.#action(request.session)
        return {}
      })
    })
  }

  static async start(options: ScsOptions = {}): Promise<FuzzSite> {
    const site = new FuzzSite(options)
    await site.#app.ready()
    return site
  }

  async close(): Promise<void> {
    await this.#app.close()
    await this.manager.close()
  }

  /** Puts bytes under a token, as another release, a broken disk or a forger would. */
  plant(token: string, data: Uint8Array): void {
    this.store.inner.create(hashToken(token), { data, expiresAt: this.clock() + 3_600_000 })
  }

  /** The bytes under a token. */
  bytesOf(token: string): Uint8Array | undefined {
    return (this.store.inner as MemoryStore).find(hashToken(token))?.data
  }

  forget(token: string): void {
    this.store.inner.delete(hashToken(token))
  }

  /** A POST request, by the lifecycle alone. */
  visit(cookies: string | undefined, action: Action): Visit | Promise<Visit> {
    const { reply, headers } = stubReply()
    const state = this.lifecycle.begin(reply, this.lifecycle.settings.log, true)
    const end = () => {
      let body: unknown
      try {
        body = action(this.lifecycle.session(state) as unknown as ScsSession)
      } catch (error) {
        state.exchange.countError()
        this.lifecycle.conclude(state, 500, 'POST')
        return { status: 500, code: codeOf(error), body: undefined, cookie: undefined }
      }
      const outcome = this.lifecycle.conclude(state, 200, 'POST')
      const visited = (failure: Awaited<typeof outcome>) => ({
        ...{ status: failure?.statusCode ?? 200, code: failure?.code ?? '', body },
        cookie: cookieIn(headers.get('set-cookie')),
      })
      return isPromise(outcome) ? Promise.resolve(outcome).then(visited) : visited(outcome)
    }
    const loading = this.lifecycle.load(state, { cookie: cookies })
    return loading === undefined ? end() : loading.then(end)
  }

  /** The same through Fastify. */
  async inject(cookies: string | undefined, action: Action): Promise<Visit> {
    this.#action = action
    this.#body = undefined
    const headers = cookies === undefined ? {} : { cookie: cookies }
    const { statusCode, headers: replied, body } = await this.#app.inject({ method: 'POST', url: '/', headers })
    const code = statusCode === 200 ? '' : String((JSON.parse(body) as { code?: unknown }).code)
    return { status: statusCode, code, body: this.#body, cookie: cookieIn(replied['set-cookie']) }
  }
}

/** As much of a reply as the lifecycle needs, and the headers that it sets. */
export function stubReply(): { reply: ReplyPort; headers: Map<string, string | string[]> } {
  const headers = new Map<string, string | string[]>()
  const reply: ReplyPort = {
    getHeader: (name) => headers.get(name),
    header: (name, value) => headers.set(name, value),
    removeHeader: (name) => headers.delete(name),
    raw: { headersSent: false, writableEnded: false, on: () => undefined },
    sent: false,
    request: { hostname: 'localhost', protocol: 'http', headers: {} },
  }
  return { reply, headers }
}

const silent = { level: 'silent', info() {}, debug() {}, trace() {}, error() {}, fatal() {}, silent() {} }

/** The token of a Set-Cookie. One that is not of the shape that we write is an error. */
function cookieIn(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined
  const [, token] = SET_COOKIE.exec(String(header)) ?? []
  if (token === undefined) throw new Error(`the reply has a Set-Cookie that no browser should see: ${header}`)
  return token
}

const SET_COOKIE =
  /^session=([A-Za-z0-9_-]{43}|); Path=\/; Expires=[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT; Max-Age=\d+; HttpOnly; SameSite=Lax$/

export function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | undefined)?.code ?? error)
}

/** Whether two values are the same to whoever reads a session: undefined in an object counts as absent, a Buffer as bytes. */
export function same(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return Object.is(a, b)
  if (Array.isArray(a)) return Array.isArray(b) && sameList(a, b)
  if (a instanceof Date) return b instanceof Date && a.getTime() === b.getTime()
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0
  if (a instanceof Map) return b instanceof Map && sameList([...a].flat(), [...b].flat())
  if (a instanceof Set) return b instanceof Set && sameList([...a], [...b])
  return sameKeys(a, b)
}

function sameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((part, i) => same(part, b[i]))
}

function sameKeys(a: object, b: object): boolean {
  if (Array.isArray(b) || ![null, Object.prototype].includes(Object.getPrototypeOf(b))) return false
  const of = (value: object) => Object.entries(value).filter(([, part]) => part !== undefined)
  const mine = of(a)
  return mine.length === of(b).length && mine.every(([key, part]) => Object.hasOwn(b, key) && same(part, own(b, key)))
}

/** The value under a key of its own, `__proto__` too. */
const own = (value: object, key: string): unknown => Object.getOwnPropertyDescriptor(value, key)?.value
