import type { StoreEntry, StoreRecord } from '../../types/store.ts'
import { hashOf } from './recency-map.ts'

/** The bytes of a record: the lengths of its key and of its data, then both. The manager's take 142 with JsonCodec, and 278 with GobCodec, encrypted. */
const SLOT = 288
/** How many bytes the lengths have, and the longest that one can say. */
const [LENGTHS, LONGEST] = [2, 255]
/** How many records a part holds. The first is small, and none is so large that making it blocks the event loop. */
const [SMALLEST, LARGEST] = [1024, 16_384]
/** No record expires earlier; what is less, in the place of an expiry, says that a record was removed. */
const [EARLIEST, REMOVED] = [-Number.MAX_VALUE, Number.NEGATIVE_INFINITY]

/**
 * Records that come in the order in which they expire and are seldom looked for, as renewal records are: at most `limit`, then the first one goes. They
 * are bytes in a few large buffers. As objects in a Map they were a third of what a login cost, half of it in the garbage collector.
 */
export class RenewalLog {
  readonly #limit: number
  readonly #largest: number
  readonly #parts: Part[] = []
  #size = 0
  /** How many records the parts have room for. */
  #room = 0
  #latest = EARLIEST

  /** `limit` is a whole number of at least 1. */
  constructor(limit: number) {
    this.#limit = limit
    this.#largest = Math.min(LARGEST, Math.max(SMALLEST, 2 ** Math.ceil(Math.log2(limit))))
  }

  /** Adds a record under a key that is free. False when it cannot: for one that has an owner, is too long, expires never, or before an earlier one. */
  add({ key, record: { data, expiresAt, owner } }: StoreEntry): boolean {
    const fits = Math.max(key.length, data.length) <= LONGEST && LENGTHS + key.length + data.length <= SLOT && owner === undefined
    const latest = this.#size === 0 ? EARLIEST : this.#latest
    if (!fits || !(expiresAt >= latest && expiresAt < Number.POSITIVE_INFINITY)) return false
    if (this.#size === this.#limit) this.#removeFirst()
    this.#partWithRoom().add(key, hashOf(key), data, expiresAt)
    this.#latest = expiresAt
    this.#size++
    return true
  }

  /** The record under a key, expired or not. */
  find(key: string): StoreRecord | undefined {
    const hash = hashOf(key)
    for (const part of this.#parts) {
      const index = part.indexOf(key, hash)
      if (index !== undefined) return part.recordAt(index)
    }
    return undefined
  }

  /** Removes the record under a key, if there is one. */
  remove(key: string): void {
    const hash = hashOf(key)
    for (const part of this.#parts) {
      const index = part.indexOf(key, hash)
      if (index === undefined) continue
      part.remove(index)
      this.#size--
    }
  }

  /** Removes up to `limit` expired records, and returns how many. */
  deleteExpired(limit: number, clock: () => number): number {
    for (let removed = 0; removed < limit; removed++) {
      const first = this.#firstPart()?.firstExpiry()
      if (first === undefined || first > clock()) return removed
      this.#removeFirst()
    }
    return limit
  }

  #removeFirst(): void {
    this.#firstPart()?.removeFirst()
    this.#size--
  }

  /** The part with the first record. Parts before it are dropped, but for one that has room. */
  #firstPart(): Part | undefined {
    for (;;) {
      const [part] = this.#parts
      if (part !== undefined && part.size > 0) return part
      if (part === undefined || (this.#parts.length === 1 && !part.isFull)) return undefined
      this.#drop(part)
    }
  }

  /** Drops the first part. */
  #drop({ size, capacity }: Part): void {
    this.#parts.shift()
    this.#size -= size
    this.#room -= capacity
  }

  #partWithRoom(): Part {
    const first = this.#firstPart()
    const last = this.#parts.at(-1)
    if (last !== undefined && !last.isFull) return last
    // There may be many parts of hardly any records, behind a first one that stays.
    if (first !== undefined && this.#room >= 2 * Math.max(this.#limit, SMALLEST)) this.#drop(first)
    const part = new Part(last === undefined ? SMALLEST : Math.min(this.#largest, 4 * last.capacity))
    this.#parts.push(part)
    this.#room += part.capacity
    return part
  }
}

/** So many records, and a hash table of them, two numbers a place: the index of a record plus one, or 0 for none, and the hash of its key. */
class Part {
  readonly capacity: number
  /** How many records came and were not removed. */
  size = 0
  readonly #bytes: Buffer
  readonly #expiries: Float64Array
  readonly #table: Int32Array
  #first = 0
  #end = 0

  /** `capacity` is a power of two. */
  constructor(capacity: number) {
    this.capacity = capacity
    this.#bytes = Buffer.allocUnsafeSlow(capacity * SLOT)
    this.#expiries = new Float64Array(capacity)
    this.#table = new Int32Array(4 * capacity)
  }

  get isFull(): boolean {
    return this.#end === this.capacity
  }

  /** When the first record expires. Like `removeFirst`, not for an empty part. */
  firstExpiry(): number {
    return this.#expiries[this.#toFirst()] as number
  }

  removeFirst(): void {
    this.remove(this.#toFirst())
  }

  add(key: string, hash: number, data: Uint8Array, expiresAt: number): void {
    const index = this.#end++
    const at = index * SLOT
    this.#bytes[at] = key.length
    this.#bytes[at + 1] = data.length
    this.#bytes.write(key, at + LENGTHS, 'latin1')
    this.#bytes.set(data, at + LENGTHS + key.length)
    this.#expiries[index] = expiresAt
    this.size++
    let place = this.#placeOf(hash)
    while (this.#table[place] !== 0) place = this.#after(place)
    this.#table[place] = index + 1
    this.#table[place + 1] = hash
  }

  indexOf(key: string, hash: number): number | undefined {
    let place = this.#placeOf(hash)
    while (this.#table[place] !== 0) {
      const index = (this.#table[place] as number) - 1
      if (this.#table[place + 1] === hash && this.#expiries[index] !== REMOVED && this.#keyAt(index) === key) return index
      place = this.#after(place)
    }
    return undefined
  }

  recordAt(index: number): StoreRecord {
    const at = index * SLOT
    const start = at + LENGTHS + (this.#bytes[at] as number)
    const data = Buffer.from(this.#bytes.subarray(start, start + (this.#bytes[at + 1] as number)))
    return { data, expiresAt: this.#expiries[index] as number }
  }

  /** Its place in the table stays taken: the way to another record may lead over it. */
  remove(index: number): void {
    this.#expiries[index] = REMOVED
    this.size--
  }

  /** The index of the first record that is still there. */
  #toFirst(): number {
    while (this.#expiries[this.#first] === REMOVED) this.#first++
    return this.#first
  }

  #keyAt(index: number): string {
    const at = index * SLOT
    return this.#bytes.toString('latin1', at + LENGTHS, at + LENGTHS + (this.#bytes[at] as number))
  }

  #placeOf(hash: number): number {
    return 2 * (hash & (2 * this.capacity - 1))
  }

  #after(place: number): number {
    return (place + 2) & (this.#table.length - 1)
  }
}
