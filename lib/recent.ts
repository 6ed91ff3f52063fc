import type { DecodedSession } from '../types/codec.ts'

/** How many tokens a generation holds. */
const MOST = 512
/** A larger payload is decoded each time it is read: so all that is kept is bounded. */
const MOST_BYTES = 8192

/** What is known of a token that the store knew a moment ago. */
export class Known {
  readonly key: string
  #text: string | undefined = undefined
  #session: DecodedSession | undefined = undefined

  constructor(key: string) {
    this.key = key
  }

  /** The session, when these are the bytes that it was decoded from. */
  sessionOf(data: Uint8Array): DecodedSession | undefined {
    return this.#text?.length === data.length && this.#text === textOf(data) ? this.#session : undefined
  }

  keep(data: Uint8Array, session: DecodedSession): void {
    if (data.length > MOST_BYTES) return
    this.#text = textOf(data)
    this.#session = session
  }
}

/**
 * The tokens that were seen lately, with their keys and what was decoded, so that a client who comes again is spared the hash and, where nothing
 * has changed, the decoding. The store is asked all the same: it has the word on whether there is a session and what its bytes are, and only
 * equal bytes are taken for known. A key follows from its token for ever, so nothing here can be out of date.
 *
 * Two generations, of which the older goes as a whole, which costs a hit nothing. Only tokens that the store knew are taken in. A look-up here
 * compares a token with one of equal hash alone, by a hash that is secret to the process, so its time tells nothing of how much was right.
 * Values may be shared by several requests, for what a session hands out is closed to changes.
 */
export class Recent {
  #young = new Map<string, Known>()
  #old = new Map<string, Known>()

  of(token: string): Known | undefined {
    const young = this.#young.get(token)
    if (young !== undefined) return young
    const old = this.#old.get(token)
    if (old !== undefined) this.#keep(token, old)
    return old
  }

  add(token: string, key: string): Known {
    const known = new Known(key)
    this.#keep(token, known)
    return known
  }

  /** To be called when a session ends: there is no reason to keep its values. */
  forget(token: string): void {
    this.#young.delete(token)
    this.#old.delete(token)
  }

  #keep(token: string, known: Known): void {
    if (this.#young.size >= MOST) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(token, known)
  }
}

/** One character a byte: a text costs less than a copy, and keeps nothing of the larger buffer that a driver's bytes are a part of. */
function textOf(data: Uint8Array): string {
  const bytes = Buffer.isBuffer(data) ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  return bytes.toString('latin1')
}
