import type { DecodedSession } from '../../types/codec.ts'
import type { KnownBytes } from '../../types/store.ts'
import { freezeAll } from './values.ts'

/** How many entries a generation holds. A token has up to two: its own, and that of its header. */
const GENERATION_SIZE = 512
/**
 * So many may be taken out of a generation, beyond those that are there, until its Map is made anew. A Map would go on making itself new tables, and V8 leads
 * from each old one to the next, so that all tables and whatever was in them outlive the next small collections.
 */
const SLACK = 32
/** A token's: see `token.ts`. */
const TOKEN_LENGTH = 43
/** A larger payload is not cached, so that the memory of the cache is bounded. */
const MAX_BYTES = 8192

/** A payload, as a store may be told of it: nothing here leads to the token. */
class Payload implements KnownBytes {
  readonly #text: string
  #data: Uint8Array | undefined = undefined

  constructor(text: string) {
    this.#text = text
  }

  get text(): string {
    return this.#text
  }

  get data(): Uint8Array {
    this.#data ??= Buffer.from(this.#text, 'latin1')
    return this.#data
  }

  is(data: Uint8Array): boolean {
    return data === this.#data || (data.length === this.#text.length && textOf(data) === this.#text)
  }
}

/** What is cached of a token that the store had when it was last asked. */
export class CachedToken {
  readonly #token: string
  readonly #key: string
  /** The last payload. */
  #payload: Payload | undefined = undefined
  /** The session decoded from it, if it was decoded and unless requests cannot share that. */
  #session: DecodedSession | 'unshared' | undefined = undefined
  #frozen = false
  /** Whether its token came in a header of its own before. */
  cameBefore = false

  constructor(token: string, key: string) {
    this.#token = token
    this.#key = key
  }

  get token(): string {
    return this.#token
  }

  get key(): string {
    return this.#key
  }

  /** The last payload, for a store that compares it with its own. */
  get known(): KnownBytes | undefined {
    return this.#payload
  }

  /**
   * The decoded session, when it was decoded from these bytes and holds plain data alone: one request could change other data for the others,
   * so those are decoded for each. It is frozen when the same bytes come a second time, which most never do.
   */
  sessionOf(data: Uint8Array): DecodedSession | undefined {
    if (this.#session === undefined || this.#session === 'unshared' || !this.#holds(data)) return undefined
    if (!this.#frozen) {
      this.#frozen = true
      if (!freezeAll(this.#session.values)) this.#session = 'unshared'
    }
    return this.#session === 'unshared' ? undefined : this.#session
  }

  /** Caches a decoded session, unless it was found before that requests cannot share it. */
  keep(data: Uint8Array, session: DecodedSession): void {
    if (this.#session === 'unshared' && this.#holds(data)) return
    this.#note(data)
    if (this.#payload !== undefined) this.#session = session
    this.#frozen = false
  }

  /** Notes the payload of a session that was not decoded, where none is cached. */
  note(data: Uint8Array): void {
    if (this.#payload === undefined) this.#note(data)
  }

  #holds(data: Uint8Array): boolean {
    return this.#payload?.is(data) === true
  }

  #note(data: Uint8Array): void {
    this.#session = undefined
    this.#payload = data.length > MAX_BYTES ? undefined : new Payload(textOf(data))
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
 *
 * A token is found by itself, and by a `Cookie` header that holds our cookie alone, which then need not be parsed; a header that holds more is not kept.
 */
export class TokenCache {
  /** What comes before the token in such a header: the cookie's name, and `=`. */
  readonly #start: string
  #young = new Map<string, CachedToken>()
  #old = new Map<string, CachedToken>()
  /** How many were taken out of the young generation. */
  #holes = 0

  constructor(start: string) {
    this.#start = start
  }

  of(token: string): CachedToken | undefined {
    // A header is no token.
    return token.length === TOKEN_LENGTH ? this.#get(token) : undefined
  }

  ofHeader(header: string): CachedToken | undefined {
    return this.#couldBe(header) ? this.#get(header) : undefined
  }

  add(token: string, key: string): CachedToken {
    const cached = new CachedToken(token, key)
    this.#keep(token, cached)
    return cached
  }

  /** Notes the header that a token came in, when it comes a second time: after a login or a renewal many a token is used once. */
  addHeader(header: string, cached: CachedToken): void {
    if (!this.#couldBe(header)) return
    if (cached.cameBefore) this.#keep(header, cached)
    cached.cameBefore = true
  }

  /** To be called when a session ends: there is no reason to keep its values. */
  forget(token: string): void {
    for (const name of [token, this.#start + token]) {
      if (this.#young.delete(name)) this.#holes++
      this.#old.delete(name)
    }
    if (this.#holes > this.#young.size + SLACK) this.#begin(new Map(this.#young))
  }

  /** By its length: it has a cookie of ours, so if it is no longer than that, it has nothing else. */
  #couldBe(header: string): boolean {
    return header.length === this.#start.length + TOKEN_LENGTH
  }

  #get(name: string): CachedToken | undefined {
    const young = this.#young.get(name)
    if (young !== undefined) return young
    const old = this.#old.get(name)
    if (old !== undefined) this.#keep(name, old)
    return old
  }

  #keep(name: string, cached: CachedToken): void {
    if (this.#young.size >= GENERATION_SIZE) {
      this.#old = this.#young
      this.#begin(new Map())
    }
    this.#young.set(name, cached)
  }

  #begin(generation: Map<string, CachedToken>): void {
    this.#young = generation
    this.#holes = 0
  }
}

/** One character a byte. Such a string takes less memory than a copy of the bytes, which may be part of a driver's much larger buffer. */
function textOf(data: Uint8Array): string {
  const bytes = Buffer.isBuffer(data) ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  return bytes.toString('latin1')
}
