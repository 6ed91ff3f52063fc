import { PayloadError } from '../../errors.ts'

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER)

/** The bits of a float, while they are turned round. */
const BITS = Buffer.alloc(8)

/** Gives the safe ones of all 64-bit integers as numbers. */
const narrow = (value: bigint): number | bigint => (value <= MAX_SAFE && value >= -MAX_SAFE ? Number(value) : value)

/** Reads the parts of a gob stream. What goes beyond the current message, or the payload, throws `FST_ERR_SCS_PAYLOAD`. */
export class GobReader {
  readonly #data: Buffer
  #at = 0
  /** Where the current message ends. */
  #end = 0

  constructor(data: Uint8Array) {
    this.#data = Buffer.isBuffer(data) ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  }

  get isAtEnd(): boolean {
    return this.#at === this.#end
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
    if (size > 8) throw new PayloadError('a number has too many bytes')
    const at = this.#skip(size)
    if (size <= 6) return this.#data.readUIntBE(at, size)
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
  small(signed: boolean): number {
    const value = signed ? this.int() : this.uint()
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
    const size = first < 128 ? 1 : 256 - first
    if (size > 8) throw new PayloadError('a number has too many bytes')
    BITS.fill(0)
    if (first < 128) BITS[7] = first
    else this.#data.copy(BITS, 8 - size, this.#skip(size), this.#at)
    return BITS.readDoubleLE(0)
  }

  /** A view of the bytes of a string, a byte slice or an encoded value. */
  raw(): Buffer {
    const size = this.size(1)
    const at = this.#skip(size)
    return this.#data.subarray(at, at + size)
  }

  /** A name: of a field or of a type. */
  name(): string {
    return this.raw().toString('utf8')
  }

  #byte(): number {
    return this.#data[this.#skip(1)] as number
  }

  #skip(size: number): number {
    const at = this.#at
    if (size > this.#end - at) throw new PayloadError('it ends too early')
    this.#at = at + size
    return at
  }
}
