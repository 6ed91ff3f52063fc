import { inspect } from 'node:util'
import type { RenewOptions, ReplyCookieOptions, ScsSession, SessionStatus } from '../types/session.ts'
import { deadlineAt, mustBeKey } from './data/admit.ts'
import { mustBeKeep, refuseCallback, refuseHabits } from './data/habits.ts'
import { isReserved, valueAt } from './data/record.ts'
import { handOut, isEmptyObject } from './data/values.ts'
import { ArgumentError, CommittedError, ValueError } from './errors.ts'
import { mustBeObject } from './options/checks.ts'
import { replyTemplate } from './settings.ts'
import { mayBeForgotten } from './store/maybe-promise.ts'
import { keyOf, publicId } from './token.ts'
import type { UnitOfWork } from './unit-of-work.ts'

/** Does for a session what needs the store. */
export interface SessionHost {
  destroy(work: UnitOfWork): Promise<void>
  merge(work: UnitOfWork, token: string): Promise<void>
  commit(work: UnitOfWork): Promise<string | undefined>
}

/** The session that an application sees. It has no data of its own, so that no key can hide a method. */
export class Session implements ScsSession<Record<string, unknown>> {
  readonly #work: UnitOfWork
  readonly #host: SessionHost

  constructor(work: UnitOfWork, host: SessionHost) {
    this.#work = work
    this.#host = host
    Object.freeze(this)
  }

  /** The unit of work behind a session, or undefined when it is not one of ours. */
  static workOf(session: unknown): UnitOfWork | undefined {
    return typeof session === 'object' && session !== null && #work in session ? session.#work : undefined
  }

  get(key: string, fallback?: unknown): unknown {
    const value = this.#read(key)
    return value === undefined ? fallback : value
  }

  put(key: string, value: unknown): void {
    const { draft } = this.#writable(key)
    if (value === undefined) throw new ValueError(key, 'it is missing; session.remove(key) removes a value')
    draft.write(key, value)
  }

  set(key: string, value: unknown): void {
    if (value === undefined) this.remove(key)
    // @fastify/flash sets an empty object whenever messages are read, which alone must not start a session.
    else this.#writable(key).draft.write(key, value, !(this.isNew && isEmptyObject(value)))
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
    this.#writable(key).draft.write(key, undefined)
  }

  exists(key: string): boolean {
    return this.#read(key) !== undefined
  }

  keys(): string[] {
    return Object.keys(this.#live().values)
      .filter((key) => !isReserved(key))
      .sort()
  }

  clear(): void {
    this.#open().draft.clear()
  }

  data(): Record<string, unknown> {
    return Object.fromEntries(this.keys().map((key) => [key, this.get(key)]))
  }

  rememberMe(remember: boolean): void {
    if (typeof remember !== 'boolean') throw new ArgumentError('rememberMe(remember)', 'needs true or false')
    const { draft, settings } = this.#open()
    draft.remember(remember, settings.clock())
  }

  renewToken(options: RenewOptions = {}): void {
    mustBeObject(options, 'renewToken(options)')
    const { draft, settings } = this.#open()
    draft.renew(options.keepDeadline === true ? undefined : settings.clock())
  }

  regenerate(keep: readonly string[] = []): Promise<void> {
    mustBeKeep(keep)
    this.renewToken()
    this.#open().draft.retain(keep)
    return Promise.resolve()
  }

  options(options: ReplyCookieOptions): void {
    const { exchange, settings } = this.#open()
    exchange.template = replyTemplate(options, settings.cookie)
  }

  get deadline(): Date {
    return new Date(this.#live().deadline)
  }

  setDeadline(deadline: Date): void {
    const at = deadlineAt(deadline)
    this.#open().draft.setDeadline(at)
  }

  get expiresAt(): number {
    return this.#live().expiresAt
  }

  get status(): SessionStatus {
    const work = this.#live()
    if (work.isChanged) return 'modified'
    return work.isOver ? 'destroyed' : 'unmodified'
  }

  get token(): string {
    return this.#live().token
  }

  get id(): string {
    const { token, settings } = this.#live()
    return token === '' ? '' : publicId(keyOf(settings, token))
  }

  get isNew(): boolean {
    const work = this.#live()
    return work.isOver || work.read().kind !== 'stored'
  }

  destroy(callback?: unknown): Promise<void> {
    refuseCallback(callback, 'destroy()')
    return mayBeForgotten(() => this.#host.destroy(this.#open()))
  }

  mergeSession(token: string): Promise<void> {
    return mayBeForgotten(() => this.#host.merge(this.#open(), token))
  }

  commit(): Promise<string | undefined> {
    return mayBeForgotten(() => this.#host.commit(this.#open()))
  }

  /** What logs and replies may see: no token and no value. */
  toJSON(): { id: string; status: SessionStatus } | undefined {
    try {
      return { id: this.id, status: this.status }
    } catch {
      // Where the session cannot be used, or its upgrade fails, a log line must not fail too.
      return undefined
    }
  }

  [inspect.custom](): string {
    return `ScsSession ${JSON.stringify(this) ?? '(not usable)'}`
  }

  #live(): UnitOfWork {
    const work = this.#work
    if (work.refusal !== undefined) throw work.refusal()
    return work
  }

  #read(key: string): unknown {
    const { values } = this.#live()
    if (typeof key !== 'string' || isReserved(key)) return undefined
    return handOut(valueAt(values, key), key)
  }

  #open(): UnitOfWork {
    const work = this.#live()
    const { exchange, log } = work
    if (exchange.isClosed) throw new CommittedError()
    exchange.onHijackedEnd(() => {
      if (work.isChanged) log.warn({}, 'the session was changed and never saved: after reply.hijack() call session.commit()')
    })
    return work
  }

  #writable(key: string): UnitOfWork {
    mustBeKey(key)
    return this.#open()
  }
}

refuseHabits(Session.prototype, Session.workOf)
