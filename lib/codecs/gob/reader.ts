import { PayloadError } from '../../errors.ts'
import { isUtf8Text, lossyText } from './text.ts'

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER)
/** Shorter strings are checked for bytes above ASCII here, which takes less time than to ask. */
const SHORT = 48

/** The bits of a float, while they are turned round. */
const BITS = Buffer.alloc(8)

/** Returns the safe ones of all 64-bit integers as numbers. */
const narrow = (value: bigint): number | bigint => (value <= MAX_SAFE && value >= -MAX_SAFE ? Number(value) : value)

/** Reads the parts of a gob stream. What goes beyond the current message, or the payload, throws `FST_ERR_SCS_PAYLOAD`. */
export class GobReader {
  readonly #data: Buffer
  #at = 0
  /** Where the current message ends. */
  #end = 0
  /** The bytes of the text that was read last, when they are no UTF-8. */
  lossy: Buffer | undefined = undefined

  constructor(data: Uint8Array) {
    this.#data = Buffer.isBuffer(data) ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  }

  get isAtEnd(): boolean {
    return this.#at === this.#end
  }

  /** How many bytes were read so far. */
  get at(): number {
    return this.#at
  }

  /** The first bytes of the payload. */
  start(size: number): Buffer {
    return this.#data.subarray(0, size)
  }

  /** Skips some bytes at the beginning, should it begin with them. */
  skipStart(bytes: Buffer): boolean {
    if (this.#data.length < bytes.length || this.#data.compare(bytes, 0, bytes.length, 0, bytes.length) !== 0) return false
    this.#at = bytes.length
    this.#end = bytes.length
    return true
  }

  /** Goes on to the next message. */
  nextMessage(): void {
    this.#end = this.#data.length
    const size = this.size(1)
    this.#end = this.#at + size
  }

  /** An unsigned integer: one byte below 128, else the negated number of bytes, and these with the highest first. */
  uint(): number | bigint {
    const first = this.#byte()
    if (first < 128) return first
    const size = 256 - first
    const at = this.#skip(size)
    if (size <= 6) return this.#data.readUIntBE(at, size)
    if (size > 8) throw new PayloadError('a number has too many bytes')
    let value = 0n
    for (let i = at; i < this.#at; i++) value = (value << 8n) | BigInt(this.#data[i] as number)
    return narrow(value)
  }

  /** A signed integer: the lowest bit says whether the others are complemented. */
  int(): number | bigint {
    const coded = this.uint()
    if (typeof coded === 'number') return coded % 2 === 0 ? coded / 2 : -(coded + 1) / 2
    return narrow((coded & 1n) === 0n ? coded >> 1n : ~(coded >> 1n))
  }

  /** A number that must be small: a type's id, a field's distance. */
  small(isSigned: boolean): number {
    const value = isSigned ? this.int() : this.uint()
    if (typeof value === 'number') return value
    throw new PayloadError('a number is too large')
  }

  /** How many parts of at least so many bytes follow: no more than the payload has bytes for, in this message or later ones. */
  size(bytesEach: number): number {
    const count = this.small(false)
    if (count * bytesEach <= this.#data.length - this.#at) return count
    throw new PayloadError('a length goes beyond its end')
  }

  /** The bits of a float64 with the lowest byte first, as an unsigned integer: those of small whole numbers end in zeros. */
  float(): number {
    const first = this.#byte()
    BITS.fill(0)
    if (first < 128) BITS[7] = first
    else {
      const at = this.#skip(256 - first)
      if (this.#at - at > 8) throw new PayloadError('a number has too many bytes')
      this.#data.copy(BITS, 8 - (this.#at - at), at, this.#at)
    }
    return BITS.readDoubleLE(0)
  }

  /** A view of the bytes of a byte slice or an encoded value. */
  raw(): Buffer {
    const at = this.#skip(this.size(1))
    return this.#data.subarray(at, this.#at)
  }

  /** A string. Of bytes that are no UTF-8 each becomes U+FFFD, as when Go prints them; `lossy` has all of them then. */
  text(): string {
    const from = this.#skip(this.size(1))
    const to = this.#at
    this.lossy = undefined
    if (to - from < SHORT && this.#isAscii(from, to)) return this.#data.toString('latin1', from, to)
    const text = this.#data.toString('utf8', from, to)
    if (isUtf8Text(text, this.#data, from, to)) return text
    this.lossy = this.#data.subarray(from, to)
    return lossyText(this.lossy)
  }

  #isAscii(from: number, to: number): boolean {
    for (let i = from; i < to; i++) if ((this.#data[i] as number) > 127) return false
    return true
  }

  #byte(): number {
    const at = this.#at
    if (at >= this.#end) throw new PayloadError('it ends too early')
    this.#at = at + 1
    return this.#data[at] as number
  }

  #skip(size: number): number {
    const at = this.#at
    if (size > this.#end - at) throw new PayloadError('it ends too early')
    this.#at = at + size
    return at
  }
}
