import { inspect, isDeepStrictEqual, types } from 'node:util'
import type { RenewOptions, ReplyCookieOptions, ScsSession, SessionStatus } from '../types/session.ts'
import { refuseAssignments } from './data/readonly.ts'
import { isReserved, MAX_DEADLINE, valueAt } from './data/record.ts'
import { handOut } from './data/values.ts'
import { ArgumentError, CommittedError, KeyError, ValueError } from './errors.ts'
import { cookieTemplate } from './http/cookie.ts'
import { mustBeObject } from './options/checks.ts'
import { replyCookie } from './settings.ts'
import { keyOf, publicId } from './token.ts'
import type { UnitOfWork } from './unit-of-work.ts'

type Values = Record<string, unknown>

/** What a session asks for when it needs the store. */
export interface SessionHost {
  destroy(work: UnitOfWork): Promise<void>
  merge(work: UnitOfWork, token: string): Promise<void>
  commit(work: UnitOfWork): Promise<string | undefined>
}

const UNSAVED = 'the session was changed and never saved: after reply.hijack() call session.commit()'

/** The session that an application sees. It keeps nothing itself, so that no key can get in the way of a method. */
export class Session implements ScsSession<Values> {
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
    if (value === undefined) throw new ValueError(key, 'it is undefined, which remove() stands for')
    draft.write(key, value)
  }

  set(key: string, value: unknown): void {
    if (value === undefined) this.remove(key)
    // @fastify/flash sets an empty object whenever messages are read: for that alone nobody gets a session.
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

  data(): Values {
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
    if (!Array.isArray(keep)) throw new ArgumentError('regenerate(keep)', 'needs an array of keys')
    this.renewToken()
    this.#open().draft.retain(keep)
    return Promise.resolve()
  }

  options(options: ReplyCookieOptions): void {
    const { exchange, settings } = this.#open()
    const cookie = replyCookie(options, settings.cookie)
    exchange.template = isDeepStrictEqual(cookie, settings.cookie) ? undefined : cookieTemplate(cookie)
  }

  get deadline(): Date {
    return new Date(this.#live().deadline)
  }

  setDeadline(deadline: Date): void {
    const at = types.isDate(deadline) ? deadline.getTime() : Number.NaN
    if (!(at <= MAX_DEADLINE)) throw new ArgumentError('setDeadline(date)', 'needs a valid Date, up to the year 9999')
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

  destroy(): Promise<void> {
    return this.#ask((work) => this.#host.destroy(work))
  }

  mergeSession(token: string): Promise<void> {
    return this.#ask((work) => this.#host.merge(work, token))
  }

  commit(): Promise<string | undefined> {
    return this.#ask((work) => this.#host.commit(work))
  }

  /** What logs and replies may see: no token and no value. */
  toJSON(): { id: string; status: SessionStatus } | undefined {
    if (this.#work.refusal !== undefined) return undefined
    try {
      return { id: this.id, status: this.status }
    } catch {
      // A line of a log is no place for an upgrade that fails.
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
      if (work.isChanged) log.warn({}, UNSAVED)
    })
    return work
  }

  #writable(key: string): UnitOfWork {
    // What an object holds may be a secret.
    if (typeof key !== 'string') throw new KeyError(Object(key) === key ? `(${typeof key})` : inspect(key), 'is not a string')
    if (isReserved(key)) throw new KeyError(JSON.stringify(key), 'is reserved, as is every key with two leading underscores')
    return this.#open()
  }

  /** A promise that nobody awaits must not end the process; the log says what became of it. */
  #ask<T>(ask: (work: UnitOfWork) => Promise<T>): Promise<T> {
    const answer = new Promise<T>((resolve) => resolve(ask(this.#open())))
    answer.catch(() => {})
    return answer
  }
}

function isEmptyObject(value: unknown): boolean {
  // A proxy may run code of its own, or be revoked: what it holds is found out when it is put in.
  if (typeof value !== 'object' || value === null || types.isProxy(value)) return false
  return !Array.isArray(value) && Object.keys(value).length === 0
}

refuseAssignments(Session.prototype)
