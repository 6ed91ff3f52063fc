import { setImmediate as nextTurn } from 'node:timers/promises'
import type { SessionLogger } from '../../types/options.ts'

/** How many records one call may remove, unless the store says otherwise: few enough not to slow down a database. */
const BATCH = 1000

/** Removes up to `limit` expired records and returns how many. */
type Clean = (limit: number) => PromiseLike<number> | number

/** Calls a store's clean-up at intervals, one call at a time. Its timer does not keep the process alive. */
export class Cleaner {
  readonly #clean: Clean
  readonly #interval: number
  readonly #log: SessionLogger
  readonly #batch: number
  #timer: NodeJS.Timeout | undefined
  #stopped = false

  constructor(clean: Clean, interval: number, log: SessionLogger, batch: number = BATCH) {
    this.#clean = clean
    this.#interval = interval
    this.#log = log
    this.#batch = batch
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
      while (!this.#stopped && (await this.#clean(this.#batch)) === this.#batch) await nextTurn()
    } catch (err) {
      this.#log.warn({ err }, 'expired sessions could not be removed; the next clean-up tries again')
    }
    if (!this.#stopped) this.start()
  }
}
