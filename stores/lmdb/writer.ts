import type { LmdbEnvironment } from './client.ts'

/**
 * Writes in batches: all writes that come during a commit share the next one. Each is a nested transaction, so one that throws is rolled back alone.
 */
export class Writer {
  readonly #environment: LmdbEnvironment
  readonly #writing = new Set<Promise<unknown>>()

  constructor(environment: LmdbEnvironment) {
    this.#environment = environment
  }

  /**
   * What `change` returns, once it is on the disk. Rejects with the driver's error when it failed, and writes nothing when its turn comes after `until`.
   */
  write<T>(change: () => T, until = Number.POSITIVE_INFINITY): Promise<T> {
    const writing = this.#write(change, until)
    const settle = () => this.#writing.delete(writing)
    this.#writing.add(writing)
    writing.then(settle, settle)
    return writing
  }

  /** Resolves when all writes that were begun have ended. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#writing)
  }

  async #write<T>(change: () => T, until: number): Promise<T> {
    const written = this.#environment.childTransaction(() => {
      if (Date.now() > until) throw new Error('LmdbStore: nothing was written, because the time was up')
      return change()
    })
    this.#watch()
    try {
      return await written
    } catch (error) {
      throw await causeOf(error)
    }
  }

  /**
   * When a commit fails, the driver also rejects a promise that it makes at the end of the turn. Nobody else handles it, and an unhandled rejection would
   * end the process.
   */
  #watch(): void {
    setImmediate(() => this.#environment.committed.then(ignore, ignore))
  }
}

/** The driver has two errors for a failed commit: one says that it failed, the other why. */
async function causeOf(error: unknown): Promise<unknown> {
  try {
    await (error as { commitError?: PromiseLike<unknown> }).commitError
    return error
  } catch (cause) {
    return cause
  }
}

function ignore(): void {}
