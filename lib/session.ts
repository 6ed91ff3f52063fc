import { inspect, types } from 'node:util'
import type { RenewOptions, ReplyCookieOptions, ScsSession, SessionStatus } from '../types/session.ts'
import { mustBeObject } from './check.ts'
import { cookieTemplate } from './cookie.ts'
import { ArgumentError, CommittedError, KeyError, ValueError } from './errors.ts'
import { replyCookie } from './options.ts'
import { hasVisible, isReserved, LAST_MOMENT, REMEMBER } from './record.ts'
import type { SessionState } from './state.ts'
import { publicId } from './token.ts'
import { watchUnsaved } from './unsaved.ts'

type Values = Record<string, unknown>

/** What a session asks of the engine: whatever needs the store. */
export interface SessionHost {
  destroy(state: SessionState): Promise<void>
  merge(state: SessionState, token: string): Promise<void>
  commit(state: SessionState): Promise<string | undefined>
}

/** The session that an application sees. It keeps nothing itself, so that no key can get in the way of a method. */
export class Session implements ScsSession<Values> {
  readonly #state: SessionState
  readonly #host: SessionHost

  constructor(state: SessionState, host: SessionHost) {
    this.#state = state
    this.#host = host
    // A property set by mistake (session.userId = 1) throws instead of being lost.
    Object.freeze(this)
  }

  /** The state behind a session, or undefined when it is not one of ours. */
  static stateOf(session: unknown): SessionState | undefined {
    return typeof session === 'object' && session !== null && #state in session ? session.#state : undefined
  }

  get(key: string, fallback?: unknown): unknown {
    const value = this.#live().draft.read(key)
    return value === undefined ? fallback : value
  }

  put(key: string, value: unknown): void {
    const { draft } = this.#writable(key)
    if (value === undefined) throw new ValueError(key, 'it is undefined, which remove() stands for')
    draft.write(key, value)
  }

  set(key: string, value: unknown): void {
    if (value === undefined) this.remove(key)
    else this.put(key, value)
  }

  update(key: string, fn: (value: unknown) => unknown): void {
    const { draft } = this.#writable(key)
    if (typeof fn !== 'function') throw new ArgumentError('update(key, fn)', 'needs a function (value) => value')
    draft.change(key, fn)
  }

  pop(key: string): unknown {
    const value = this.get(key)
    if (value !== undefined) this.remove(key)
    return value
  }

  remove(key: string): void {
    const { draft } = this.#writable(key)
    if (draft.read(key) !== undefined) draft.write(key, undefined)
  }

  exists(key: string): boolean {
    return this.#live().draft.read(key) !== undefined
  }

  keys(): string[] {
    return Object.keys(this.#live().draft.values)
      .filter((key) => !isReserved(key))
      .sort()
  }

  clear(): void {
    const { draft } = this.#open()
    if (hasVisible(draft.values)) draft.clear()
  }

  data(): Values {
    return Object.fromEntries(this.keys().map((key) => [key, this.get(key)]))
  }

  rememberMe(remember: boolean): void {
    if (typeof remember !== 'boolean') throw new ArgumentError('rememberMe(remember)', 'needs true or false')
    this.#open().draft.write(REMEMBER, remember)
  }

  renewToken(options: RenewOptions = {}): void {
    mustBeObject(options, 'renewToken(options)')
    this.#open().renew(options.keepDeadline === true)
  }

  regenerate(keep: readonly string[] = []): Promise<void> {
    if (!Array.isArray(keep)) throw new ArgumentError('regenerate(keep)', 'needs an array of keys')
    const state = this.#open()
    state.renew(false)
    state.draft.retain(keep)
    return Promise.resolve()
  }

  options(options: ReplyCookieOptions): void {
    const state = this.#open()
    state.template = cookieTemplate(replyCookie(options, state.settings.cookie))
  }

  get deadline(): Date {
    return new Date(this.#live().deadline)
  }

  setDeadline(deadline: Date): void {
    const at = types.isDate(deadline) ? deadline.getTime() : Number.NaN
    if (!(at <= LAST_MOMENT)) throw new ArgumentError('setDeadline(date)', 'needs a valid Date, up to the year 9999')
    this.#open().draft.edits.deadline = at
  }

  get status(): SessionStatus {
    const state = this.#live()
    if (state.renewed || state.edited) return 'modified'
    return state.origin === 'ended' ? 'destroyed' : 'unmodified'
  }

  get token(): string {
    const state = this.#live()
    return state.origin === 'stored' ? (state.renewal?.token ?? state.token) : ''
  }

  get id(): string {
    const { token } = this
    return token === '' ? '' : publicId(this.#state.keyOf(token))
  }

  get isNew(): boolean {
    const state = this.#live()
    void state.draft
    return state.origin !== 'stored'
  }

  destroy(): Promise<void> {
    return this.#ask((state) => this.#host.destroy(state))
  }

  mergeSession(token: string): Promise<void> {
    return this.#ask((state) => this.#host.merge(state, token))
  }

  commit(): Promise<string | undefined> {
    return this.#ask((state) => this.#host.commit(state))
  }

  /** What logs and replies may see: no token and no value. */
  toJSON(): { id: string; status: SessionStatus } | undefined {
    return this.#state.refusal === undefined ? { id: this.id, status: this.status } : undefined
  }

  [inspect.custom](): string {
    return `ScsSession ${JSON.stringify(this) ?? '(not usable)'}`
  }

  #live(): SessionState {
    const state = this.#state
    if (state.refusal !== undefined) throw state.refusal()
    return state
  }

  #open(): SessionState {
    const state = this.#live()
    if (state.phase === 'closed') throw new CommittedError()
    watchUnsaved(state)
    return state
  }

  #writable(key: string): SessionState {
    // What an object holds may be a secret.
    if (typeof key !== 'string') throw new KeyError(Object(key) === key ? `(${typeof key})` : inspect(key), 'is not a string')
    if (isReserved(key)) throw new KeyError(JSON.stringify(key), 'is reserved, as is every key with two leading underscores')
    return this.#open()
  }

  /** A promise that nobody awaits must not end the process; the engine logs what became of it. */
  #ask<T>(ask: (state: SessionState) => Promise<T>): Promise<T> {
    const answer = new Promise<T>((resolve) => resolve(ask(this.#open())))
    answer.catch(() => {})
    return answer
  }
}
