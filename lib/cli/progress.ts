import type { Terminal } from './terminal.ts'

const EVERY_MS = 200

const grouped = (count: number) => count.toLocaleString('en-US')

/** How far a long work is, with its rate: on standard error, and only where that is a terminal. */
export class Progress {
  readonly #terminal: Terminal
  readonly #did: string
  readonly #clock: () => number
  readonly #startedAt: number
  #shownAt: number
  #count = 0

  /** `did`: what was done to each session, for example `'carried'`. */
  constructor(terminal: Terminal, did: string, clock: () => number = Date.now) {
    this.#terminal = terminal
    this.#did = did
    this.#clock = clock
    this.#startedAt = clock()
    this.#shownAt = this.#startedAt
  }

  add(count = 1): void {
    this.#count += count
    const now = this.#clock()
    if (!this.#terminal.showsProgress || now - this.#shownAt < EVERY_MS) return
    this.#shownAt = now
    const rate = Math.round((this.#count * 1000) / (now - this.#startedAt))
    this.#terminal.say(`\r\u001b[K${grouped(this.#count)} sessions ${this.#did}, ${grouped(rate)} a second`)
  }

  /** Takes the line away. */
  end(): void {
    if (this.#shownAt !== this.#startedAt) this.#terminal.say('\r\u001b[K')
  }
}
