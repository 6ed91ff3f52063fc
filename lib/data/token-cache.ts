import type { DecodedSession } from '../../types/codec.ts'
import { freezeAll } from './values.ts'

/** How many tokens a generation holds. */
const GENERATION_SIZE = 512
/** A larger payload is not cached, so that the memory of the cache is bounded. */
const MAX_BYTES = 8192

/** What is cached of a token that the store had when it was last asked. */
export class CachedToken {
  readonly #key: string
  /** The last payload. */
  #text: string | undefined = undefined
  /** The session decoded from it. Undefined when requests cannot share that. */
  #session: DecodedSession | undefined = undefined
  #frozen = false

  constructor(key: string) {
    this.#key = key
  }

  get key(): string {
    return this.#key
  }

  /**
   * The decoded session, when it was decoded from these bytes and holds plain data alone: one request could change other data for the others,
   * so those are decoded for each. It is frozen when the same bytes come a second time, which most never do.
   */
  sessionOf(data: Uint8Array): DecodedSession | undefined {
    if (this.#text?.length !== data.length || this.#text !== textOf(data)) return undefined
    if (!this.#frozen) this.#freeze()
    return this.#session
  }

  #freeze(): void {
    this.#frozen = true
    if (this.#session !== undefined && !freezeAll(this.#session.values)) this.#session = undefined
  }

  /** Caches a decoded session, unless it was found before that requests cannot share it. */
  keep(data: Uint8Array, session: DecodedSession): void {
    const text = data.length > MAX_BYTES ? undefined : textOf(data)
    if (text !== undefined && text === this.#text) return
    this.#text = text
    this.#session = text === undefined ? undefined : session
    this.#frozen = false
  }
}

/**
 * A cache of recent tokens with their keys and decoded sessions. The next request of the same client needs no hash and, when nothing has
 * changed, no decoding. The store is asked all the same: it alone decides whether there is a session and what its bytes are, and a decoded
 * session is used for equal bytes only. The key of a token never changes, so nothing here can be out of date.
 *
 * There are two generations, and the older one is dropped in one step, so that a hit does no bookkeeping. Only tokens that the store had
 * get in. A Map compares a token only with one of equal hash, and that hash is secret to the process, so the time of a look-up does not tell
 * an attacker how much of a token was right. Only plain data is cached, deeply frozen, so that requests that share it cannot change it for
 * each other. All fields are private, so `inspect` shows none of them.
 */
export class TokenCache {
  #young = new Map<string, CachedToken>()
  #old = new Map<string, CachedToken>()

  of(token: string): CachedToken | undefined {
    const young = this.#young.get(token)
    if (young !== undefined) return young
    const old = this.#old.get(token)
    if (old !== undefined) this.#keep(token, old)
    return old
  }

  add(token: string, key: string): CachedToken {
    const cached = new CachedToken(key)
    this.#keep(token, cached)
    return cached
  }

  /** To be called when a session ends: there is no reason to keep its values. */
  forget(token: string): void {
    this.#young.delete(token)
    this.#old.delete(token)
  }

  #keep(token: string, cached: CachedToken): void {
    if (this.#young.size >= GENERATION_SIZE) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(token, cached)
  }
}

/** One character a byte. Such a string takes less memory than a copy of the bytes, which may be part of a driver's much larger buffer. */
function textOf(data: Uint8Array): string {
  const bytes = Buffer.isBuffer(data) ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  return bytes.toString('latin1')
}
