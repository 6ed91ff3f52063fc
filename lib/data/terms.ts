import { newToken } from '../token.ts'

/** What a request asks for besides values: a deadline, a lifetime that starts again, a new token. */
export class Terms {
  /** The deadline that `setDeadline` asked for. */
  deadline: number | undefined = undefined
  /** The moment at which the lifetime starts again. */
  restart: number | undefined = undefined
  isRenewed = false
  /** Whether there was a login. */
  isLogin = false
  #token = ''

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

  /** The deadline that results for a session with the deadline `stored`. A failed request does not set its own. */
  deadlineOn(stored: number, lifetime: number, failed: boolean): number {
    const restarted = this.restart === undefined ? undefined : this.restart + lifetime
    return (failed ? undefined : this.deadline) ?? restarted ?? stored
  }

  /** Adds what was asked for earlier, where this asks for nothing else. */
  prepend(earlier: Terms): void {
    if (this.restart === undefined) this.deadline ??= earlier.deadline
    this.restart ??= earlier.restart
    this.isLogin ||= earlier.isLogin
    if (this.isRenewed) return
    this.isRenewed = earlier.isRenewed
    this.#token = earlier.#token
  }
}
