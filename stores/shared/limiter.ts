/** The longest delay that setTimeout takes, in milliseconds. */
export const MAX_TIMER = 2 ** 31 - 1

/** What is thrown instead of sending a command that nobody waits for any more. */
export class TooLate extends Error {
  override readonly message = 'the command was not sent: its turn had not come before its time was up'
}

/** Throws when nobody waits any more for what is about to be sent. */
export function checkTime(until: number): void {
  if (Date.now() >= until) throw new TooLate()
}

/**
 * Limits concurrent calls to a driver, first come, first served. A driver's own queue keeps calls that nobody waits for any more for as long as the
 * server is silent; from this one they leave when their time is up.
 */
export class Limiter {
  readonly #waiting = new Set<() => void>()
  #free: number

  constructor(most: number) {
    this.#free = most
  }

  /** Does a work when there is a place. Rejects when there was none by `until`. */
  async run<T>(work: () => PromiseLike<T>, until: number | undefined): Promise<T> {
    if (this.#free > 0) this.#free--
    else await this.#turn(until)
    try {
      return await work()
    } finally {
      this.#leave()
    }
  }

  #turn(until: number | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const enter = () => {
        clearTimeout(timer)
        resolve()
      }
      const giveUp = () => {
        this.#waiting.delete(enter)
        reject(new TooLate())
      }
      const timer = until === undefined ? undefined : setTimeout(giveUp, Math.min(until - Date.now(), MAX_TIMER))
      this.#waiting.add(enter)
    })
  }

  /** The place goes to who waits longest. */
  #leave(): void {
    const [next] = this.#waiting
    if (next === undefined) {
      this.#free++
      return
    }
    this.#waiting.delete(next)
    next()
  }
}
