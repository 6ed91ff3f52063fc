import { timerUntil } from '../shared/limiter.ts'

/**
 * Runs the verbs on each key one after the other, within one ExpressStore. They read and write in two steps: concurrently, a `touch` could write a
 * session back that a logout has removed after the read.
 *
 * A verb that gets no answer blocks its keys until its `until`, after which it sends nothing more. Without `until` it blocks them for ever; the manager
 * always passes one.
 */
export class KeyedQueue {
  readonly #last = new Map<string, Promise<void>>()

  /** Calls `work` after everything that was queued before on any of the keys. It is queued on all keys at once, so no two calls wait for each other. */
  run<T>(keys: readonly string[], until: number | undefined, work: () => Promise<T>): Promise<T> {
    const turn = Promise.all(keys.map((key) => this.#last.get(key)))
    const answer = turn.then(work)
    const over: Promise<void> = turn.then(() => whenOver(answer, until)).then(() => this.#leave(keys, over))
    for (const key of keys) this.#last.set(key, over)
    return answer
  }

  #leave(keys: readonly string[], over: Promise<void>): void {
    for (const key of keys) if (this.#last.get(key) === over) this.#last.delete(key)
  }
}

function whenOver(answer: Promise<unknown>, until: number | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = until === undefined ? undefined : setTimeout(resolve, timerUntil(until))
    const done = () => {
      clearTimeout(timer)
      resolve()
    }
    answer.then(done, done)
  })
}
