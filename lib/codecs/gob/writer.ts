/** The bits of a float, while they are turned round. */
const BITS = Buffer.alloc(8)

/** Writes the parts of a gob stream into a buffer that grows. */
export class GobWriter {
  #data: Buffer
  #size = 0

  constructor(size: number) {
    this.#data = Buffer.allocUnsafe(size)
  }

  /** A view of what was written. */
  get bytes(): Buffer {
    return this.#data.subarray(0, this.#size)
  }

  uint(value: number | bigint): void {
    if (typeof value === 'bigint') this.#wide(value)
    else if (value < 128) this.#byte(value)
    else {
      const size = byteCount(value)
      this.#byte(256 - size)
      const at = this.#room(size)
      // A safe integer may have seven bytes, one more than writeUIntBE takes.
      if (size === 7) this.#data[at] = value / 2 ** 48
      const rest = Math.min(size, 6)
      this.#data.writeUIntBE(value % 2 ** 48, at + size - rest, rest)
    }
  }

  int(value: number | bigint): void {
    if (typeof value === 'number' && Math.abs(value) < 2 ** 51) this.uint(value < 0 ? -2 * value - 1 : 2 * value)
    else {
      const wide = BigInt(value)
      this.#wide(wide < 0n ? (~wide << 1n) | 1n : wide << 1n)
    }
  }

  float(value: number): void {
    BITS.writeDoubleLE(value, 0)
    let from = 0
    while (from < 7 && BITS[from] === 0) from++
    this.#digits(from)
  }

  raw(bytes: Uint8Array): void {
    this.uint(bytes.length)
    this.append(bytes)
  }

  append(bytes: Uint8Array): void {
    const at = this.#room(bytes.length)
    this.#data.set(bytes, at)
  }

  text(text: string): void {
    const size = Buffer.byteLength(text)
    this.uint(size)
    const at = this.#room(size)
    this.#data.write(text, at, size, 'utf8')
  }

  /** Where something begins that gets its length in front of it: see {@link GobWriter.end}. */
  begin(): number {
    return this.#size
  }

  /** Puts the length in front of what was written since `start`. How many bytes it takes was not known before. */
  end(start: number): void {
    const size = this.#size - start
    this.uint(size)
    const head = Buffer.from(this.#data.subarray(start + size, this.#size))
    this.#data.copyWithin(start + head.length, start, start + size)
    this.#data.set(head, start)
  }

  #wide(value: bigint): void {
    if (value < 128n) {
      this.#byte(Number(value))
      return
    }
    BITS.writeBigUInt64BE(value, 0)
    let from = 0
    while (BITS[from] === 0) from++
    this.#byte(256 - (8 - from))
    this.append(BITS.subarray(from))
  }

  /** The last of the eight bytes, as an unsigned integer. */
  #digits(from: number): void {
    const last = BITS[7] as number
    if (from === 7 && last < 128) this.#byte(last)
    else {
      this.#byte(256 - (8 - from))
      this.append(BITS.subarray(from))
    }
  }

  #byte(value: number): void {
    // Making room may replace the buffer, so it comes first.
    const at = this.#room(1)
    this.#data[at] = value
  }

  /** Makes room for so many bytes, and returns where it begins. */
  #room(size: number): number {
    const at = this.#size
    this.#size += size
    if (this.#size > this.#data.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#size, 2 * this.#data.length))
      this.#data.copy(larger, 0, 0, at)
      this.#data = larger
    }
    return at
  }
}

function byteCount(value: number): number {
  let size = 1
  for (let rest = value; rest >= 256; rest = Math.floor(rest / 256)) size++
  return size
}
