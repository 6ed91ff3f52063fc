import type { Answer, FindWant, FoundRecord, SessionStore, StoreEntry, StoreRecord } from '../types/store.ts'
import { chain, isLater, recover } from './answers.ts'
import { StoreError, TimeoutError } from './errors.ts'

const BYTES: FindWant = { expiry: false }

/**
 * The only caller of a store's verbs. Here a driver's error is wrapped, an answer that is late is given up, and a write that failed with
 * its outcome unknown is settled by one look.
 */
export class Gate {
  readonly #store: SessionStore
  readonly #clock: () => number

  constructor(store: SessionStore, clock: () => number) {
    this.#store = store
    this.#clock = clock
  }

  find(key: string, want: FindWant, until: number): Answer<FoundRecord | undefined> {
    let answer: Answer<FoundRecord | undefined>
    try {
      answer = this.#store.find(key, want, until)
    } catch (cause) {
      throw new StoreError({ cause })
    }
    return isLater(answer) ? this.#inTime(answer, until) : answer
  }

  create(key: string, record: StoreRecord, until: number): Answer<boolean> {
    return this.#write((store) => store.create(key, record, until), key, record, until)
  }

  update(key: string, previous: Uint8Array, record: StoreRecord, until: number): Answer<boolean> {
    return this.#write((store) => store.update(key, previous, record, until), key, record, until)
  }

  rename(from: string, to: string, previous: Uint8Array, record: StoreRecord, trace: StoreEntry, until: number): Answer<boolean> {
    return this.#write((store) => store.rename(from, to, previous, record, trace, until), to, record, until)
  }

  touch(key: string, previous: Uint8Array, expiresAt: number, until: number): Answer<boolean> {
    return this.call((store) => store.touch(key, previous, expiresAt, until), until)
  }

  /** Whether a living record was removed. When the store failed and the record is gone all the same, false: who removed it is not known. */
  delete(key: string, previous: Uint8Array | undefined, until: number): Answer<boolean> {
    return recover(
      () => this.call((store) => store.delete(key, previous, until), until),
      (error) =>
        this.#look(key, error, until, (found) => {
          if (found === undefined || (previous !== undefined && !sameBytes(found.data, previous))) return false
          throw error
        }),
    )
  }

  /** Any call, wrapped and limited in time. */
  call<T>(verb: (store: SessionStore) => Answer<T>, until: number): Answer<T> {
    let answer: Answer<T>
    try {
      answer = verb(this.#store)
    } catch (cause) {
      throw new StoreError({ cause })
    }
    return isLater(answer) ? this.#inTime(answer, until) : answer
  }

  /** What an iteration throws is wrapped as well; each step has the whole time, for the caller works in between. */
  async *each(entries: (store: SessionStore) => AsyncIterable<StoreEntry>, timeout: number): AsyncGenerator<StoreEntry> {
    const iterator = await this.call((store) => entries(store)[Symbol.asyncIterator](), this.#clock() + timeout)
    try {
      for (;;) {
        const step = await this.call(() => iterator.next(), this.#clock() + timeout)
        if (step.done === true) return
        yield step.value
      }
    } finally {
      await iterator.return?.()
    }
  }

  #write(attempt: (store: SessionStore) => Answer<boolean>, key: string, record: StoreRecord, until: number): Answer<boolean> {
    return recover(
      () => this.call(attempt, until),
      (error) =>
        this.#look(key, error, until, (found) => {
          if (found !== undefined && sameBytes(found.data, record.data)) return true
          throw error
        }),
    )
  }

  /** One look within the budget decides what became of a write; when it cannot, the write's own error stands. */
  #look(key: string, error: unknown, until: number, decide: (found: FoundRecord | undefined) => boolean): Answer<boolean> {
    if (this.#clock() >= until) throw error
    const found = recover<FoundRecord | undefined>(
      () => this.find(key, BYTES, until),
      () => {
        throw error
      },
    )
    return chain(found, decide)
  }

  #inTime<T>(answer: PromiseLike<T>, until: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new TimeoutError()), Math.max(0, until - this.#clock()))
      answer.then(
        (value) => {
          clearTimeout(timer)
          resolve(value)
        },
        (cause: unknown) => {
          clearTimeout(timer)
          reject(new StoreError({ cause }))
        },
      )
    })
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}
