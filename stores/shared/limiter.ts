/** The longest delay that setTimeout takes, in milliseconds. */
const MAX_TIMER = 2 ** 31 - 1

/** The delay for a timer that is to fire at a moment, as far as a timer can wait, and at once where that has passed. */
export function timerUntil(moment: number): number {
  return Math.min(Math.max(0, moment - Date.now()), MAX_TIMER)
}

/** Thrown instead of sending a command for which nobody waits any more. */
export class TooLate extends Error {
  override readonly message = 'the command was not sent: its time was up before its turn came'
}

/** Throws a {@link TooLate} when `until` has passed. */
export function checkTime(until: number): void {
  if (Date.now() >= until) throw new TooLate()
}

/** So many calls may leave the Set, beyond those that are in it, until it is made anew, so that what was in it dies young: see `RecencyMap`. */
const SLACK = 32

/** A call that waits for its turn. */
export interface Waiting {
  /** Called once, when its turn has come. Must not throw. */
  start(): void
}

/**
 * Limits concurrent calls to a driver, first come, first served. While a server is silent, a driver's own queue would keep calls for which nobody
 * waits any more; here they leave the queue when their time is up.
 */
export class Limiter {
  #waiting = new Set<Waiting>()
  /** How many have left the Set. */
  #left = 0
  readonly #done = () => this.leave()
  #free: number

  constructor(limit: number) {
    this.#free = limit
  }

  /** Starts `work` as soon as fewer than `limit` are running. Rejects with a {@link TooLate} when that is not before `until`. */
  run<T>(work: () => Promise<T>, until: number | undefined): Promise<T> {
    if (this.#free === 0) return this.#turn(until).then(() => this.#carryOut(work))
    this.#free--
    return this.#carryOut(work)
  }

  /** Starts a call as soon as fewer than `limit` are running. Whoever was started has to {@link leave}. */
  enter(call: Waiting): void {
    if (this.#free === 0) {
      this.#waiting.add(call)
      return
    }
    this.#free--
    call.start()
  }

  /** Takes a call that waits for its turn out of the queue. */
  withdraw(call: Waiting): void {
    if (!this.#waiting.delete(call)) return
    if (++this.#left <= this.#waiting.size + SLACK) return
    this.#waiting = new Set(this.#waiting)
    this.#left = 0
  }

  /** Starts the call that has waited longest. */
  leave(): void {
    for (const next of this.#waiting) {
      this.withdraw(next)
      next.start()
      return
    }
    this.#free++
  }

  /** Returns the driver's own promise: a second one for each command would cost more than all the rest of this. */
  #carryOut<T>(work: () => Promise<T>): Promise<T> {
    try {
      const answer = work()
      answer.then(this.#done, this.#done)
      return answer
    } catch (error) {
      this.leave()
      return Promise.reject(error)
    }
  }

  #turn(until: number | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const call = {
        start() {
          clearTimeout(timer)
          resolve()
        },
      }
      const giveUp = () => {
        this.withdraw(call)
        reject(new TooLate())
      }
      const timer = until === undefined ? undefined : setTimeout(giveUp, timerUntil(until))
      this.enter(call)
    })
  }
}
