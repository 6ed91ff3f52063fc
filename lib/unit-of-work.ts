import type { SessionLogger } from '../types/options.ts'
import type { ScsSession } from '../types/session.ts'
import type { FoundRecord } from '../types/store.ts'
import { Draft } from './data/draft.ts'
import { newValues } from './data/history.ts'
import { type Content, expiryAt, lifetimeOf, type Values } from './data/record.ts'
import type { Exchange } from './exchange.ts'
import type { Settings } from './settings.ts'
import { ENDED, NONE, type OldSession, type ReadStored, readState, type State } from './state.ts'

const NOTHING: Values = Object.freeze({})
const NO_KEYS: readonly string[] = []

/**
 * The session of one request: what the store holds, as far as is known, and what was changed and is not saved yet. It does no I/O:
 * `load.ts` fills it in, and `commit.ts` and `end.ts` carry out what `plan.ts` decides.
 */
export class UnitOfWork {
  readonly settings: Settings
  readonly log: SessionLogger
  readonly exchange: Exchange
  /** Whether the request prolongs the idle timeout. */
  readonly touches: boolean
  /** Why the session cannot be used at all. */
  refusal: (() => Error) | undefined = undefined
  /** The session as the application sees it, once it was asked for. */
  facade: ScsSession<Values> | undefined = undefined
  /** The keys of living sessions, when several valid cookies came and none was used. */
  others: readonly string[] = NO_KEYS
  /** Whether a `destroy` failed, so that it must be tried again before the reply leaves. */
  owesEnd = false
  /** Makes the changes that a property view saw too late to have made at once; undefined without such a view. */
  lateEdits: (() => void) | undefined = undefined
  /** Only with the option `adopt`. */
  oldSession: OldSession | undefined = undefined
  #state: State = NONE
  #draft: Draft | undefined = undefined
  /** The content of a session that the store does not hold. */
  #new: Content | undefined = undefined
  /** How many calls of `destroy` wait for their turn. */
  #ends = 0
  /** The calls of `destroy`, `mergeSession` and `commit`, which run one after the other, awaited or not. */
  #calls: Promise<unknown> | undefined = undefined

  constructor(settings: Settings, log: SessionLogger, exchange: Exchange, touches: boolean) {
    this.settings = settings
    this.log = log
    this.exchange = exchange
    this.touches = touches
  }

  get state(): State {
    return this.#state
  }

  /** The state, with the payload of a stored session read. */
  read(): State {
    if (this.#state.kind === 'stored' && this.#state.content === undefined) this.#state = readState(this.#state, this.settings, this.log)
    return this.#state
  }

  /** The content without the changes of this request. */
  #content(): Content {
    const state = this.isOver ? ENDED : this.read()
    if (state.kind === 'stored' && state.content !== undefined) return state.content
    if (this.#new !== undefined) return this.#new
    const now = this.settings.clock()
    this.#new = { deadline: now + lifetimeOf(this.settings, NOTHING), values: newValues(now) }
    return this.#new
  }

  /** Notes what was found in the store. */
  loaded(state: State): void {
    this.#state = state
  }

  /** Notes what was found when a stored session was looked up again. Returns its content, or that of a new one. */
  reloaded(state: State): Content {
    if (state.kind === 'unknown') this.ended()
    this.#state = state
    return this.startNew()
  }

  /** Notes a new expiry or owner of the record; its payload is the same. */
  refound(found: FoundRecord): void {
    if (this.#state.kind === 'stored') this.#state = { ...this.#state, found }
  }

  /** Notes that a draft was saved; later changes are based on it. */
  saved(draft: Draft, stored: ReadStored, isAsSeen: boolean): void {
    if (this.#state.kind === 'stored' && this.#state.token !== stored.token) this.settings.tokenCache.forget(this.#state.token)
    this.#state = stored
    draft.release(stored.content, isAsSeen)
    if (this.#draft === draft || this.#draft?.isPristine) this.#draft = undefined
  }

  /** Notes that the session ended. */
  ended(): void {
    if (this.#state.kind === 'stored') this.settings.tokenCache.forget(this.#state.token)
    this.#state = ENDED
    this.others = NO_KEYS
    this.owesEnd = false
  }

  /** Whether the session ended, or will when a waiting `destroy` runs: what there is now is a new one. */
  get isOver(): boolean {
    return this.#ends > 0 || this.owesEnd || this.#state.kind === 'ended'
  }

  get values(): Values {
    return (this.#draft ?? this.#content()).values
  }

  get deadline(): number {
    return (this.#draft?.content ?? this.#content()).deadline
  }

  /** When the session ends without a further request: as the store has it, or, when it is not stored, as it would have it. */
  get expiresAt(): number {
    const { deadline } = this
    const state = this.isOver ? ENDED : this.read()
    const stored = state.kind === 'stored' ? state.found.expiresAt : undefined
    return expiryAt(this.settings, { deadline, values: this.values }, stored, this.settings.clock())
  }

  get isChanged(): boolean {
    return this.#draft?.isChanged ?? false
  }

  /** The secret that the client has, or gets; empty when there is none. */
  get token(): string {
    const state = this.isOver ? ENDED : this.read()
    return state.kind === 'stored' ? (this.#draft?.renewedToken ?? state.token) : ''
  }

  /** The draft that takes changes; made at the first change. */
  get draft(): Draft {
    this.#draft ??= new Draft(this.settings, this.#content())
    return this.#draft
  }

  /** The draft, if there is one. */
  get unsavedDraft(): Draft | undefined {
    return this.#draft
  }

  /** The content that changes are made on once the session has ended. */
  startNew(): Content {
    this.#new = undefined
    return this.#content()
  }

  /** From here on the session is a new one. */
  startAnew(): void {
    this.#ends++
    this.#new = undefined
    this.#draft = undefined
  }

  /** Whether the reply must wait for a call. */
  get isBusy(): boolean {
    return this.#calls !== undefined || this.owesEnd || this.oldSession?.isPending === true
  }

  /** Runs a call when the earlier ones are done. */
  enqueue<T>(call: () => Promise<T>): Promise<T> {
    const done = (this.#calls ?? Promise.resolve()).then(call)
    this.#calls = done.catch((err: unknown) => this.log.warn({ err }, 'a session call failed'))
    return done
  }

  /** Runs a call that changes or saves what there is now. What is changed from here on comes on top of it. */
  enqueueDraft<T>(call: (draft: Draft) => Promise<T>): Promise<T> {
    const { draft } = this
    this.#draft = draft.stack()
    return this.enqueue(() => call(draft).finally(() => draft.giveBack()))
  }

  /** Queues the end that `startAnew` announced. Should it fail, `owesEnd` stays true. */
  enqueueEnd(end: () => Promise<void>): Promise<void> {
    return this.enqueue(async () => {
      this.#ends--
      this.owesEnd = true
      await end()
    })
  }

  /** Waits until all calls are done. */
  async settle(): Promise<void> {
    await this.#calls
  }

  /** When a record that is saved now expires: at the deadline or after the idle timeout, which a route without touch does not prolong. */
  expiryOf(content: Content, now: number, found: FoundRecord | undefined): number {
    const kept = this.touches ? undefined : found?.expiresAt
    // Where that has passed and the record is still there, another request has just prolonged it.
    return expiryAt(this.settings, content, kept !== undefined && kept > now ? kept : undefined, now)
  }
}
