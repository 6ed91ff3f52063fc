import type { Failure } from '../types/errors.ts'
import type { SessionLogger } from '../types/options.ts'
import type { Answer } from '../types/store.ts'
import { type Content, REMEMBER } from './data/record.ts'
import { type CookieSettings, type CookieTemplate, clearCookie, setCookie, templateFor } from './http/cookie.ts'
import { keepPrivate, putCookie, type ReplyPort, withdrawCookie } from './http/headers.ts'
import { cookieHint } from './http/hints.ts'

/** What a commit changes about the cookie: nothing, it is cleared, or it is set to the token of this session. */
export type CookieChange = 'none' | 'clear' | Kept

/** A session that the store holds. */
interface Kept {
  readonly token: string
  readonly content: Content
  readonly found: { readonly expiresAt?: number | undefined }
}

/** The settings that sending a cookie needs. */
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

/** One run of `onSend`: Fastify may run it several times for one reply. */
export interface Run {
  readonly payload: unknown
  /** How many errors had been thrown when it began. */
  readonly errors: number
  /** The reply to an error, as it was then. */
  readonly saved: SavedReply | undefined
}

/** What a session needs to know of its request and reply. The session of a job, which has no request, has one without a reply. */
export class Exchange {
  readonly reply: ReplyPort | undefined
  /** Whether the client sent a cookie of our name, or got one. */
  hasCookie = false
  /** Whether the client brings its token in a header: it gets no cookie. */
  bringsHeader = false
  /** Whether the session takes no more changes, because the reply is leaving. */
  isClosed = false
  /** How many errors the request has thrown so far. */
  errors = 0
  /** Whether the request failed, so that its changes of values are dropped. */
  hasFailed = false
  /** The first error of a `put` that was refused. */
  refused: Error | undefined = undefined
  /** Cookie attributes for this reply alone. */
  template: CookieTemplate | undefined = undefined
  /** The outcome of the save: a failure, or undefined when there is none. */
  outcome: Answer<Failure | undefined> = undefined
  /** The run of `onSend` that goes on when the save is done. */
  waiting: Run | undefined = undefined
  /** Our Set-Cookie on the reply. It holds a token, so the field is private: `inspect` does not show it. */
  #cookie: string | undefined = undefined
  /** Whether the reply clears a cookie of another library. */
  #clearsOld = false
  #isWatched = false

  constructor(reply: ReplyPort | undefined) {
    this.reply = reply
  }

  /** Whether the reply can carry a cookie: not once its headers were sent, and not in a WebSocket, whose handshake we cannot change. */
  get takesCookie(): boolean {
    const { reply } = this
    if (reply === undefined || reply.raw.headersSent) return false
    return this.isClosed || String(reply.request.headers['upgrade']).toLowerCase() !== 'websocket'
  }

  /** Notes that the request threw, or that a hook did. */
  countError(): void {
    this.errors++
  }

  /** Whether the reply sets or clears a cookie. */
  get sentCookie(): boolean {
    return this.#cookie !== undefined || this.#clearsOld
  }

  /** Puts the Set-Cookie that clears another library's cookie on the reply, beside ours. */
  addCookie(reply: ReplyPort, cookie: string): void {
    putCookie(reply, cookie, undefined)
    this.#clearsOld = true
  }

  /** Puts a cookie on the reply, in place of the one before. */
  setCookie(reply: ReplyPort, cookie: string): void {
    putCookie(reply, cookie, this.#cookie)
    this.#cookie = cookie
    // Should the session end later, the client must forget this cookie.
    this.hasCookie = true
  }

  /** Takes our cookie off the reply again, because its session has ended. */
  withdrawCookie(): void {
    if (this.reply !== undefined && this.#cookie !== undefined) withdrawCookie(this.reply, this.#cookie)
  }

  /** Forbids shared caches to keep a reply with our cookie, whatever its caching headers were set to since. */
  keepPrivate(): void {
    if (this.reply !== undefined && this.sentCookie) keepPrivate(this.reply)
  }

  /** Calls back, at most once, when the reply ends without our `onSend`, as after `reply.hijack()`: whether the client left before that. */
  onHijackedEnd(then: (hasLeft: boolean) => void): void {
    const { reply } = this
    if (this.#isWatched || reply === undefined) return
    this.#isWatched = true
    let hasEnded = false
    const onClose = () => {
      // Where the client went away, our `onSend` may be still to come.
      if (!hasEnded && !this.isClosed && (reply.raw.headersSent || reply.sent)) then(!reply.raw.writableEnded)
      hasEnded = true
    }
    // Not `once`, which takes three times as long.
    if (reply.raw.closed) onClose()
    else reply.raw.on('close', onClose)
  }
}

/** Puts the session cookie on replies. */
export class CookieSender {
  readonly #settings: CookieSenderSettings
  /** The warnings about cookies that browsers drop which were logged already. */
  readonly #hints = new Set<string>()

  constructor(settings: CookieSenderSettings) {
    this.#settings = settings
  }

  /** The attributes of the cookie for one reply. Throws `FST_ERR_SCS_OPTION` when the function `cookie.domain` fails or returns no domain. */
  templateFor({ template = this.#settings.template, reply }: Exchange): CookieTemplate {
    return templateFor(this.#settings.cookie, template, reply?.request)
  }

  /** Puts the cookie on the reply, unless the headers were sent: then the token is not new, and the client's cookie is still right. */
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
    const end = cookie.rolling ? Math.min(deadline, change.found.expiresAt ?? deadline) : deadline
    return setCookie(template, change.token, persists ? end : undefined, clock(), secure)
  }

  /** Logs each hint once: it is the same for every request. */
  #hint(hint: string | undefined): void {
    if (hint === undefined || this.#hints.has(hint)) return
    this.#hints.add(hint)
    this.#settings.log.warn({ cookie: this.#settings.cookie.name }, hint)
  }
}
