import { setTimeout as sleep } from 'node:timers/promises'
import type { FindWant, StoreEntry, StoreRecord } from '../../types/store.ts'
import { ReferenceStore } from './reference-store.ts'

/** The reference store as if behind a network: each verb is still one step, but answers late, and not in the order of the calls. */
export class LateStore extends ReferenceStore {
  #calls = 0

  override find(key: string, want: FindWant) {
    return this.#late(() => super.find(key, want))
  }

  override create(key: string, record: StoreRecord, until?: number) {
    return this.#late(() => super.create(key, record, until))
  }

  override update(key: string, previous: Uint8Array, record: StoreRecord, until?: number) {
    return this.#late(() => super.update(key, previous, record, until))
  }

  override rename(oldKey: string, newKey: string, previous: Uint8Array, record: StoreRecord, trace?: StoreEntry, until?: number) {
    return this.#late(() => super.rename(oldKey, newKey, previous, record, trace, until))
  }

  override touch(key: string, previous: Uint8Array, expiresAt: number, until?: number) {
    return this.#late(() => super.touch(key, previous, expiresAt, until))
  }

  override delete(key: string, previous?: Uint8Array, until?: number) {
    return this.#late(() => super.delete(key, previous, until))
  }

  override deleteOwnedBy(owner: string, exceptKey?: string, until?: number) {
    return this.#late(() => super.deleteOwnedBy(owner, exceptKey, until))
  }

  override deleteExpired(limit: number) {
    return this.#late(() => super.deleteExpired(limit))
  }

  async #late<T>(step: () => T | Promise<T>): Promise<T> {
    const call = this.#calls++
    if (call % 3) await sleep((call * 7) % 3)
    const answer = await step()
    if (call % 2) await sleep((call * 5) % 3)
    return answer
  }
}
