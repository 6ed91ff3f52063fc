import { MAX_TIMER } from '../shared/limiter.ts'

/**
 * Lets one verb at a time work on a key, within one ExpressStore. An express store reads and writes in two steps: without turns, a `touch` that
 * has read could write the session back that a log-out removes meanwhile.
 *
 * A verb whose answer is lost keeps its turn until its `until`, after which it sends nothing any more. Without one it keeps it for good: the
 * manager always gives one.
 */
export class KeyedQueue {
  readonly #last = new Map<string, Promise<void>>()

  /** Does the work once all that was begun before on any of these keys is over. They are taken at once, so that no two wait for each other. */
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
    const timer = until === undefined ? undefined : setTimeout(resolve, Math.min(until - Date.now(), MAX_TIMER))
    const done = () => {
      clearTimeout(timer)
      resolve()
    }
    answer.then(done, done)
  })
}
