/** Something that expires, and knows its place in the heap. */
export interface Expiring {
  expiresAt: number
  /** Its index in the heap; kept by the heap. */
  place: number
}

/** A binary heap, soonest expiry on top, from which anything can be taken out: what has expired is found without a look at the living. */
export class ExpiryHeap<T extends Expiring> {
  readonly #items: T[] = []

  /** What expires first. */
  get first(): T | undefined {
    return this.#items[0]
  }

  add(item: T): void {
    item.place = this.#items.length
    this.#items.push(item)
    this.#rise(item)
  }

  remove(item: T): void {
    const last = this.#items.pop()
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
      const parent = this.#items[(item.place - 1) >> 1]
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
    const a = this.#items[left]
    const b = this.#items[left + 1]
    return a !== undefined && b !== undefined && b.expiresAt < a.expiresAt ? b : a
  }

  #swap(a: T, b: T): void {
    const place = a.place
    this.#set(a, b.place)
    this.#set(b, place)
  }

  #set(item: T, place: number): void {
    item.place = place
    this.#items[place] = item
  }
}
