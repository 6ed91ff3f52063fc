import { inspect } from 'node:util'
import type { ClientDetails, Duration } from '../types/options.ts'
import type { RenewOptions, ReplyCookieOptions, ScsSession, SessionStatus } from '../types/session.ts'
import { deadlineAt } from './data/admit.ts'
import { CREATED_AT, clientAt, momentAt } from './data/history.ts'
import type { Values } from './data/record.ts'
import { ArgumentError } from './errors.ts'
import { isFresh, loggedInAt } from './freshness.ts'
import { mustBeKeep, refuseCallback, refuseHabits } from './habits.ts'
import { isBoolean, mustBeOptions } from './options/checks.ts'
import { isNew, live, open, SessionValues } from './session-values.ts'
import { replyTemplate } from './settings.ts'
import { mayBeForgotten } from './store/maybe-promise.ts'
import { keyOf, publicId } from './token.ts'
import type { UnitOfWork } from './unit-of-work.ts'

/** Does for a session what needs the store. */
export interface SessionHost {
  destroy(work: UnitOfWork): Promise<void>
  merge(work: UnitOfWork, token: string): Promise<void>
  commit(work: UnitOfWork): Promise<string | undefined>
  reload(work: UnitOfWork): Promise<void>
}

/** The values without the changes of the request. */
const storedBy = ({ unsavedDraft, values }: UnitOfWork): Values => unsavedDraft?.base.values ?? values

const AS_LOGIN: RenewOptions = {}
const RENEW = ['keepDeadline', 'reauthenticated']

/** Checked, because a mistake would count as a login. */
function renewOptions(options: RenewOptions): RenewOptions {
  mustBeOptions(options, 'renewToken(options)', RENEW)
  const wrong = Object.entries(options).find(([, value]) => value !== undefined && !isBoolean(value))
  if (wrong !== undefined) throw new ArgumentError('renewToken(options)', `needs true or false as ${wrong[0]}`)
  return options
}

/** The session that an application sees. */
export class Session extends SessionValues implements ScsSession<Record<string, unknown>> {
  readonly #work: UnitOfWork
  readonly #host: SessionHost

  constructor(work: UnitOfWork, host: SessionHost) {
    super(work)
    this.#work = work
    this.#host = host
    Object.freeze(this)
  }

  rememberMe(remember: boolean): void {
    if (typeof remember !== 'boolean') throw new ArgumentError('rememberMe(remember)', 'needs true or false')
    const { draft, settings } = open(this.#work)
    draft.remember(remember, settings.clock())
  }

  renewToken(options?: RenewOptions): void {
    const { keepDeadline, reauthenticated: isLogin = true } = options === undefined ? AS_LOGIN : renewOptions(options)
    const { draft, settings } = open(this.#work)
    const now = settings.clock()
    draft.renew((keepDeadline ?? !isLogin) ? undefined : now)
    if (isLogin) draft.authenticate(now)
  }

  regenerate(keep: readonly string[] = []): Promise<void> {
    mustBeKeep(keep)
    this.renewToken()
    open(this.#work).draft.retain(keep)
    return Promise.resolve()
  }

  options(options: ReplyCookieOptions): void {
    const { exchange, settings } = open(this.#work)
    exchange.template = replyTemplate(options, settings.cookie)
  }

  get deadline(): Date {
    return new Date(live(this.#work).deadline)
  }

  setDeadline(deadline: Date): void {
    open(this.#work).draft.setDeadline(deadlineAt(deadline))
  }

  get expiresAt(): number {
    return live(this.#work).expiresAt
  }

  get createdAt(): number | undefined {
    return momentAt(storedBy(live(this.#work)), CREATED_AT)
  }

  get authenticatedAt(): number | undefined {
    return loggedInAt(live(this.#work))
  }

  get client(): ClientDetails | undefined {
    return clientAt(storedBy(live(this.#work)))
  }

  isFresh(within: Duration): boolean {
    return isFresh(live(this.#work), within)
  }

  get status(): SessionStatus {
    const work = live(this.#work)
    if (work.isChanged) return 'modified'
    return work.isOver ? 'destroyed' : 'unmodified'
  }

  get token(): string {
    return live(this.#work).token
  }

  get id(): string {
    const { token, state, settings } = live(this.#work)
    if (token === '') return ''
    return publicId(state.kind === 'stored' && state.token === token ? state.key : keyOf(settings, token))
  }

  get isNew(): boolean {
    return isNew(live(this.#work))
  }

  destroy(callback?: unknown): Promise<void> {
    refuseCallback(callback, 'destroy()')
    return mayBeForgotten(() => this.#host.destroy(open(this.#work)))
  }

  mergeSession(token: string): Promise<void> {
    return mayBeForgotten(() => this.#host.merge(open(this.#work), token))
  }

  commit(): Promise<string | undefined> {
    return mayBeForgotten(() => this.#host.commit(open(this.#work)))
  }

  reload(callback?: unknown): Promise<void> {
    refuseCallback(callback, 'reload()')
    return mayBeForgotten(() => this.#host.reload(open(this.#work)))
  }

  /** What logs and replies may see: no token and no value. Undefined where the session cannot be used: a log line must not fail too. */
  toJSON(): { id: string; status: SessionStatus } | undefined {
    try {
      return { id: this.id, status: this.status }
    } catch {
      return undefined
    }
  }

  [inspect.custom](): string {
    return `ScsSession ${JSON.stringify(this) ?? '(not usable)'}`
  }
}

refuseHabits(Session.workOf, Session.prototype, SessionValues.prototype)
