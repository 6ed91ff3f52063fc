import { setImmediate as turn } from 'node:timers/promises'
import type { Answer, FindWant, SessionStore, StoreEntry, StoreRecord } from '../../types/store.ts'

/** A store as if behind a network: each verb is one step, and answers some turns later. */
export class LaterStore implements SessionStore {
  readonly #store: SessionStore

  constructor(store: SessionStore) {
    this.#store = store
  }

  find(key: string, want: FindWant) {
    return later(() => this.#store.find(key, want))
  }

  create(key: string, record: StoreRecord) {
    return later(() => this.#store.create(key, record))
  }

  update(key: string, previous: Uint8Array, record: StoreRecord) {
    return later(() => this.#store.update(key, previous, record))
  }

  rename(oldKey: string, newKey: string, previous: Uint8Array, record: StoreRecord, trace?: StoreEntry) {
    return later(() => this.#store.rename(oldKey, newKey, previous, record, trace))
  }

  touch(key: string, previous: Uint8Array, expiresAt: number) {
    return later(() => this.#store.touch(key, previous, expiresAt))
  }

  delete(key: string, previous?: Uint8Array) {
    return later(() => this.#store.delete(key, previous))
  }

  deleteOwnedBy(owner: string, exceptKey?: string) {
    return later(() => this.#store.deleteOwnedBy(owner, exceptKey))
  }

  all() {
    return this.#store.all()
  }

  ownedBy(owner: string) {
    return this.#store.ownedBy(owner)
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
}

async function later<T>(step: () => Answer<T>): Promise<T> {
  await turn()
  const answer = await step()
  await turn()
  return answer
}
