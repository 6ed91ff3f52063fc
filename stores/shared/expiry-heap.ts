/** Something that expires, and knows its place in the heap. */
export interface Expiring {
  expiresAt: number
  /** Its index in the heap; kept by the heap. */
  place: number
}

/** How many items a part holds, as a power of two. */
const PART = 12
const MASK = 2 ** PART - 1

/**
 * A binary heap, soonest expiry on top, from which anything can be taken out: what has expired is found without a look at the living. It is kept
 * in parts, for an array of a million items halts the process when it grows.
 */
export class ExpiryHeap<T extends Expiring> {
  readonly #parts: T[][] = []
  #size = 0

  /** What expires first. */
  get first(): T | undefined {
    return this.#at(0)
  }

  add(item: T): void {
    if ((this.#size & MASK) === 0) this.#parts.push([])
    item.place = this.#size++
    this.#parts.at(-1)?.push(item)
    this.#rise(item)
  }

  remove(item: T): void {
    const last = this.#pop()
    if (last === undefined || last === item) return
    this.#set(last, item.place)
    this.moved(last)
  }

  /** To be called when an item's expiry has changed. */
  moved(item: T): void {
    this.#rise(item)
    this.#sink(item)
  }

  #rise(item: T): void {
    while (item.place > 0) {
      const parent = this.#at((item.place - 1) >> 1)
      if (parent === undefined || parent.expiresAt <= item.expiresAt) return
      this.#swap(item, parent)
    }
  }

  #sink(item: T): void {
    for (;;) {
      const child = this.#sooner(2 * item.place + 1)
      if (child === undefined || child.expiresAt >= item.expiresAt) return
      this.#swap(item, child)
    }
  }

  #sooner(left: number): T | undefined {
    const a = this.#at(left)
    const b = this.#at(left + 1)
    return a !== undefined && b !== undefined && b.expiresAt < a.expiresAt ? b : a
  }

  #swap(a: T, b: T): void {
    const place = a.place
    this.#set(a, b.place)
    this.#set(b, place)
  }

  #set(item: T, place: number): void {
    item.place = place
    const part = this.#parts[place >> PART]
    if (part !== undefined) part[place & MASK] = item
  }

  #at(place: number): T | undefined {
    return this.#parts[place >> PART]?.[place & MASK]
  }

  #pop(): T | undefined {
    const last = this.#parts.at(-1)?.pop()
    if (last !== undefined && (--this.#size & MASK) === 0) this.#parts.pop()
    return last
  }
}
