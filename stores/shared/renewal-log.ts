import type { StoreEntry, StoreRecord } from '../../types/store.ts'
import { hashOf } from './recency-map.ts'

/** The bytes of a record: the lengths of its key and of its data, then both. The manager's have 43 and about 100. */
const SLOT = 192
const LENGTHS = 2
/** How many records a part holds. The first is small, and none is so large that making it blocks the event loop. */
const [SMALLEST, LARGEST] = [1024, 65_536]
/** No record expires earlier than this. */
const EARLIEST = -Number.MAX_VALUE
/** In the place of an expiry. */
const TAKEN = Number.NEGATIVE_INFINITY

/**
 * Records that come in the order in which they expire and are seldom looked for, as renewal records are: at most `limit` of them, then the first one goes.
 * They are bytes in a few large buffers. As objects in a Map they were a third of what a login cost, half of it in the garbage collector.
 */
export class RenewalLog {
  readonly #limit: number
  readonly #parts: Part[] = []
  #size = 0
  #latest = EARLIEST

  /** `limit` is a whole number of at least 1. */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** Adds a record under a key that is free. False when it cannot: for one that has an owner, is too long, or expires before another one. */
  add({ key, record: { data, expiresAt, owner } }: StoreEntry): boolean {
    const fits = LENGTHS + key.length + data.length <= SLOT
    if (!fits || owner !== undefined || !(expiresAt >= this.#latest)) return false
    if (this.#size === this.#limit) this.#removeFirst()
    this.#partWithRoom().add(key, hashOf(key), data, expiresAt)
    this.#latest = expiresAt
    this.#size++
    return true
  }

  /** The record under a key, expired or not. */
  find(key: string): StoreRecord | undefined {
    return this.#locate(key, false)
  }

  /** Removes the record under a key, and returns it. */
  take(key: string): StoreRecord | undefined {
    return this.#locate(key, true)
  }

  /** Removes up to `limit` expired records, and returns how many. */
  deleteExpired(limit: number, clock: () => number): number {
    for (let removed = 0; removed < limit; removed++) {
      const first = this.#firstPart()?.firstExpiry
      if (first === undefined || first > clock()) return removed
      this.#removeFirst()
    }
    return limit
  }

  #removeFirst(): void {
    this.#firstPart()?.removeFirst()
    this.#size--
  }

  /** The part with the first record. Those before it are dropped. */
  #firstPart(): Part | undefined {
    while (this.#parts[0]?.isEmpty === true) this.#parts.shift()
    const [part] = this.#parts
    if (part === undefined) this.#latest = EARLIEST
    return part
  }

  #partWithRoom(): Part {
    const last = this.#parts.at(-1)
    if (last !== undefined && !last.isFull) return last
    const wanted = 4 ** Math.ceil(Math.log2(this.#size + 1) / 2)
    const part = new Part(Math.min(LARGEST, Math.max(SMALLEST, wanted)))
    this.#parts.push(part)
    return part
  }

  #locate(key: string, takes: boolean): StoreRecord | undefined {
    if (this.#size === 0) return undefined
    const hash = hashOf(key)
    for (const part of this.#parts) {
      const index = part.indexOf(key, hash)
      if (index === undefined) continue
      const record = part.recordAt(index)
      if (takes) {
        part.take(index)
        this.#size--
      }
      return record
    }
    return undefined
  }
}

/** So many records, and a hash table of them, two numbers a place: the index of a record plus one, or 0 for none, and the hash of its key. */
class Part {
  readonly #capacity: number
  readonly #bytes: Buffer
  readonly #expiries: Float64Array
  readonly #table: Int32Array
  #first = 0
  #end = 0

  /** `capacity` is a power of two. */
  constructor(capacity: number) {
    this.#capacity = capacity
    this.#bytes = Buffer.allocUnsafeSlow(capacity * SLOT)
    this.#expiries = new Float64Array(capacity)
    this.#table = new Int32Array(4 * capacity)
  }

  get isFull(): boolean {
    return this.#end === this.#capacity
  }

  /** Whether all records that came are gone again. */
  get isEmpty(): boolean {
    while (this.#first < this.#end && this.#expiries[this.#first] === TAKEN) this.#first++
    return this.#first === this.#end
  }

  /** When the first record expires, in a part that is not empty and was asked. */
  get firstExpiry(): number | undefined {
    return this.#expiries[this.#first]
  }

  removeFirst(): void {
    this.take(this.#first)
  }

  add(key: string, hash: number, data: Uint8Array, expiresAt: number): void {
    const index = this.#end++
    const at = index * SLOT
    this.#bytes[at] = key.length
    this.#bytes[at + 1] = data.length
    this.#bytes.write(key, at + LENGTHS, 'latin1')
    this.#bytes.set(data, at + LENGTHS + key.length)
    this.#expiries[index] = expiresAt
    let place = this.#placeOf(hash)
    while (this.#table[place] !== 0) place = this.#after(place)
    this.#table[place] = index + 1
    this.#table[place + 1] = hash
  }

  indexOf(key: string, hash: number): number | undefined {
    for (let place = this.#placeOf(hash); ; place = this.#after(place)) {
      const index = (this.#table[place] as number) - 1
      if (index < 0) return undefined
      if (this.#table[place + 1] === hash && this.#expiries[index] !== TAKEN && this.#keyAt(index) === key) return index
    }
  }

  recordAt(index: number): StoreRecord {
    const at = index * SLOT
    const start = at + LENGTHS + (this.#bytes[at] as number)
    const data = Buffer.from(this.#bytes.subarray(start, start + (this.#bytes[at + 1] as number)))
    return { data, expiresAt: this.#expiries[index] as number }
  }

  /** The record is no longer there. Its place in the table stays taken: the way to another one may lead over it. */
  take(index: number): void {
    this.#expiries[index] = TAKEN
  }

  #keyAt(index: number): string {
    const at = index * SLOT
    return this.#bytes.toString('latin1', at + LENGTHS, at + LENGTHS + (this.#bytes[at] as number))
  }

  #placeOf(hash: number): number {
    return 2 * (hash & (2 * this.#capacity - 1))
  }

  #after(place: number): number {
    return (place + 2) & (this.#table.length - 1)
  }
}
