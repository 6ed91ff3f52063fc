import type { Connection } from './connection.ts'
import { backoff, isBusy, LOCK_TIMEOUT, LockedError } from './errors.ts'

interface Job {
  readonly until: number | undefined
  /** Called within a transaction. What it returns is called once the transaction is on the disk. */
  readonly work: () => () => void
  readonly reject: (error: unknown) => void
}

/** How many writes share a transaction at most: it blocks the event loop. */
const MAX_TOGETHER = 100

/**
 * Writes in batches: all writes of one turn of the event loop share a transaction, and so one wait for the disk. While another process has the lock,
 * they wait here and not in SQLite, which would block the event loop, and leave the queue when their time is up.
 */
export class Writer {
  readonly #connection: Connection
  readonly #writing = new Set<Promise<unknown>>()
  #queue: Job[] = []
  #isScheduled = false
  /** How often the lock was taken since the last write or since the queue was empty, and SQLite's latest error about it. */
  #tries = 0
  #busy: unknown
  /** Until when jobs without `until` wait for the lock. */
  #giveUpAt = Number.POSITIVE_INFINITY
  /** How many jobs of the queue are written one by one, because one of them made their transaction fail. */
  #oneByOne = 0

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /**
   * What `change` returns, once it is on the disk. Rejects with the driver's error when that failed, and with a LockedError when its turn does not come
   * before `until`. Default: when the database has been locked for 5 seconds. `change` is called again after a transaction that was rolled back.
   */
  write<T>(change: () => T, until: number | undefined): Promise<T> {
    const writing = new Promise<T>((resolve, reject) => {
      const work = () => {
        const answer = change()
        return () => resolve(answer)
      }
      this.#queue.push({ until, work, reject })
      this.#schedule()
    })
    const settle = () => this.#writing.delete(writing)
    this.#writing.add(writing)
    writing.then(settle, settle)
    return writing
  }

  /** Resolves when all writes that were begun have ended. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#writing)
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    if (this.#tries === 0) setImmediate(() => this.#turn())
    else setTimeout(() => this.#turn(), backoff(this.#tries))
  }

  #turn(): void {
    this.#isScheduled = false
    this.#refuseLate()
    if (this.#queue.length > 0) this.#writeSome()
    // Who comes next has five seconds of their own.
    else this.#leave([])
    if (this.#queue.length > 0) this.#schedule()
  }

  #writeSome(): void {
    const batch = this.#queue.slice(0, this.#oneByOne > 0 ? 1 : MAX_TOGETHER)
    try {
      const done = this.#connection.transaction(() => batch.map(({ work }) => work()))
      this.#leave(batch)
      for (const resolve of done) resolve()
    } catch (error) {
      this.#failed(batch, error)
    }
  }

  #failed(batch: readonly Job[], error: unknown): void {
    if (isBusy(error)) {
      if (this.#tries++ === 0) this.#giveUpAt = Date.now() + LOCK_TIMEOUT
      this.#busy = error
    } else if (batch.length > 1) {
      this.#oneByOne = batch.length
    } else {
      this.#leave(batch)
      for (const { reject } of batch) reject(error)
    }
  }

  #leave(batch: readonly Job[]): void {
    this.#tries = 0
    this.#giveUpAt = Number.POSITIVE_INFINITY
    this.#oneByOne = Math.max(0, this.#oneByOne - batch.length)
    this.#queue.splice(0, batch.length)
  }

  #refuseLate(): void {
    const now = Date.now()
    const isLate = ({ until = this.#giveUpAt }: Job) => now >= until
    const late = this.#queue.filter(isLate)
    if (late.length === 0) return
    this.#queue = this.#queue.filter((job) => !isLate(job))
    for (const { reject } of late) reject(new LockedError(this.#busy))
  }
}
