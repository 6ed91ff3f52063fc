import type { Failure } from '../types/errors.ts'
import type { SessionLogger } from '../types/options.ts'
import type { Answer } from '../types/store.ts'
import { type Content, REMEMBER } from './data/record.ts'
import { type CookieSettings, type CookieTemplate, clearCookie, setCookie, templateFor } from './http/cookie.ts'
import { keepPrivate, putCookie, type ReplyPort, withdrawCookie } from './http/headers.ts'
import { cookieHint } from './http/hints.ts'

/** What the reply's cookie has to say after a commit: nothing, that the session ended, or the token of this one. */
export type CookieChange = 'none' | 'clear' | Kept

/** A session that the store holds. */
interface Kept {
  readonly token: string
  readonly content: Content
}

/** The settings of the cookie. */
interface CookieSenderSettings {
  readonly cookie: CookieSettings
  readonly template: CookieTemplate
  readonly clock: () => number
  readonly log: SessionLogger
}

/** Status and headers of a reply, as they were. */
export interface SavedReply {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, number | string | string[] | undefined>>
}

/** One of the times that Fastify runs `onSend` for a reply. */
export interface Run {
  readonly payload: unknown
  /** How many errors had been thrown when it began. */
  readonly errors: number
  /** The reply to an error, as it was then. */
  readonly saved: SavedReply | undefined
}

/** What passes between us and the client in one request. A session that no request asked for has one without a reply. */
export class Exchange {
  readonly reply: ReplyPort | undefined
  /** Whether the client sent a cookie of our name, or got one. */
  hasCookie = false
  /** Whether the client brings its token in a header: it gets no cookie. */
  bringsHeader = false
  /** Whether the session takes no changes any more: the reply is leaving. */
  isClosed = false
  /** How many errors were thrown on the way to the reply. */
  errors = 0
  /** Whether the reply says that the request failed: data edits do not count then. */
  hasFailed = false
  /** Cookie attributes for this reply alone. */
  template: CookieTemplate | undefined = undefined
  /** What came of the reply's save: a failure, or undefined. */
  outcome: Answer<Failure | undefined> = undefined
  /** The run of `onSend` that goes on when the save is done. */
  waiting: Run | undefined = undefined
  /** The Set-Cookie that is on the reply. Private, as all that holds a token: no inspection shows it. */
  #cookie: string | undefined = undefined
  #isWatched = false

  constructor(reply: ReplyPort | undefined) {
    this.reply = reply
  }

  /** Whether the reply can bring the client a cookie: not after the headers, and not in a WebSocket, whose handshake is out of reach. */
  get takesCookie(): boolean {
    const { reply } = this
    if (reply === undefined || reply.raw.headersSent) return false
    return this.isClosed || String(reply.request.headers['upgrade']).toLowerCase() !== 'websocket'
  }

  /** Notes that the request threw, or that a hook did. */
  countError(): void {
    this.errors++
  }

  /** Whether a cookie of ours is on the reply. */
  get sentCookie(): boolean {
    return this.#cookie !== undefined
  }

  /** Puts a cookie on the reply, in the place of the one before. */
  setCookie(reply: ReplyPort, cookie: string): void {
    putCookie(reply, cookie, this.#cookie)
    this.#cookie = cookie
    // Should the session end after this, the client has a cookie to forget.
    this.hasCookie = true
  }

  /** Takes our cookie off the reply again: its session ended since. */
  withdrawCookie(): void {
    if (this.reply !== undefined && this.#cookie !== undefined) withdrawCookie(this.reply, this.#cookie)
  }

  /** Lets no shared cache keep a reply with our cookie, whatever was said of caching since. */
  keepPrivate(): void {
    if (this.reply !== undefined && this.#cookie !== undefined) keepPrivate(this.reply)
  }

  /** Calls back should the reply end without our `onSend`: after `reply.hijack()` there is none. Once, whoever asks. */
  onHijackedEnd(then: () => void): void {
    const raw = this.reply?.raw
    if (this.#isWatched || raw === undefined) return
    this.#isWatched = true
    let hasEnded = false
    // `once` costs three times as much. A client of HTTP/2 that went away ends the reply before there is one.
    raw.on('finish', () => {
      if (!hasEnded && !this.isClosed && raw.headersSent) then()
      hasEnded = true
    })
  }
}

/** Tells the client what became of its session. */
export class CookieSender {
  readonly #settings: CookieSenderSettings
  /** What was said already of cookies that browsers drop. */
  readonly #hints = new Set<string>()

  constructor(settings: CookieSenderSettings) {
    this.#settings = settings
  }

  /** The attributes of the cookie for one reply. Throws `FST_ERR_SCS_OPTION` when `cookie.domain` names none for it. */
  templateFor({ template = this.#settings.template, reply }: Exchange): CookieTemplate {
    return templateFor(this.#settings.cookie, template, reply?.request)
  }

  /** Puts the cookie on the reply, unless that has left: then it was no new token, and the old cookie serves. */
  send(exchange: Exchange, template: CookieTemplate, change: CookieChange): string | undefined {
    const { reply } = exchange
    if (change === 'none' || reply === undefined || reply.raw.headersSent || exchange.bringsHeader) return undefined
    const cookie = this.#cookie(template, change, reply)
    exchange.setCookie(reply, cookie)
    return cookie
  }

  #cookie(template: CookieTemplate, change: 'clear' | Kept, { request }: ReplyPort): string {
    const { cookie, clock } = this.#settings
    const { domain } = cookie
    const secure = template.secure === 'auto' ? request.protocol === 'https' : template.secure
    if (change === 'clear') return clearCookie(template, secure)
    this.#hint(cookieHint({ secure, domain: typeof domain === 'string' ? domain : undefined }, request))
    const { deadline, values } = change.content
    const persists = template.persist || values[REMEMBER] === true
    return setCookie(template, change.token, persists ? deadline : undefined, clock(), secure)
  }

  /** Once is enough: it is the same for each request. */
  #hint(hint: string | undefined): void {
    if (hint === undefined || this.#hints.has(hint)) return
    this.#hints.add(hint)
    this.#settings.log.warn({ cookie: this.#settings.cookie.name }, hint)
  }
}
