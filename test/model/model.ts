import { type Content, isReserved, isSame, keysOf, ownerOf, ownerText, type Stored, type Values, visible } from './content.ts'
import { OWNER } from './values.ts'

/** What the site is set up with. */
export interface Config {
  /** Whether the cookie outlives the browser without being asked to. */
  readonly persist: boolean
  readonly idleTimeout: number | undefined
}

export const MINUTE = 60_000
export const LIFETIME = 90 * MINUTE
export const IDLE_TIMEOUT = 20 * MINUTE
export const TOUCH_INTERVAL = 3 * MINUTE
/** How long a renewal is remembered. */
const TRACE = MINUTE

export const CLIENTS = ['A', 'B', 'C'] as const
export type Client = (typeof CLIENTS)[number]

/** What the library refuses. */
export class Refused extends Error {
  readonly code: string

  constructor(code: string) {
    super(code)
    this.code = code
  }

  /** The status of the reply when the handler lets it through. */
  get status(): number {
    return this.code === 'FST_ERR_SCS_SUPERSEDED' ? 409 : 500
  }
}

/** A session in a listing. */
export interface Listed extends Content {
  readonly token: string
  readonly owner: string | undefined
  readonly expiresAt: number
}

/**
 * The whole of what clients and application can see, without a store, a cookie's text or a promise: written from DESIGN's rules, to be held
 * against a real site. A token is `#1`, `#2` and so on, in the order in which clients learn them.
 */
export class Model {
  readonly config: Config
  now: number
  readonly sessions = new Map<string, Stored>()
  /** By the token that was renewed. */
  readonly #traces = new Map<string, { readonly to: string; readonly until: number }>()
  readonly jars = new Map<Client, string>()
  /** How often something happened, over all runs. */
  readonly #met: Map<string, number>
  #issued = 0
  #computed = 0

  constructor(config: Config, now: number, met = new Map<string, number>()) {
    this.config = config
    this.now = now
    this.#met = met
  }

  /** Notes that a run came to something worth testing. */
  meet(what: string): void {
    this.#met.set(what, (this.#met.get(what) ?? 0) + 1)
  }

  pass(ms: number): void {
    this.now += ms
    for (const [token, { deadline, expiresAt }] of this.sessions) {
      if (expiresAt > this.now) continue
      this.meet(expiresAt === deadline ? 'the deadline passed' : 'the idle time passed')
      this.sessions.delete(token)
    }
  }

  /** What nobody else computed. */
  unique(): string {
    this.#computed++
    return String(this.#computed)
  }

  issue(): string {
    this.#issued++
    return `#${this.#issued}`
  }

  /** When a session written now expires. */
  expiry(deadline: number, idle = this.now + (this.config.idleTimeout ?? 0)): number {
    return this.config.idleTimeout === undefined ? deadline : Math.min(deadline, idle)
  }

  // --- renewals ---

  rename(from: string, to: string, session: Stored): void {
    this.sessions.delete(from)
    this.sessions.set(to, session)
    this.#traces.set(from, { to, until: this.now + TRACE })
  }

  /** The token that a session was renewed to in the last minute. */
  renewedTo(token: string): string | undefined {
    const trace = this.#traces.get(token)
    return trace !== undefined && trace.until > this.now ? trace.to : undefined
  }

  /** Ends a session, wherever renewals have moved it. */
  end(token: string): boolean {
    return this.sessions.delete(token) || this.endSuccessor(token)
  }

  endSuccessor(token: string): boolean {
    const to = this.renewedTo(token)
    if (to === undefined) return false
    this.meet('an end followed a renewal')
    const was = this.end(to)
    this.#traces.delete(token)
    return was
  }

  /** Ends a session if nobody changed it. */
  endUnchanged(token: string, content: Content): void {
    const stored = this.sessions.get(token)
    if (stored === undefined) return
    const same = isSame(stored, content)
    this.meet(same ? 'a merged session ended' : 'a merged session was changed meanwhile')
    if (same) this.sessions.delete(token)
  }

  // --- the manager ---

  create(values: Values): { token: string; expiresAt: number } {
    for (const [key, value] of Object.entries(values)) mayPut(key, value)
    const deadline = this.now + LIFETIME
    const session = { deadline, values, expiresAt: this.expiry(deadline) }
    const token = this.issue()
    this.sessions.set(token, session)
    return { token, expiresAt: session.expiresAt }
  }

  list(owner?: string): Listed[] {
    const all = [...this.sessions].map(([token, { values, deadline, expiresAt }]) => {
      return { token, owner: ownerOf(values), values: visible(values), deadline, expiresAt }
    })
    return all.filter((each) => owner === undefined || each.owner === owner).sort((a, b) => (a.token < b.token ? -1 : 1))
  }

  endOwnedBy(owner: string, except?: string): number {
    const tokens = this.list(owner).flatMap(({ token }) => (token === except ? [] : [token]))
    for (const token of tokens) this.sessions.delete(token)
    if (tokens.length > 0) this.meet("an owner's sessions ended")
    return tokens.length
  }
}

/** Throws what `put` does. */
export function mayPut(key: string, value: unknown): void {
  if (isReserved(key)) throw new Refused('FST_ERR_SCS_KEY')
  if (key === OWNER && ownerText(value) === undefined) throw new Refused('FST_ERR_SCS_VALUE')
}

/** Whether there is anything that a session would be kept for. */
export function isWorthKeeping(values: Values): boolean {
  return keysOf(values).length > 0
}
