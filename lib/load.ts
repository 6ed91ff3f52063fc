import type { Answer, FindWant, FoundRecord } from '../types/store.ts'
import { isLater } from './answers.ts'
import { readCookie } from './cookie.ts'
import type { Gate } from './gate.ts'
import { type Settings, wantOf } from './options.ts'
import type { Known } from './recent.ts'
import type { SessionState } from './state.ts'
import { isToken } from './token.ts'

/** How many cookies of our name are looked up: more cannot be an accident, and each costs a read. */
const MOST_TOKENS = 3

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

  /** Fills in the state. Undefined when that is done already; throws or rejects when the store cannot tell. */
  load(state: SessionState, header: string | undefined): Promise<void> | undefined {
    if (header === undefined) return undefined
    const cookie = readCookie(header, this.#settings.template.start)
    if (cookie === undefined) return undefined
    state.presented = true
    if (typeof cookie !== 'string') return this.#loadOneOf(state, cookie)
    const known = this.#settings.recent.of(cookie)
    return known !== undefined || isToken(cookie) ? this.loadToken(state, cookie, known) : undefined
  }

  /** Looks one token up. */
  loadToken(state: SessionState, token: string, known?: Known): Promise<void> | undefined {
    const key = known?.key ?? state.keyOf(token)
    const answer = this.find(key)
    if (isLater(answer)) return takeLater(state, token, key, known, answer)
    take(state, token, key, known, answer)
    return undefined
  }

  /** Somebody may have planted a second cookie. The one that the store knows is ours; of several that it knows none can be trusted. */
  async #loadOneOf(state: SessionState, cookies: readonly string[]): Promise<void> {
    const tokens = [...new Set(cookies)].filter(isToken).slice(0, MOST_TOKENS)
    const keys = tokens.map((token) => state.keyOf(token))
    const records = await Promise.all(keys.map((key) => this.find(key)))
    const known = tokens.flatMap((token, i) => {
      const record = records[i]
      return record === undefined ? [] : [{ token, key: state.keyOf(token), record }]
    })
    const [first] = known
    if (known.length === 1 && first !== undefined) state.loaded(first.token, first.key, first.record)
    else if (known.length === 0 && keys.length > 0) stranger(state, keys)
    else if (known.length > 1) state.log.warn({ cookies: tokens.length }, 'several session cookies are valid, so none was used')
  }

  find(key: string): Answer<FoundRecord | undefined> {
    return this.#gate.find(key, this.#want, this.#settings.clock() + this.#settings.storeTimeout)
  }
}

function take(state: SessionState, token: string, key: string, known: Known | undefined, found: FoundRecord | undefined): void {
  if (found === undefined) stranger(state, [key])
  else state.loaded(token, key, found, known ?? state.settings.recent.add(token, key))
}

/** Apart from where it is called: a closure there would cost those who need not wait. */
function takeLater(
  state: SessionState,
  token: string,
  key: string,
  known: Known | undefined,
  answer: PromiseLike<FoundRecord | undefined>,
): Promise<void> {
  return Promise.resolve(answer).then((found) => take(state, token, key, known, found))
}

function stranger(state: SessionState, keys: readonly string[]): void {
  state.origin = 'unknown'
  state.strangers = keys
}
