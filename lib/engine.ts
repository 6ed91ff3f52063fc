import type { SessionLogger } from '../types/options.ts'
import type { Answer } from '../types/store.ts'
import { chain, isLater } from './answers.ts'
import { Committer, type CookieNews } from './commit.ts'
import { clearCookie, setCookie } from './cookie.ts'
import { Ender } from './end.ts'
import { ArgumentError, TooLateError } from './errors.ts'
import type { Failure } from './failure.ts'
import { Gate } from './gate.ts'
import { addVary, putCookie, type ReplyPort } from './headers.ts'
import { Loader } from './load.ts'
import type { Settings } from './options.ts'
import { plan, type Task } from './plan.ts'
import { REMEMBER, readRecord } from './record.ts'
import { Session, type SessionHost } from './session.ts'
import { SessionState } from './state.ts'
import { isToken } from './token.ts'
import { committing, loading, traced } from './tracing.ts'
import { verdict } from './verdict.ts'

/** The life of a session in a request: loaded, changed in memory, and once planned and saved. */
export class Engine implements SessionHost {
  readonly settings: Settings
  readonly gate: Gate
  readonly ender: Ender
  readonly committer: Committer
  readonly loader: Loader

  constructor(settings: Settings) {
    this.settings = settings
    this.gate = new Gate(settings.store, settings.clock)
    this.ender = new Ender(settings, this.gate)
    this.committer = new Committer(settings, this.gate, this.ender)
    this.loader = new Loader(settings, this.gate)
  }

  begin(reply: ReplyPort | undefined, log: SessionLogger, touches: boolean): SessionState {
    return new SessionState(this.settings, log, touches, reply)
  }

  /** A state that refuses every use. */
  refusing(refusal: () => Error): SessionState {
    const state = this.begin(undefined, this.settings.log, false)
    state.refusal = refusal
    state.phase = 'closed'
    return state
  }

  /** The session of a state, made when it is first looked at. */
  session(state: SessionState): Session {
    state.facade ??= new Session(state, this)
    return state.facade
  }

  /** Loads the session that a Cookie header names. Undefined when that is done already; otherwise rejects when the store cannot tell. */
  load(state: SessionState, header: string | undefined): Promise<void> | undefined {
    try {
      const answer = loading.hasSubscribers ? this.#loadTraced(state, header) : this.loader.load(state, header)
      return answer && refusing(state, answer)
    } catch (error) {
      return refusing(state, Promise.reject(error))
    }
  }

  #loadTraced(state: SessionState, header: string | undefined): Promise<void> {
    const context = { cookie: this.settings.cookie.name, result: '' }
    return traced(loading, context, async () => {
      await this.loader.load(state, header)
      context.result = state.origin
    })
  }

  /**
   * Saves the session with the reply, once however often it is called: closes it to changes, waits for what the handler did not await,
   * decides, and carries that out. Gives the failure for which the reply must not go out as it is; a promise only while the save is under way.
   */
  conclude(state: SessionState, statusCode: number, method: string): Answer<Failure | undefined> {
    if (state.phase === 'closed') return state.outcome
    state.phase = 'closed'
    if (state.refusal !== undefined) return undefined
    state.failed = state.threw && statusCode >= 500
    let saving: Answer<unknown>
    try {
      saving = state.pending === undefined && !state.owesEnd ? this.#save(state) : this.#saveLate(state)
    } catch (error) {
      state.outcome = verdict(state, error, method)
      return state.outcome
    }
    return isLater(saving) ? this.#await(state, saving, method) : undefined
  }

  #await(state: SessionState, saving: PromiseLike<unknown>, method: string): Answer<Failure | undefined> {
    const settle = (failure: Failure | undefined) => {
      state.outcome = failure
      return failure
    }
    state.outcome = saving.then(
      () => settle(undefined),
      (error: unknown) => settle(verdict(state, error, method)),
    )
    return state.outcome
  }

  async #saveLate(state: SessionState): Promise<void> {
    await state.pending
    if (state.owesEnd) await this.ender.end(state)
    await this.#save(state)
  }

  #save(state: SessionState): Answer<string | undefined> {
    const todo = plan(state, this.settings.clock())
    if (todo.step === 'nothing') return undefined
    if (todo.step === 'create' || todo.step === 'rename') mustReach(state)
    return chain(this.#carryOut(state, todo), (news) => this.#deliver(state, news))
  }

  #carryOut(state: SessionState, todo: Task): Answer<CookieNews> {
    if (!committing.hasSubscribers) return this.committer.carryOut(state, todo)
    const context = { cookie: this.settings.cookie.name, result: todo.step }
    return traced(committing, context, () => this.committer.carryOut(state, todo))
  }

  /** Puts the cookie on the reply, unless that has left: then it was no new token, and the old cookie serves. */
  #deliver(state: SessionState, news: CookieNews): string | undefined {
    const { reply } = state
    if (news === 'none' || reply === undefined || reply.raw.headersSent) return undefined
    const cookie = this.#cookie(state, news, reply)
    putCookie(reply, cookie, state.sentCookie)
    state.sentCookie = cookie
    // Should the session end after this, the client has a cookie to forget.
    state.presented = true
    return cookie
  }

  #cookie(state: SessionState, news: 'set' | 'clear', reply: ReplyPort): string {
    const template = state.template ?? this.settings.template
    const secure = template.secure === 'auto' ? reply.request.protocol === 'https' : template.secure
    if (news === 'clear') return clearCookie(template, secure)
    const persists = template.persist || state.draft.values[REMEMBER] === true
    return setCookie(template, state.token, persists ? state.deadline : undefined, this.settings.clock(), secure)
  }

  // What a session asks for. One thing at a time, in the order of the calls.

  destroy(state: SessionState): Promise<void> {
    return this.#enqueue(state, async () => {
      state.owesEnd = true
      await this.ender.end(state)
    })
  }

  merge(state: SessionState, token: string): Promise<void> {
    if (typeof token !== 'string') throw new ArgumentError('mergeSession(token)', 'needs a token')
    return this.#enqueue(state, async () => {
      const key = isToken(token) ? state.keyOf(token) : ''
      if (key === '' || key === state.key) return
      const found = await this.loader.find(key)
      if (found === undefined) return
      const other = readRecord(this.settings, found.data, this.settings.clock())
      if ('unreadable' in other) return
      state.draft.absorb(other, state.deadline)
      state.merged = [...state.merged, { key, data: found.data }]
    })
  }

  commit(state: SessionState): Promise<string | undefined> {
    return this.#enqueue(state, async () => {
      if (state.reply?.raw.headersSent === false) addVary(state.reply)
      return this.#save(state)
    })
  }

  #enqueue<T>(state: SessionState, step: () => Promise<T>): Promise<T> {
    const done = (state.pending ?? Promise.resolve()).then(step)
    state.pending = done.catch((err: unknown) => state.log.warn({ err }, 'a session call failed'))
    return done
  }
}

/** A session that could not be loaded refuses every use with the reason. */
function refusing(state: SessionState, loading: Promise<void>): Promise<void> {
  return loading.catch((error) => {
    state.refusal = () => error
    throw error
  })
}

/** A new token must be able to reach the client: not after the headers, and not in a WebSocket, whose handshake is out of reach. */
function mustReach(state: SessionState): void {
  const { reply } = state
  if (reply?.raw.headersSent === true) throw new TooLateError()
  if (state.phase === 'open' && reply?.request.headers.upgrade?.toLowerCase() === 'websocket') throw new TooLateError()
}
