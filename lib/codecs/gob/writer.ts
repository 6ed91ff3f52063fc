/** The bits of a number, while they are turned round. */
const BITS = Buffer.alloc(8)
/** Shorter strings are written here as long as they are ASCII, which takes less time than to measure them first. */
const SHORT = 48

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
    if (value < 128) this.#byte(Number(value))
    else if (typeof value === 'bigint' || value >= 2 ** 48) {
      BITS.writeBigUInt64BE(BigInt(value), 0)
      this.#digits()
    } else {
      const size = byteCount(value)
      this.#byte(256 - size)
      const at = this.#room(size)
      this.#data.writeUIntBE(value, at, size)
    }
  }

  int(value: number | bigint): void {
    if (typeof value === 'number' && Math.abs(value) < 2 ** 51) this.uint(value < 0 ? -2 * value - 1 : 2 * value)
    else {
      const wide = BigInt(value)
      this.uint(wide < 0n ? (~wide << 1n) | 1n : wide << 1n)
    }
  }

  float(value: number): void {
    BITS.writeDoubleLE(value, 0)
    this.#digits()
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
    if (text.length < SHORT && this.#ascii(text)) return
    const size = Buffer.byteLength(text)
    this.uint(size)
    const at = this.#room(size)
    this.#data.write(text, at, size, 'utf8')
  }

  /** Begins something that has its length in front. Returns where, for {@link GobWriter.end}. */
  begin(): number {
    return this.#room(1)
  }

  /** Writes the length of what was written since `begin`; should it take more than the one byte, that moves. */
  end(start: number): void {
    const size = this.#size - start - 1
    if (size < 128) {
      this.#data[start] = size
      return
    }
    const more = byteCount(size)
    this.#room(more)
    this.#data.copyWithin(start + 1 + more, start + 1, start + 1 + size)
    this.#data[start] = 256 - more
    this.#data.writeUIntBE(size, start + 1, more)
  }

  /** Writes a string that is ASCII, or nothing of another. */
  #ascii(text: string): boolean {
    const start = this.#room(text.length + 1)
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code > 127) {
        this.#size = start
        return false
      }
      this.#data[start + 1 + i] = code
    }
    this.#data[start] = text.length
    return true
  }

  /** Writes the eight bytes as an unsigned integer. */
  #digits(): void {
    let from = 0
    while (from < 7 && BITS[from] === 0) from++
    const last = BITS[7] as number
    if (from < 7 || last > 127) {
      this.#byte(256 - (8 - from))
      for (; from < 7; from++) this.#byte(BITS[from] as number)
    }
    this.#byte(last)
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
      const larger = Buffer.allocUnsafe(2 * this.#size)
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
