import type { DecodedSession } from '../../types/codec.ts'
import { freezeAll } from './values.ts'

/** How many tokens a generation holds. */
const GENERATION_SIZE = 512
/** A larger payload is decoded each time it is read: so all that is kept is bounded. */
const MAX_BYTES = 8192

/** What is known of a token that the store knew a moment ago. */
export class CachedToken {
  readonly #key: string
  /** The bytes that came last. */
  #text: string | undefined = undefined
  /** What they were decoded to. Undefined when requests cannot share it. */
  #session: DecodedSession | undefined = undefined
  #frozen = false

  constructor(key: string) {
    this.#key = key
  }

  get key(): string {
    return this.#key
  }

  /**
   * The session, when these are the bytes that it was decoded from and it holds plain data alone: anything else one request could change for
   * the others, so it is decoded for each. Frozen when the bytes come for the second time, which most never do.
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

  /** Keeps what was decoded, unless these are bytes that are known to be decoded for each request. */
  keep(data: Uint8Array, session: DecodedSession): void {
    const text = data.length > MAX_BYTES ? undefined : textOf(data)
    if (text !== undefined && text === this.#text) return
    this.#text = text
    this.#session = text === undefined ? undefined : session
    this.#frozen = false
  }
}

/**
 * The tokens that were seen lately, with their keys and what was decoded, so that a client who comes again is spared the hash and, where nothing
 * has changed, the decoding. The store is asked all the same: it has the word on whether there is a session and what its bytes are, and only
 * equal bytes are taken for known. A key follows from its token for ever, so nothing here can be out of date.
 *
 * Two generations, of which the older goes as a whole, which costs a hit nothing. Only tokens that the store knew are taken in. A look-up here
 * compares a token with one of equal hash alone, by a hash that is secret to the process, so its time tells nothing of how much was right.
 * Only plain data is kept, frozen deep, so that requests that share it can change nothing for each other. All fields are private, which no
 * inspection shows.
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

/** One character a byte: a text costs less than a copy, and keeps nothing of the larger buffer that a driver's bytes are a part of. */
function textOf(data: Uint8Array): string {
  const bytes = Buffer.isBuffer(data) ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  return bytes.toString('latin1')
}
