import type { Answer } from '../types/store.ts'
import { type Clearing, takeClearings } from './adopt/clearing.ts'
import { mustBeKey } from './data/admit.ts'
import { ownerOf } from './data/record.ts'
import { ArgumentError } from './errors.ts'
import { templateFor } from './http/cookie.ts'
import type { ReplyPort } from './http/headers.ts'
import { isPlainObject } from './options/checks.ts'
import type { OldSession } from './state.ts'
import type { StoreClient } from './store/client.ts'
import type { UnitOfWork } from './unit-of-work.ts'

/** The option `adopt`, whatever request it is written for. */
export type Adopt = (request: never) => unknown

/** Carries the session of another library over into one request's session: the option `adopt`. */
export class Adoption implements OldSession {
  isPending = false
  readonly #work: UnitOfWork
  readonly #client: StoreClient
  readonly #adopt: Adopt
  readonly #request: object
  /** What is to be cleared. */
  #clearings: readonly Clearing[] = []
  /** The values that were found. */
  #found: Promise<unknown> | undefined = undefined
  /** Whether the values became those of the session. */
  #isTaken = false
  /** The owner that they name. */
  #owner: string | undefined = undefined
  /** Whether a value could not be kept. */
  #isPartial = false

  constructor(work: UnitOfWork, client: StoreClient, adopt: Adopt, request: object) {
    this.#work = work
    this.#client = client
    this.#adopt = adopt
    this.#request = request
  }

  get bringsOwner(): boolean {
    const { settings, values, unsavedDraft } = this.#work
    const isLogin = unsavedDraft?.isRenewed === true
    return this.#owner !== undefined && !isLogin && ownerOf(settings, values) === this.#owner
  }

  /**
   * Takes the old session's values, for a client that has no session here. A token of ours that the store does not know was one of a session
   * that ended, by a logout perhaps, so then nothing is taken: what ended stays ended. Undefined when nothing is to be done.
   */
  load(): Promise<void> | undefined {
    const { state, exchange, others } = this.#work
    // The old cookie of such a client is cleared once it logs in, or a later logout would bring the old session back.
    if (state.kind === 'unknown') this.isPending = true
    if (state.kind !== 'none' || exchange.bringsHeader || others.length > 0) return undefined
    return this.#take()
  }

  async #take(): Promise<void> {
    const values = await this.#values()
    if (values === undefined || values === null) return
    if (!isPlainObject(values)) throw new ArgumentError('adopt(request)', 'must return an object with values, or undefined')
    this.#isTaken = true
    this.isPending = true
    this.#put(values)
    this.#owner = ownerOf(this.#work.settings, this.#work.values)
  }

  /** Asks until there is an answer. What fails or takes too long is a failure of a store: the client is no stranger. */
  async #values(): Promise<unknown> {
    this.#found ??= this.#ask()
    try {
      return await this.#found
    } catch (error) {
      // A logout that asks for the first time is tried again.
      this.#found = undefined
      throw error
    }
  }

  async #ask(): Promise<unknown> {
    const { clock, storeTimeout } = this.#work.settings
    const values = await this.#client.call(() => this.#adopt(this.#request as never) as Answer<unknown>, clock() + storeTimeout)
    this.#clearings = takeClearings(this.#request)
    return values
  }

  /** What cannot be kept is left out: better a session without it than nobody logged in. */
  #put(values: Readonly<Record<string, unknown>>): void {
    const { draft, log } = this.#work
    const refused: string[] = []
    let err: unknown
    for (const [key, value] of Object.entries(values)) {
      try {
        mustBeKey(key)
        draft.write(key, value)
      } catch (error) {
        err ??= error
        refused.push(key)
      }
    }
    this.#isPartial = refused.length > 0
    if (this.#isPartial) log.warn({ keys: refused, err }, `an adopted session cannot keep ${refused.join(', ')}, which was left out`)
  }

  async settle(): Promise<void> {
    const { state, log } = this.#work
    const isSaved = state.kind === 'stored'
    // With nothing to save, the handler removed all values, or there were none. But what was only refused is not given up.
    if (!isSaved && (!this.#isTaken || this.#isPartial)) return
    this.isPending = false
    try {
      await this.#values()
      // First, since the client has a new session, whatever becomes of the old one.
      this.#clear(this.#clearings)
      await this.#endEach(() => {})
    } catch (err) {
      log.warn({ err }, 'an adopted session could not be ended in its old store')
    }
  }

  async end(): Promise<void> {
    await this.#values()
    // Not before it has ended: a client that lost its cookie could not try again.
    await this.#endEach((clearing) => this.#clear([clearing]))
  }

  async #endEach(then: (clearing: Clearing) => void): Promise<void> {
    const { clock, storeTimeout } = this.#work.settings
    for (const clearing of this.#clearings) {
      await this.#client.call(() => clearing.end?.() as Answer<unknown>, clock() + storeTimeout)
      then(clearing)
      this.#clearings = this.#clearings.filter((each) => each !== clearing)
    }
  }

  #clear(clearings: readonly Clearing[]): void {
    const { exchange, settings, state } = this.#work
    // A request has a reply.
    const reply = exchange.reply as ReplyPort
    if (reply.raw.headersSent) return
    const { start, middle } = templateFor(settings.cookie, settings.template, reply.request)
    for (const cookie of clearings.flatMap(({ cookies }) => cookies)) {
      // One with the name and place of ours has become ours, or is cleared with it.
      const isOurs = state.kind !== 'none' && cookie.start === `${start}${middle};`
      if (!isOurs) exchange.addCookie(reply, cookie.clear(reply.request.protocol === 'https'))
    }
  }
}
