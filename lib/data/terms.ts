import { newToken } from '../token.ts'
import type { Login } from './login.ts'

/** What a request asks for besides values: a deadline, a lifetime that starts again, a new token. */
export class Terms {
  /** The deadline that `setDeadline` asked for. */
  deadline: number | undefined = undefined
  /** The moment at which the lifetime starts again. */
  restart: number | undefined = undefined
  isRenewed = false
  /** The login that there was, if any. */
  login: Login | undefined = undefined
  /** Whether an owner was named since. */
  #isClaimed = false
  #token = ''

  get setsDeadline(): boolean {
    return this.deadline !== undefined
  }

  setDeadline(deadline: number): void {
    this.deadline = deadline
  }

  /** The token of a renewal, made when it is first asked for. */
  get token(): string {
    this.#token ||= newToken()
    return this.#token
  }

  renew(restart: number | undefined): void {
    this.isRenewed = true
    this.#token = ''
    if (restart === undefined) return
    this.restart = restart
    this.deadline = undefined
  }

  /** Notes a login, of the owner that the session has. */
  logIn(at: number, owner: string | undefined): void {
    this.login = { at, owner }
    this.#isClaimed = false
  }

  /** Notes that an owner was put. The first one after a login is whose login it is; another one after that has not logged in. */
  claim(owner: string | undefined): void {
    if (this.login === undefined) return
    const isOther = this.#isClaimed && this.login.owner !== owner
    this.login = isOther ? undefined : { at: this.login.at, owner }
    this.#isClaimed = true
  }

  /** The deadline that results for a session with the deadline `stored`. A failed request does not set its own. */
  protected deadlineAfter(stored: number, lifetime: number, failed: boolean): number {
    const restarted = this.restart === undefined ? undefined : this.restart + lifetime
    return (failed ? undefined : this.deadline) ?? restarted ?? stored
  }

  /** Adds what was asked for earlier, where this asks for nothing else. */
  protected prependTerms(earlier: Terms): void {
    if (this.restart === undefined) this.deadline ??= earlier.deadline
    this.restart ??= earlier.restart
    this.login ??= earlier.login
    if (this.isRenewed) return
    this.isRenewed = earlier.isRenewed
    this.#token = earlier.#token
  }
}
