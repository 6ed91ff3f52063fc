import type { Answer, FindWant, FoundRecord } from '../types/store.ts'
import { isLater } from './answers.ts'
import { readCookie } from './cookie.ts'
import type { Gate } from './gate.ts'
import { type Settings, wantOf } from './options.ts'
import type { Known } from './recent.ts'
import { isToken, keyOf } from './token.ts'
import type { UnitOfWork } from './unit-of-work.ts'

/** How many cookies of our name are looked up: more cannot be an accident, and each costs a read. */
const MAX_TOKENS = 3

/** Finds the session that a request's cookie names. */
export class Loader {
  readonly #settings: Settings
  readonly #gate: Gate
  readonly #want: FindWant

  constructor(settings: Settings, gate: Gate) {
    this.#settings = settings
    this.#gate = gate
    this.#want = wantOf(settings)
  }

  /** Fills in what the store holds. Undefined when that is done already; throws or rejects when the store cannot tell. */
  load(work: UnitOfWork, header: string | undefined): Promise<void> | undefined {
    if (header === undefined) return undefined
    const cookie = readCookie(header, this.#settings.template.start)
    if (cookie === undefined) return undefined
    work.exchange.hasCookie = true
    if (typeof cookie !== 'string') return this.#loadOneOf(work, cookie)
    const known = this.#settings.recent.of(cookie)
    return known !== undefined || isToken(cookie) ? this.loadToken(work, cookie, known) : undefined
  }

  /** Looks one token up. */
  loadToken(work: UnitOfWork, token: string, known?: Known): Promise<void> | undefined {
    const key = known?.key ?? keyOf(this.#settings, token)
    const answer = this.find(key)
    if (isLater(answer)) return this.#takeLater(work, token, key, known, answer)
    this.#take(work, token, key, known, answer)
    return undefined
  }

  /** Apart from where it is called: a closure there would cost those who need not wait. */
  #takeLater(
    work: UnitOfWork,
    token: string,
    key: string,
    known: Known | undefined,
    answer: PromiseLike<FoundRecord | undefined>,
  ): Promise<void> {
    return Promise.resolve(answer).then((found) => this.#take(work, token, key, known, found))
  }

  #take(work: UnitOfWork, token: string, key: string, known: Known | undefined, found: FoundRecord | undefined): void {
    const { recent } = this.#settings
    if (found !== undefined)
      return work.loaded({ kind: 'stored', token, key, found, content: undefined, known: known ?? recent.add(token, key) })
    if (known !== undefined) recent.forget(token)
    work.loaded({ kind: 'unknown', keys: [key] })
  }

  /** Somebody may have planted a second cookie. The one that the store knows is ours; of several that it knows none can be trusted. */
  async #loadOneOf(work: UnitOfWork, cookies: readonly string[]): Promise<void> {
    const tokens = [...new Set(cookies)].filter(isToken).slice(0, MAX_TOKENS)
    const keys = tokens.map((token) => keyOf(this.#settings, token))
    const records = await Promise.all(keys.map((key) => this.find(key)))
    const living = tokens.flatMap((token, i) => {
      const [key, found] = [keys[i], records[i]]
      return key === undefined || found === undefined ? [] : [{ token, key, found }]
    })
    const [first, ...more] = living
    if (first !== undefined && more.length === 0) work.loaded({ kind: 'stored', ...first, content: undefined })
    else if (first === undefined && keys.length > 0) work.loaded({ kind: 'unknown', keys })
    if (more.length === 0) return
    work.others = living.map(({ key }) => key)
    work.log.warn({ cookies: tokens.length }, 'several session cookies are valid, so none was used')
  }

  find(key: string): Answer<FoundRecord | undefined> {
    return this.#gate.find(key, this.#want, this.#settings.clock() + this.#settings.storeTimeout)
  }
}
