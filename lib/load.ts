import type { FindWant, FoundRecord } from '../types/store.ts'
import type { Draft } from './data/draft.ts'
import type { CachedToken } from './data/token-cache.ts'
import { SupersededError } from './errors.ts'
import { readCookie } from './http/cookie.ts'
import { readTokenHeader } from './http/token-header.ts'
import { type Settings, wantOf } from './settings.ts'
import { isForeign } from './state.ts'
import type { StoreClient } from './store/client.ts'
import { isPromise } from './store/maybe-promise.ts'
import { isToken, keyOf, keysOf } from './token.ts'
import type { UnitOfWork } from './unit-of-work.ts'

/** How many cookies of our name are looked up: more are no accident, and each costs a read. */
const MAX_COOKIES = 3

const QUOTE = 0x22

/** The headers of a request, such as Node's. */
export interface RequestHeaders {
  readonly cookie?: string | undefined
  readonly [name: string]: string | readonly string[] | undefined
}

/** A cookie's value may stand in double quotes (RFC 6265, 4.1.1). */
function unquoted(value: string): string {
  return value.charCodeAt(0) === QUOTE && value.length > 1 && value.endsWith('"') ? value.slice(1, -1) : value
}

/** Finds the session that a request's cookie names. */
export class Loader {
  readonly #settings: Settings
  readonly #client: StoreClient
  readonly #want: FindWant
  /** Whether the store is told which bytes are known. Not with another codec: it may change the bytes that it decodes. */
  readonly #tellsKnown: boolean

  constructor(settings: Settings, client: StoreClient) {
    this.#settings = settings
    this.#client = client
    this.#want = wantOf(settings)
    this.#tellsKnown = settings.keepsDecoded && settings.store.takesKnown === true
  }

  /** Loads the session that the headers name. Undefined when that is done at once; throws or rejects when the store fails. */
  load(work: UnitOfWork, headers: RequestHeaders): Promise<void> | undefined {
    const { tokenHeader, template, tokenCache } = this.#settings
    const token = tokenHeader === undefined ? undefined : readTokenHeader(headers, tokenHeader)
    if (token !== undefined) {
      work.exchange.bringsHeader = true
      return this.#loadOne(work, token)
    }
    const header = headers.cookie
    if (header === undefined) return undefined
    const known = tokenCache.ofHeader(header)
    if (known === undefined) return this.#loadFrom(work, header, readCookie(header, template.start))
    work.exchange.hasCookie = true
    return this.loadToken(work, known.token, known)
  }

  #loadFrom(work: UnitOfWork, header: string, cookie: string | string[] | undefined): Promise<void> | undefined {
    if (cookie === undefined) return undefined
    work.exchange.hasCookie = true
    return typeof cookie === 'string' ? this.#loadOne(work, unquoted(cookie), header) : this.#loadOneOf(work, cookie.map(unquoted))
  }

  #loadOne(work: UnitOfWork, token: string, header?: string): Promise<void> | undefined {
    const { tokenCache } = this.#settings
    const cached = tokenCache.of(token)
    if (cached !== undefined && header !== undefined) tokenCache.addHeader(header, cached)
    return cached !== undefined || isToken(token) ? this.loadToken(work, token, cached) : undefined
  }

  /** Looks one token up. */
  loadToken(work: UnitOfWork, token: string, cached?: CachedToken): Promise<void> | undefined {
    if (this.#settings.findsPlain) return this.#loadMoving(work, token)
    const key = cached?.key ?? keyOf(this.#settings, token)
    const answer = this.#client.find(key, this.#wantOf(cached), this.#until())
    if (isPromise(answer)) return this.#takeLater(work, token, key, cached, answer)
    this.#take(work, token, key, cached, answer)
    return undefined
  }

  /** While tokens are migrated to hashes. No key is cached then, because it changes. */
  async #loadMoving(work: UnitOfWork, token: string): Promise<void> {
    const located = await this.locate(token)
    if (located === undefined) work.loaded({ kind: 'unknown', keys: this.#allKeys(token) })
    else work.loaded({ kind: 'stored', token, ...located, content: undefined })
  }

  /** The record of a token, and the key that it is under. */
  async locate(token: string): Promise<{ readonly key: string; readonly found: FoundRecord } | undefined> {
    const until = this.#until()
    for (const key of keysOf(this.#settings, token)) {
      const found = await this.#client.find(key, this.#want, until)
      if (found !== undefined) return { key, found }
    }
    return undefined
  }

  /** The key that a session is under now: while tokens are migrated, another request may have moved it. */
  async keyNow({ state }: UnitOfWork): Promise<string | undefined> {
    if (state.kind !== 'stored') return undefined
    return this.#settings.findsPlain ? (await this.locate(state.token))?.key : state.key
  }

  /** A method of its own, so that only a request that waits pays for the closure. */
  #takeLater(
    work: UnitOfWork,
    token: string,
    key: string,
    cached: CachedToken | undefined,
    answer: PromiseLike<FoundRecord | undefined>,
  ): Promise<void> {
    return Promise.resolve(answer).then((found) => this.#take(work, token, key, cached, found))
  }

  #take(work: UnitOfWork, token: string, key: string, cached: CachedToken | undefined, found: FoundRecord | undefined): void {
    const { tokenCache } = this.#settings
    if (found === undefined) {
      if (cached !== undefined) tokenCache.forget(token)
      work.loaded({ kind: 'unknown', keys: [key] })
    } else {
      if (this.#tellsKnown) cached?.note(found.data)
      work.loaded({ kind: 'stored', token, key, found, content: undefined, cached: cached ?? tokenCache.add(token, key) })
    }
  }

  /** Of several cookies, one of which may be planted, takes the one that the store knows. When it knows several, none can be trusted. */
  async #loadOneOf(work: UnitOfWork, cookies: readonly string[]): Promise<void> {
    const tokens = [...new Set(cookies)].filter(isToken).slice(0, MAX_COOKIES)
    const located = await Promise.all(tokens.map((token) => this.locate(token)))
    const living = tokens.flatMap((token, i) => {
      const each = located[i]
      return each === undefined || isForeign(this.#settings, each.found.data) ? [] : [{ token, ...each }]
    })
    const keys = tokens.flatMap((token) => this.#allKeys(token))
    const [first, ...more] = living
    if (first !== undefined && more.length === 0) work.loaded({ kind: 'stored', ...first, content: undefined })
    else if (first === undefined && keys.length > 0) work.loaded({ kind: 'unknown', keys })
    if (more.length === 0) return
    // Those under the tokens themselves may move before they are ended.
    work.others = living.flatMap(({ token, key }) => [...new Set([key, keyOf(this.#settings, token)])])
    work.log.warn({ cookies: tokens.length }, 'several session cookies are valid, so none was used')
  }

  /**
   * Looks a stored session up again, and makes the changes of a request anew on what is found. When it ended or was renewed elsewhere, the
   * session is a new one; throws `FST_ERR_SCS_SUPERSEDED` when there are changes, which were meant for the one that is gone.
   */
  async reload(work: UnitOfWork, draft: Draft): Promise<void> {
    const { state } = work
    if (state.kind !== 'stored' || work.isOver) return
    const located = await this.locate(state.token)
    if (located === undefined && !draft.isPristine) throw new SupersededError()
    const missing = { kind: 'unknown', keys: this.#allKeys(state.token) } as const
    draft.rebase(work.reloaded(located === undefined ? missing : { ...state, ...located, content: undefined }))
  }

  #until(): number {
    return this.#settings.clock() + this.#settings.storeTimeout
  }

  /** Each key that the session of a token may be under, once. */
  #allKeys(token: string): readonly string[] {
    return [...new Set(keysOf(this.#settings, token))]
  }

  /** Not by a spread: V8 makes a new hidden class for each object that a spread begins and another property ends. */
  #wantOf(cached: CachedToken | undefined): FindWant {
    const known = this.#tellsKnown ? cached?.known : undefined
    if (known === undefined) return this.#want
    const { expiry, owner = true } = this.#want
    return { expiry, owner, known }
  }
}
