import { newToken } from '../token.ts'
import type { Login } from './login.ts'

/** What a request asks for besides values: a deadline, a lifetime that starts again, a new token. */
export class Terms {
  /** The deadline that `setDeadline` asked for. */
  deadline: number | undefined = undefined
  /** The moment at which the lifetime starts again. */
  restart: number | undefined = undefined
  isRenewed = false
  #token = ''
  /** The login that there was, and the owner that the session had then. */
  #login: { readonly at: number; readonly seen: string | undefined } | 'over' | undefined = undefined
  /** The owner that was named since; null when several were, or a merge brought one. */
  #named: string | null | undefined = undefined

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
  logIn(at: number, seen: string | undefined): void {
    this.#login = { at, seen }
    this.#named = undefined
  }

  /** Notes that whoever was logged in no longer is. */
  logOut(): void {
    this.#login = 'over'
  }

  /** Notes an owner that was put. The first one after a login is whose login it is; another one after that has not logged in. */
  claim(owner: string): void {
    this.#named = this.#named === undefined || this.#named === owner ? owner : null
  }

  /** Notes an owner that came with a merge: whoever it is has not logged in. */
  disclaim(): void {
    this.#named = null
  }

  /** The login that there was, and whose. */
  get login(): Login | undefined {
    if (this.#login === undefined || this.#login === 'over') return this.#login
    const { at, seen } = this.#login
    return { at, owner: this.#named === undefined ? seen : (this.#named ?? undefined) }
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
    if (this.#login === undefined) {
      this.#login = earlier.#login
      const [before, later] = [earlier.#named, this.#named]
      this.#named = before === undefined || later === undefined || before === later ? (later ?? before) : null
    }
    if (this.isRenewed) return
    this.isRenewed = earlier.isRenewed
    this.#token = earlier.#token
  }
}
