import type { SessionLogger } from '../types/options.ts'
import type { Answer, FoundRecord, StoreRecord } from '../types/store.ts'
import type { CookieTemplate } from './cookie.ts'
import { Draft } from './draft.ts'
import type { Failure } from './failure.ts'
import type { ReplyPort } from './headers.ts'
import type { Settings } from './options.ts'
import type { Facts, Origin } from './plan.ts'
import type { Known } from './recent.ts'
import { type Content, hasVisible, ownerOf, REMEMBER, readRecord } from './record.ts'
import type { Session } from './session.ts'
import { hashToken, newToken } from './token.ts'

/** A renewal that the handler asked for; without a deadline, that stays. */
interface Renewal {
  readonly token: string
  readonly deadline: number | undefined
}

const NONE: readonly never[] = []

/** All that is known of one session in one request. No I/O: `load.ts` fills it in, `commit.ts` carries out what `plan.ts` makes of it. */
export class SessionState implements Facts {
  readonly settings: Settings
  readonly idleTimeout: number | undefined
  readonly touchInterval: number
  readonly log: SessionLogger
  readonly reply: ReplyPort | undefined
  /** Whether the request prolongs the idle timeout. */
  readonly #touches: boolean
  origin: Origin = 'none'
  /** Whether the session takes changes: no more once the reply leaves. */
  phase: 'open' | 'closed' = 'open'
  /** Why the session cannot be used at all. */
  refusal: (() => Error) | undefined = undefined
  presented = false
  token = ''
  key = ''
  /** The keys of the tokens that the client sent and no session has, or none any more: it may have been renewed. */
  strangers: readonly string[] = NONE
  found: FoundRecord | undefined = undefined
  /** Whether somebody looks after changes that are never saved. */
  watched = false
  /** Something was thrown on the way to the reply. */
  threw = false
  /** It was, and the reply says so: data edits do not count. */
  failed = false
  /** The session as the application sees it, once it looked. */
  facade: Session | undefined = undefined
  /** What came of the reply's save: a failure, or undefined. */
  outcome: Answer<Failure | undefined> = undefined
  renewal: Renewal | undefined = undefined
  /** What happens one after the other: `destroy`, `mergeSession` and `commit`, awaited or not. */
  pending: Promise<unknown> | undefined = undefined
  /** A `destroy` failed: the reply must not say that all is well. */
  owesEnd = false
  /** The sessions that were merged into this one, to end once it is saved. */
  merged: readonly { readonly key: string; readonly data: Uint8Array }[] = NONE
  /** Cookie attributes for this reply alone. */
  template: CookieTemplate | undefined = undefined
  /** The Set-Cookie that is on the reply already. */
  sentCookie: string | undefined = undefined
  /** The bytes that could not be read. */
  broken: Uint8Array | undefined = undefined
  #known: Known | undefined = undefined
  #draft: Draft | undefined = undefined
  /** What was saved, and need not be read again. */
  #saved: Content | undefined = undefined

  constructor(settings: Settings, log: SessionLogger, touches: boolean, reply: ReplyPort | undefined) {
    this.settings = settings
    ;({ idleTimeout: this.idleTimeout, touchInterval: this.touchInterval } = settings)
    this.log = log
    this.#touches = touches
    this.reply = reply
  }

  /** Takes what the store had for a token. */
  loaded(token: string, key: string, found: FoundRecord, known?: Known): void {
    this.origin = 'stored'
    this.token = token
    this.key = key
    this.found = found
    this.#known = known
  }

  /** The content, read at the first need. What cannot be read is a new session from then on. */
  get draft(): Draft {
    this.#draft ??= new Draft(this.settings, this.#saved ?? this.#readBase())
    return this.#draft
  }

  #readBase(): Content {
    const { clock, lifetime } = this.settings
    const now = clock()
    if (this.origin === 'stored' && this.found !== undefined) {
      const content = readRecord(this.settings, this.found.data, now, this.#known)
      if (!('unreadable' in content)) return content
      this.origin = 'broken'
      this.broken = this.found.data
      this.strangers = [this.key]
      ;[this.token, this.found] = ['', undefined]
      this.log.warn({ reason: content.unreadable }, 'a stored session could not be read and was replaced by a new one')
    }
    return { deadline: now + lifetime, values: {} }
  }

  renew(keepDeadline: boolean): void {
    const { clock, lifetime } = this.settings
    const { edits } = this.draft
    const deadline = keepDeadline ? this.renewal?.deadline : clock() + lifetime
    if (!keepDeadline) edits.deadline = undefined
    this.renewal = { token: this.origin === 'stored' ? newToken() : '', deadline }
  }

  // What the plan rests on.

  get renewed(): boolean {
    return this.renewal !== undefined
  }

  get edited(): boolean {
    return this.#draft?.isEdited(this.failed) ?? false
  }

  get storable(): boolean {
    if (this.#draft === undefined || this.failed) return false
    return hasVisible(this.#draft.values) && this.deadline > this.settings.clock()
  }

  get deadline(): number {
    return this.#deadlineFrom(this.draft.base.deadline)
  }

  #deadlineFrom(stored: number): number {
    return (this.failed ? undefined : this.draft.deadline) ?? this.renewal?.deadline ?? stored
  }

  get setsDeadline(): boolean {
    return !this.failed && this.draft.deadline !== undefined
  }

  get cookieChanged(): boolean {
    const { draft } = this
    // A clear() where nobody asked to be remembered changes nothing about the cookie.
    const remembers = REMEMBER in draft.base.values || REMEMBER in draft.values
    return this.setsDeadline || (remembers && draft.edits.touches(REMEMBER))
  }

  get strayed(): boolean {
    // A request that does not touch knows no moment to write: another may have prolonged the session since.
    if (!this.#touches || this.settings.owner === undefined || this.found === undefined) return false
    // Whether an owner is the right one is asked only where the payload was read in any case.
    const base = this.found.owner === undefined ? this.draft.base : this.#draft?.base
    return base !== undefined && this.origin === 'stored' && ownerOf(this.settings, base.values) !== this.found.owner
  }

  get touchable(): number | undefined {
    // One that somebody left without an end gets one.
    return this.#touches && this.found !== undefined ? (this.found.expiresAt ?? 0) : undefined
  }

  /** The content to save, given what the store holds now; undefined: what was loaded. */
  compose(stored: Content | undefined): Content {
    const from = stored ?? this.draft.base
    return { deadline: this.#deadlineFrom(from.deadline), values: this.draft.compose(from, this.failed) }
  }

  /** When a record saved now expires: at the deadline or after the idle time, which a route without touch does not prolong. */
  expiryOf(deadline: number, now: number, found: FoundRecord | undefined): number {
    if (this.idleTimeout === undefined) return deadline
    return Math.min(deadline, (this.#touches ? undefined : found?.expiresAt) ?? now + this.idleTimeout)
  }

  /** Notes that the content is in the store; what comes later is a change to it. */
  saved(token: string, key: string, content: Content, record: StoreRecord): void {
    this.loaded(token, key, record)
    this.#saved = content
    this.#draft = undefined
    this.#settled()
  }

  /** Notes that the session is no more. */
  ended(): void {
    this.origin = 'ended'
    this.token = this.key = ''
    this.found = this.#saved = this.#draft = undefined
    this.#settled()
  }

  #settled(): void {
    this.renewal = this.broken = undefined
    this.merged = this.strangers = NONE
    this.owesEnd = false
  }

  keyOf(token: string): string {
    return this.settings.hashToken ? hashToken(token) : token
  }
}
