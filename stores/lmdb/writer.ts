import type { LmdbEnvironment } from './client.ts'

/**
 * Writes, many to a commit: all that come while a commit is under way share the next one. Each is a transaction within that of the commit,
 * so that one that throws leaves nothing behind and takes no other with it.
 */
export class Writer {
  readonly #environment: LmdbEnvironment
  readonly #writing = new Set<Promise<unknown>>()

  constructor(environment: LmdbEnvironment) {
    this.#environment = environment
  }

  /**
   * What `change` gives, once that is on the disk. Rejects with the driver's error when it failed, and without a change when its turn
   * comes after `until`.
   */
  write<T>(change: () => T, until = Number.POSITIVE_INFINITY): Promise<T> {
    const writing = this.#write(change, until)
    const settle = () => this.#writing.delete(writing)
    this.#writing.add(writing)
    writing.then(settle, settle)
    return writing
  }

  /** Resolves when everything that was begun has ended. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#writing)
  }

  async #write<T>(change: () => T, until: number): Promise<T> {
    const written = this.#environment.childTransaction(() => {
      if (Date.now() > until) throw new Error('LmdbStore: nothing was written, for nobody waits for it any more')
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
   * When a commit fails, the driver rejects a promise of its own too, which it makes at the end of the turn. Nobody else has it, and
   * unhandled it would end the process.
   */
  #watch(): void {
    setImmediate(() => this.#environment.committed.then(ignore, ignore))
  }
}

/** The driver says that a commit failed in one error and why in another. */
async function causeOf(error: unknown): Promise<unknown> {
  try {
    await (error as { commitError?: PromiseLike<unknown> }).commitError
    return error
  } catch (cause) {
    return cause
  }
}

function ignore(): void {}
