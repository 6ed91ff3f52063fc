import type { SessionLogger } from '../types/options.ts'
import type { ScsSession } from '../types/session.ts'
import type { FoundRecord } from '../types/store.ts'
import { Draft } from './data/draft.ts'
import { type Content, idleTimeoutOf, lifetimeOf, type Values } from './data/record.ts'
import type { Exchange } from './exchange.ts'
import type { Settings } from './settings.ts'
import { ENDED, NONE, type ReadStored, readState, type State } from './state.ts'

const NOTHING: Values = Object.freeze({})
const NO_KEYS: readonly string[] = []

/**
 * What one request does with its session: what the store holds, as far as is known, and what is changed and not saved yet. It asks no store:
 * `load.ts` fills it in, `commit.ts` and `end.ts` carry out what `plan.ts` makes of it.
 */
export class UnitOfWork {
  readonly settings: Settings
  readonly log: SessionLogger
  readonly exchange: Exchange
  /** Whether the request prolongs the idle timeout. */
  readonly touches: boolean
  /** Why the session cannot be used at all. */
  refusal: (() => Error) | undefined = undefined
  /** The session as the application sees it, once it looked. */
  facade: ScsSession<Values> | undefined = undefined
  /** The keys of living sessions whose cookies came along with the one that was taken, or of several of which none was. */
  others: readonly string[] = NO_KEYS
  /** A `destroy` failed: the reply must not say that all is well. */
  owesEnd = false
  #state: State = NONE
  #draft: Draft | undefined = undefined
  /** The content of a session that the store does not hold. */
  #new: Content | undefined = undefined
  /** How many `destroy` wait for their turn. */
  #ends = 0
  /** What happens one after the other: `destroy`, `mergeSession` and `commit`, awaited or not. */
  #calls: Promise<unknown> | undefined = undefined

  constructor(settings: Settings, log: SessionLogger, exchange: Exchange, touches: boolean) {
    this.settings = settings
    this.log = log
    this.exchange = exchange
    this.touches = touches
  }

  // What the store holds.

  get state(): State {
    return this.#state
  }

  /** The state, with the payload of a stored session read. */
  read(): State {
    if (this.#state.kind === 'stored' && this.#state.content === undefined) this.#state = readState(this.#state, this.settings, this.log)
    return this.#state
  }

  /** What there is when nothing of this request is counted. */
  #content(): Content {
    const state = this.isOver ? ENDED : this.read()
    if (state.kind === 'stored' && state.content !== undefined) return state.content
    this.#new ??= { deadline: this.settings.clock() + lifetimeOf(this.settings, NOTHING), values: NOTHING }
    return this.#new
  }

  /** Takes what was found. */
  loaded(state: State): void {
    this.#state = state
  }

  /** Notes what the store has beside the same payload. */
  refound(found: FoundRecord): void {
    if (this.#state.kind === 'stored') this.#state = { ...this.#state, found }
  }

  /** Notes that a draft is in the store; what comes later is a change to it. */
  saved(draft: Draft, stored: ReadStored, isAsSeen: boolean): void {
    if (this.#state.kind === 'stored' && this.#state.token !== stored.token) this.settings.tokenCache.forget(this.#state.token)
    this.#state = stored
    draft.release(stored.content, isAsSeen)
    if (this.#draft === draft || this.#draft?.isPristine) this.#draft = undefined
  }

  /** Notes that the session is no more. */
  ended(): void {
    if (this.#state.kind === 'stored') this.settings.tokenCache.forget(this.#state.token)
    this.#state = ENDED
    this.others = NO_KEYS
    this.owesEnd = false
  }

  // What the request sees and changes.

  /** Whether the session ended, or will when its turn comes: what is there now is a new one. */
  get isOver(): boolean {
    return this.#ends > 0 || this.owesEnd || this.#state.kind === 'ended'
  }

  get values(): Values {
    return (this.#draft ?? this.#content()).values
  }

  get deadline(): number {
    return (this.#draft?.content ?? this.#content()).deadline
  }

  /** When the session ends if nobody comes again, as the store has it; of one that it does not hold: as it would. */
  get expiresAt(): number {
    const { deadline } = this
    const state = this.isOver ? ENDED : this.read()
    const idleTimeout = idleTimeoutOf(this.settings, this.values)
    if (idleTimeout === undefined) return deadline
    const stored = state.kind === 'stored' ? state.found.expiresAt : undefined
    return Math.min(deadline, stored ?? this.settings.clock() + idleTimeout)
  }

  get isChanged(): boolean {
    return this.#draft?.isChanged ?? false
  }

  /** The secret that the client has, or gets; empty when there is none. */
  get token(): string {
    const state = this.isOver ? ENDED : this.read()
    return state.kind === 'stored' ? (this.#draft?.renewedToken ?? state.token) : ''
  }

  /** Where changes go. */
  get draft(): Draft {
    this.#draft ??= new Draft(this.settings, this.#content())
    return this.#draft
  }

  /** What there is to save, when anything was changed. */
  get unsavedDraft(): Draft | undefined {
    return this.#draft
  }

  /** Puts a new draft, for later changes, on top of the one so far, which is returned: it changes no more. */
  stackDraft(): Draft {
    const below = this.draft
    this.#draft = below.stack()
    return below
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

  // One call at a time, in their order.

  /** Whether something is under way that the reply has to wait for. */
  get isBusy(): boolean {
    return this.#calls !== undefined || this.owesEnd
  }

  /** Runs a call when those before it are done. */
  enqueue<T>(call: () => Promise<T>): Promise<T> {
    const done = (this.#calls ?? Promise.resolve()).then(call)
    this.#calls = done.catch((err: unknown) => this.log.warn({ err }, 'a session call failed'))
    return done
  }

  /** Runs the end that `startAnew` announced. Should it fail, it is owed. */
  enqueueEnd(end: () => Promise<void>): Promise<void> {
    return this.enqueue(async () => {
      this.#ends--
      this.owesEnd = true
      await end()
    })
  }

  /** Waits until nothing is under way. */
  async settle(): Promise<void> {
    await this.#calls
  }

  /** When a record saved now expires: at the deadline or after the idle time, which a route without touch does not prolong. */
  expiryOf({ deadline, values }: Content, now: number, found: FoundRecord | undefined): number {
    const idleTimeout = idleTimeoutOf(this.settings, values)
    if (idleTimeout === undefined) return deadline
    return Math.min(deadline, (this.touches ? undefined : found?.expiresAt) ?? now + idleTimeout)
  }
}
