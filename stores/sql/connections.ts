import type { EventEmitter } from 'node:events'
import { checkTime, Limiter, TooLate, timerUntil } from '../shared/limiter.ts'

/** Thrown when the time was up before the server answered. */
export class NoAnswer extends Error {
  override readonly message = 'the server did not answer before the time was up'
}

/** The connections over which a store sends its statements. */
export interface Connections<C> {
  /** Calls `work` with a free connection. Rejects at `until` (epoch milliseconds) at the latest, whatever the driver does. */
  run<T>(work: (connection: C) => PromiseLike<T>, until: number): Promise<T>
  /** A warning about a failure from which the client cannot recover as it is configured, if there is one. */
  readonly warning: string | undefined
}

/** A pool of any driver. */
export interface DriverPool<C> {
  acquire(): PromiseLike<C>
  release(connection: C): void
  /** Closes a connection at once, even in the middle of a statement. The pool opens another when it needs one. */
  destroy(connection: C): void
  /** The object that stays the same as long as the connection is open. */
  identity(connection: C): object
  /** Whether an error concerns the statement alone. After any other error the connection may be broken. */
  isHarmless(error: unknown): boolean
}

type Work<C, T> = (connection: C) => PromiseLike<T>

/**
 * The connections of a pool. A connection that did not answer in time is destroyed: it may have gone silent, which no driver notices. The others may
 * have gone silent at the same time, so one that has not answered since is destroyed before it is used again.
 */
export class PoolConnections<C> implements Connections<C> {
  readonly warning: string | undefined
  readonly #pool: DriverPool<C>
  readonly #limiter: Limiter
  /** How many answers there have been; each answer is numbered by it. */
  #answers = 0
  /** A connection whose last answer has at most this number is not trusted. */
  #distrusted = 0
  readonly #lastAnswers = new WeakMap<object, number>()

  /** `size`: how many connections the pool opens at most. */
  constructor(pool: DriverPool<C>, size: number, warning: string | undefined) {
    this.#pool = pool
    this.#limiter = new Limiter(size)
    this.warning = warning
  }

  /** At most as many calls as the pool has connections are inside the pool, so none waits there. */
  run<T>(work: Work<C, T>, until: number): Promise<T> {
    return limited(this.#limiter, until, (start) => this.#lend(work, start))
  }

  async #lend<T>(work: Work<C, T>, start: Start<T>): Promise<T> {
    let connection = await this.#pool.acquire()
    while (!this.#trusts(connection)) {
      this.#pool.destroy(connection)
      connection = await this.#pool.acquire()
    }
    const before = this.#answers
    try {
      const answer = await new Promise<T>((resolve, reject) => start(() => work(connection), reject).then(resolve, reject))
      this.#release(connection)
      return answer
    } catch (error) {
      if (error instanceof TooLate) this.#pool.release(connection)
      else if (this.#pool.isHarmless(error)) this.#release(connection)
      else this.#pool.destroy(connection)
      if (error instanceof NoAnswer) this.#distrusted = Math.max(this.#distrusted, before)
      throw error
    }
  }

  #trusts(connection: C): boolean {
    const identity = this.#pool.identity(connection)
    const last = this.#lastAnswers.get(identity)
    // A new connection has just answered, to its login.
    if (last === undefined) this.#lastAnswers.set(identity, ++this.#answers)
    return last === undefined || last > this.#distrusted
  }

  #release(connection: C): void {
    this.#lastAnswers.set(this.#pool.identity(connection), ++this.#answers)
    this.#pool.release(connection)
  }
}

/**
 * A single connection, which runs one statement at a time. It cannot be replaced when it goes silent: until the driver answers, every call waits and
 * rejects when its time is up.
 */
export class SingleConnection<C> implements Connections<C> {
  readonly warning: string
  readonly #connection: C
  readonly #limiter = new Limiter(1)

  constructor(connection: C, warning: string) {
    this.#connection = connection
    this.warning = warning
  }

  run<T>(work: Work<C, T>, until: number): Promise<T> {
    return limited(this.#limiter, until, async (start) => start(() => work(this.#connection), ignore))
  }
}

const ignore = () => {}

/** A pool or a client emits 'error' when an idle connection is lost; without a listener that would end the process. */
export function outliveErrors(given: object): void {
  const emitter = given as EventEmitter
  if (emitter.listenerCount?.('error') === 0) emitter.on('error', ignore)
}

/** Starts `work`, and calls `giveUp` when it is late. Throws a {@link TooLate} when its time is up already. */
type Start<T> = (work: () => PromiseLike<T>, giveUp: (error: Error) => void) => PromiseLike<T>

/**
 * Calls `carryOut` within the limit. Rejects at `until` at the latest, with an error that says whether the work was started. One timer is enough for
 * whatever a call waits for: its turn, a connection, the answer.
 */
function limited<T>(limiter: Limiter, until: number, carryOut: (start: Start<T>) => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    let stop: ((error: Error) => void) | undefined
    let isOver = false
    const start: Start<T> = (work, giveUp) => {
      // Timers and the clock may differ: whoever was told that nothing was sent must be right.
      if (isOver) throw new TooLate()
      checkTime(until)
      stop = giveUp
      return work()
    }
    const end = () => {
      clearTimeout(timer)
      limiter.leave()
    }
    const call = {
      start() {
        carryOut(start).then(
          (value) => {
            end()
            resolve(value)
          },
          (error: unknown) => {
            end()
            reject(error)
          },
        )
      },
    }
    const giveUp = () => {
      const error = stop === undefined ? new TooLate() : new NoAnswer()
      isOver = true
      limiter.withdraw(call)
      reject(error)
      stop?.(error)
    }
    const timer = setTimeout(giveUp, timerUntil(until))
    limiter.enter(call)
  })
}
