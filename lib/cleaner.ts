import { setImmediate as nextTurn } from 'node:timers/promises'
import type { SessionLogger } from '../types/options.ts'

/** How many records one call may remove: a batch that no database minds, and a pause of a store in memory that nobody notices. */
const BATCH = 1000

/** Calls a store's clean-up from time to time, never twice at once, and never so that it keeps the process alive. */
export class Cleaner {
  readonly #clean: (limit: number) => PromiseLike<number> | number
  readonly #interval: number
  readonly #log: SessionLogger
  #timer: NodeJS.Timeout | undefined
  #stopped = false

  constructor(clean: (limit: number) => PromiseLike<number> | number, interval: number, log: SessionLogger) {
    this.#clean = clean
    this.#interval = interval
    this.#log = log
  }

  /** The first run comes after one interval, give or take a quarter, so that processes started together do not clean together. */
  start(): void {
    const wait = this.#interval * (0.75 + Math.random() / 2)
    this.#timer = setTimeout(() => void this.#run(), Math.min(wait, 2 ** 31 - 1)).unref()
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }

  async #run(): Promise<void> {
    try {
      while (!this.#stopped && (await this.#clean(BATCH)) === BATCH) await nextTurn()
    } catch (err) {
      this.#log.warn({ err }, 'expired sessions could not be removed; the next clean-up tries again')
    }
    if (!this.#stopped) this.start()
  }
}
