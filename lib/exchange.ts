import type { Answer } from '../types/store.ts'
import type { CookieTemplate } from './cookie.ts'
import type { Failure } from './failure.ts'
import { keepPrivate, putCookie, type ReplyPort, withdrawCookie } from './headers.ts'

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
