import { checkTime, Limiter, MAX_TIMER, TooLate } from '../shared/limiter.ts'

/** What is thrown when the time was up before the server had answered. */
export class NoAnswer extends Error {
  override readonly message = 'the server did not answer before the time was up'
}

/** Where the statements of a store are sent. */
export interface Connections<C> {
  /** Does a work with a connection that is free. Rejects at `until`, in epoch milliseconds, at the latest, whatever the driver does. */
  run<T>(work: (connection: C) => PromiseLike<T>, until: number): Promise<T>
  /** What the client cannot recover from with the options that it has; undefined when there is no such thing. */
  readonly warning: string | undefined
}

/** A pool of any driver. */
export interface DriverPool<C> {
  acquire(): PromiseLike<C>
  release(connection: C): void
  /** Closes a connection at once, whatever is under way on it. The pool opens another when it needs one. */
  destroy(connection: C): void
  /** The object that stays the same as long as the connection lives. */
  identity(connection: C): object
  /** Whether an error is one of the statement alone: after any other the connection may be broken. */
  isHarmless(error: unknown): boolean
}

type Work<C, T> = (connection: C) => PromiseLike<T>

/**
 * The connections of a pool. One that did not answer in time is destroyed, for it may have gone silent: no driver notices that. The others may have gone
 * silent with it, so whichever has not answered since is destroyed before it is used.
 */
export class PoolConnections<C> implements Connections<C> {
  readonly warning: string | undefined
  readonly #pool: DriverPool<C>
  readonly #limiter: Limiter
  /** Numbers the answers, from 1. */
  #answers = 0
  /** A connection whose last answer has this number or a lower one is not trusted. */
  #distrusted = 0
  readonly #lastAnswers = new WeakMap<object, number>()

  /** `size`: the most connections that the pool opens. */
  constructor(pool: DriverPool<C>, size: number, warning: string | undefined) {
    this.#pool = pool
    this.#limiter = new Limiter(size)
    this.warning = warning
  }

  /** A place is taken until the pool has answered, so that no more waits inside the pool than it has connections. */
  run<T>(work: Work<C, T>, until: number): Promise<T> {
    return limited(this.#limiter, (start) => this.#lend(work, until, start), until)
  }

  async #lend<T>(work: Work<C, T>, until: number, start: Start<T>): Promise<T> {
    const connection = await this.#trusted()
    const before = this.#answers
    try {
      const answer = await inTime(
        start(() => work(connection)),
        until,
        () => new NoAnswer(),
      )
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

  async #trusted(): Promise<C> {
    for (;;) {
      const connection = await this.#pool.acquire()
      const identity = this.#pool.identity(connection)
      // A new one has just answered.
      if (!this.#lastAnswers.has(identity)) this.#lastAnswers.set(identity, ++this.#answers)
      if (Number(this.#lastAnswers.get(identity)) > this.#distrusted) return connection
      this.#pool.destroy(connection)
    }
  }

  #release(connection: C): void {
    this.#lastAnswers.set(this.#pool.identity(connection), ++this.#answers)
    this.#pool.release(connection)
  }
}

/**
 * A single connection, which does one work at a time. One that has gone silent cannot be replaced from here: its place is taken until the driver answers,
 * and who waits for it is answered when their time is up.
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
    return limited(this.#limiter, (start) => start(() => work(this.#connection)), until)
  }
}

/** Starts a work, unless nobody waits for it any more. */
type Start<T> = (work: () => PromiseLike<T>) => Promise<T>

/** Does a work in its place. Who waits for it is answered at `until`, and told whether it was started. */
function limited<T>(limiter: Limiter, work: (start: Start<T>) => Promise<T>, until: number): Promise<T> {
  let started = false
  const start: Start<T> = async (work) => {
    checkTime(until)
    started = true
    return work()
  }
  const answer = limiter.run(() => work(start), until)
  return inTime(answer, until, () => (started ? new NoAnswer() : new TooLate()))
}

function inTime<T>(answer: PromiseLike<T>, until: number, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), Math.min(until - Date.now(), MAX_TIMER))
    const settle = (done: () => void) => {
      clearTimeout(timer)
      done()
    }
    answer.then(
      (value) => settle(() => resolve(value)),
      (error: unknown) => settle(() => reject(error)),
    )
  })
}
