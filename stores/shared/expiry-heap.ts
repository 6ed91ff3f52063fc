/** An item of the heap. */
export interface Expiring {
  expiresAt: number
  /** Its index in the heap. Set by the heap alone. */
  index: number
}

/** The items in a part, as a power of two. */
const PART = 12
const MASK = 2 ** PART - 1

/**
 * A binary heap with the soonest expiry on top: expired items are found without looking at the others. Any item can be removed. The heap is
 * an array of small arrays, because one array of a million items blocks the event loop when it grows.
 */
export class ExpiryHeap<T extends Expiring> {
  readonly #parts: T[][] = []
  #size = 0

  /** The item that expires first. */
  get first(): T | undefined {
    return this.#at(0)
  }

  add(item: T): void {
    if ((this.#size & MASK) === 0) this.#parts.push([])
    item.index = this.#size++
    this.#parts.at(-1)?.push(item)
    this.#rise(item)
  }

  remove(item: T): void {
    const last = this.#pop()
    if (last === undefined || last === item) return
    this.#set(last, item.index)
    this.moved(last)
  }

  /** Must be called after an item's expiry has changed. */
  moved(item: T): void {
    this.#rise(item)
    this.#sink(item)
  }

  #rise(item: T): void {
    while (item.index > 0) {
      const parent = this.#at((item.index - 1) >> 1)
      if (parent === undefined || parent.expiresAt <= item.expiresAt) return
      this.#swap(item, parent)
    }
  }

  #sink(item: T): void {
    for (;;) {
      const child = this.#sooner(2 * item.index + 1)
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
    const index = a.index
    this.#set(a, b.index)
    this.#set(b, index)
  }

  #set(item: T, index: number): void {
    item.index = index
    const part = this.#parts[index >> PART]
    if (part !== undefined) part[index & MASK] = item
  }

  #at(index: number): T | undefined {
    return this.#parts[index >> PART]?.[index & MASK]
  }

  #pop(): T | undefined {
    const last = this.#parts.at(-1)?.pop()
    if (last !== undefined && (--this.#size & MASK) === 0) this.#parts.pop()
    return last
  }
}
