/** The longest delay that setTimeout takes, in milliseconds. */
export const MAX_TIMER = 2 ** 31 - 1

/** Thrown instead of sending a command for which nobody waits any more. */
export class TooLate extends Error {
  override readonly message = 'the command was not sent: its time was up before its turn came'
}

/** Throws a {@link TooLate} when `until` has passed. */
export function checkTime(until: number): void {
  if (Date.now() >= until) throw new TooLate()
}

/**
 * Limits concurrent calls to a driver, first come, first served. While a server is silent, a driver's own queue would keep calls for which nobody
 * waits any more; here they leave the queue when their time is up.
 */
export class Limiter {
  readonly #waiting = new Set<() => void>()
  #free: number

  constructor(limit: number) {
    this.#free = limit
  }

  /** Starts `work` as soon as fewer than `limit` are running. Rejects with a {@link TooLate} when that is not before `until`. */
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

  /** Starts the call that has waited longest. */
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
