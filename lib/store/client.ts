import type { Answer, FinalError, FindWant, FoundRecord, SessionStore, StoreEntry, StoreRecord } from '../../types/store.ts'
import { StoreError, TimeoutError } from '../errors.ts'
import { chain, isPromise, recover } from './maybe-promise.ts'

const BYTES: FindWant = { expiry: false, owner: false }
const EXPIRY: FindWant = { expiry: true, owner: false }

/** The clock of the machine. The moment `until` that a store is given is one of this clock. */
export const machineClock = (): number => Date.now()

/**
 * The only caller of a store's verbs. It wraps a driver's error, gives up on an answer that is late, and finds out by one read whether a write
 * was made that failed with an unknown outcome.
 */
export class StoreClient {
  readonly #store: SessionStore
  readonly #clock: () => number

  constructor(store: SessionStore, clock: () => number) {
    this.#store = store
    this.#clock = clock
  }

  find(key: string, want: FindWant, until: number): Answer<FoundRecord | undefined> {
    let answer: Answer<FoundRecord | undefined>
    try {
      answer = this.#store.find(key, want, this.#moment(until))
    } catch (cause) {
      throw new StoreError({ cause })
    }
    return isPromise(answer) ? this.#inTime(answer, until) : answer
  }

  create(key: string, record: StoreRecord, until: number): Answer<boolean> {
    return this.#write((store) => store.create(key, record, this.#moment(until)), key, record, until)
  }

  update(key: string, previous: Uint8Array, record: StoreRecord, until: number): Answer<boolean> {
    return this.#write((store) => store.update(key, previous, record, this.#moment(until)), key, record, until)
  }

  /** Writes the owner beside the same bytes. When it fails nothing is read, because the bytes would not show whether it was written. */
  writeOwner(key: string, record: StoreRecord, until: number): Answer<boolean> {
    return this.call((store) => store.update(key, record.data, record, this.#moment(until)), until)
  }

  rename(
    from: string,
    to: string,
    previous: Uint8Array,
    record: StoreRecord,
    trace: StoreEntry | undefined,
    until: number,
  ): Answer<boolean> {
    return this.#write((store) => store.rename(from, to, previous, record, trace, this.#moment(until)), to, record, until)
  }

  touch(key: string, previous: Uint8Array, expiresAt: number, until: number): Answer<boolean> {
    const isDone = (found: FoundRecord | undefined) => (found?.expiresAt ?? 0) >= expiresAt && holds(found, previous)
    return recover(
      () => this.call((store) => store.touch(key, previous, expiresAt, this.#moment(until)), until),
      (error) => this.#look(key, EXPIRY, until, error, (found) => (isDone(found) ? true : undefined)),
    )
  }

  /** Whether a living record was removed. False when the store failed and the record is gone, since another request may have removed it. */
  delete(key: string, previous: Uint8Array | undefined, until: number): Answer<boolean> {
    const isGone = (found: FoundRecord | undefined) => found === undefined || (previous !== undefined && !holds(found, previous))
    return recover(
      () => this.call((store) => store.delete(key, previous, this.#moment(until)), until),
      (error) => this.#look(key, BYTES, until, error, (found) => (isGone(found) ? false : undefined)),
    )
  }

  deleteOwnedBy(owner: string, exceptKey: string | undefined, until: number): Answer<number> {
    return this.call((store) => store.deleteOwnedBy(owner, exceptKey, this.#moment(until)), until)
  }

  /** Calls the store. Throws its error wrapped, or `FST_ERR_SCS_TIMEOUT` when the answer is late. */
  call<T>(verb: (store: SessionStore) => Answer<T>, until: number): Answer<T> {
    let answer: Answer<T>
    try {
      answer = verb(this.#store)
    } catch (cause) {
      throw new StoreError({ cause })
    }
    return isPromise(answer) ? this.#inTime(answer, until) : answer
  }

  /** Iterates over entries. Errors are wrapped here too. Each step may take the whole timeout, because the caller works in between. */
  async *each(entries: (store: SessionStore) => AsyncIterable<StoreEntry>, timeout: number): AsyncGenerator<StoreEntry> {
    const iterator = await this.call((store) => entries(store)[Symbol.asyncIterator](), this.#clock() + timeout)
    let stopped = false
    try {
      for (;;) {
        stopped = false
        const step = await this.call(() => iterator.next(), this.#clock() + timeout)
        if (step.done === true) return
        stopped = true
        yield step.value
      }
    } finally {
      const closing = recover<unknown>(
        () => this.call(() => iterator.return?.(), this.#clock() + timeout),
        (error) => {
          if (stopped) throw error
        },
      )
      // An iterator that hangs in next() would hang here too, and the caller has the error of that already.
      if (stopped) await closing
    }
  }

  #write(attempt: (store: SessionStore) => Answer<boolean>, key: string, record: StoreRecord, until: number): Answer<boolean> {
    return recover(
      () => this.call(attempt, until),
      (error) => this.#look(key, BYTES, until, error, (found) => (holds(found, record.data) ? true : undefined)),
    )
  }

  /** Reads once, within the budget, to decide whether a write was made. When that cannot be decided, throws the write's own error. */
  #look(
    key: string,
    want: FindWant,
    until: number,
    error: unknown,
    decide: (found: FoundRecord | undefined) => boolean | undefined,
  ): Answer<boolean> {
    if (isFinal(error) || this.#clock() >= until) throw error
    const decided = recover<boolean | undefined>(
      () => chain(this.find(key, want, until), decide),
      () => undefined,
    )
    return chain(decided, (answer) => {
      if (answer === undefined) throw error
      return answer
    })
  }

  /** The same moment by `Date.now`, which stores use, whatever the clock of the sessions is. */
  #moment(until: number): number {
    return this.#clock === machineClock ? until : machineClock() + until - this.#clock()
  }

  #inTime<T>(answer: PromiseLike<T>, until: number): Promise<T> {
    return new Promise((resolve, reject) => {
      // Dropped once settled: a driver may keep a promise that never settles for long, and must not keep the request in memory with it.
      let waiting: { resolve(value: T): void; reject(error: unknown): void } | undefined = { resolve, reject }
      const timer = setTimeout(
        () => {
          waiting?.reject(new TimeoutError())
          waiting = undefined
        },
        Math.max(0, until - this.#clock()),
      )
      answer.then(
        (value) => {
          clearTimeout(timer)
          waiting?.resolve(value)
        },
        (cause: unknown) => {
          clearTimeout(timer)
          waiting?.reject(new StoreError({ cause }))
        },
      )
    })
  }
}

/** Whether the store knows that the write failed, so that what it holds must not be read as a success. */
function isFinal(error: unknown): boolean {
  const cause = error instanceof StoreError ? error.cause : undefined
  return cause instanceof Error && (cause as Partial<FinalError>).final === true
}

function holds(found: FoundRecord | undefined, data: Uint8Array): boolean {
  return found !== undefined && Buffer.compare(found.data, data) === 0
}
