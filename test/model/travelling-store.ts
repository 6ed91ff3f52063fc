import type { FindWant, FoundRecord, SessionStore, StoreContext, StoreEntry, StoreRecord } from '../../types/store.ts'
import { fakeClock } from '../support/clock.ts'
import { MINUTE } from './model.ts'
import type { Subject } from './real.ts'

/**
 * A store whose server has a clock of its own, which no test can move: so that time passes, what is in the store is moved back by so much, and
 * each moment is told to the store, and by it, as one from now. What has expired has done so by the server's clock, exactly on the minute;
 * what lives has a minute left at least, by far more than a run takes.
 */
export function travelling(store: SessionStore, moveBack: (ms: number) => Promise<unknown>): Subject {
  const clock = fakeClock()
  let start = Date.now()
  const pass = async (ms: number) => {
    // The real time that went by since the last time is given back.
    const now = Date.now()
    await moveBack(ms - (now - start))
    clock.advance(ms)
    start = now
  }
  return { store: new TravellingStore(store, () => clock() - start), clock, pass, grain: MINUTE }
}

class TravellingStore implements SessionStore {
  readonly #store: SessionStore
  /** How far the sessions' clock is ahead of the server's. */
  readonly #ahead: () => number

  constructor(store: SessionStore, ahead: () => number) {
    this.#store = store
    this.#ahead = ahead
  }

  attach(context: StoreContext) {
    this.#store.attach?.(context)
  }

  async find(key: string, want: FindWant, until?: number) {
    const found = await this.#store.find(key, want, until)
    return found?.expiresAt === undefined ? found : this.#told(found, found.expiresAt)
  }

  create(key: string, record: StoreRecord, until?: number) {
    return this.#store.create(key, this.#telling(record), until)
  }

  update(key: string, previous: Uint8Array, record: StoreRecord, until?: number) {
    return this.#store.update(key, previous, this.#telling(record), until)
  }

  rename(oldKey: string, newKey: string, previous: Uint8Array, record: StoreRecord, trace?: StoreEntry, until?: number) {
    const left = trace && { key: trace.key, record: this.#telling(trace.record) }
    return this.#store.rename(oldKey, newKey, previous, this.#telling(record), left, until)
  }

  touch(key: string, previous: Uint8Array, expiresAt: number, until?: number) {
    return this.#store.touch(key, previous, expiresAt - this.#ahead(), until)
  }

  delete(key: string, previous?: Uint8Array, until?: number) {
    return this.#store.delete(key, previous, until)
  }

  deleteOwnedBy(owner: string, exceptKey?: string, until?: number) {
    return this.#store.deleteOwnedBy(owner, exceptKey, until)
  }

  all() {
    return this.#entries(this.#store.all())
  }

  ownedBy(owner: string) {
    return this.#entries(this.#store.ownedBy(owner))
  }

  count() {
    return this.#store.count()
  }

  deleteExpired(limit: number) {
    return this.#store.deleteExpired(limit)
  }

  close() {
    return this.#store.close()
  }

  async *#entries(entries: AsyncIterable<StoreEntry>): AsyncGenerator<StoreEntry> {
    for await (const { key, record } of entries) yield { key, record: this.#told(record, record.expiresAt) }
  }

  #telling(record: StoreRecord): StoreRecord {
    return { ...record, expiresAt: record.expiresAt - this.#ahead() }
  }

  #told<T extends FoundRecord>(found: T, expiresAt: number): T & StoreRecord {
    return { ...found, expiresAt: expiresAt + this.#ahead() }
  }
}
