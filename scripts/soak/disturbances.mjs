/** When the store blinked, and when samples were taken: what happens then says nothing about times, and a blink excuses a 503. */
export class Disturbances {
  #blinks = []
  #samples = []
  #settleMs

  /** `settleMs`: how long after a blink drivers connect again and queues empty. */
  constructor(settleMs) {
    this.#settleMs = settleMs
  }

  /** Notes what disturbs until the work is done. */
  async during(kind, work) {
    const span = { from: Date.now(), to: Number.POSITIVE_INFINITY }
    const spans = kind === 'blink' ? this.#blinks : this.#samples
    spans.push(span)
    // Requests that are older were answered long ago.
    if (spans.length > 20) spans.shift()
    try {
      return await work()
    } finally {
      span.to = Date.now() + (kind === 'blink' ? this.#settleMs : 20)
    }
  }

  blinked(from, to) {
    return meet(this.#blinks, from, to)
  }

  calm(from, to) {
    return !meet(this.#blinks, from, to) && !meet(this.#samples, from, to)
  }
}

const meet = (spans, from, to) => spans.some((span) => span.from <= to && span.to >= from)
