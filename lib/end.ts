import type { Draft } from './data/draft.ts'
import { readRenewalRecord } from './data/record.ts'
import type { Settings } from './settings.ts'
import { missingKeys } from './state.ts'
import type { StoreClient } from './store/client.ts'
import { renewalKey } from './token.ts'
import type { UnitOfWork } from './unit-of-work.ts'

/** A session renewed so often within a minute is not one that anybody waits for. */
const MAX_RENEWALS = 16

/** Ends sessions, wherever renewals have moved them: logout wins. */
export class Ender {
  readonly #settings: Settings
  readonly #client: StoreClient

  constructor(settings: Settings, client: StoreClient) {
    this.#settings = settings
    this.#client = client
  }

  /** Ends the session of a request in the store, with every other one that came along. */
  async end(work: UnitOfWork, until = this.#until()): Promise<void> {
    const { state } = work
    if (state.kind === 'stored') await this.endKey(state.key, until)
    for (const key of missingKeys(state)) await this.#endSuccessor(key, until, 0)
    for (const key of work.others) await this.endKey(key, until)
    work.ended()
  }

  /**
   * After a save the sessions that were merged end, as they were then: two requests that merge each other's sessions must not end both. So do
   * those whose cookies came along, or a browser with two of them would never be logged in. That they could not is no reason to take the save back.
   */
  async endLeftovers(work: UnitOfWork, draft: Draft, until: number): Promise<void> {
    // A failed request took nothing over from those that were merged.
    const merged = work.exchange.hasFailed ? [] : draft.merged
    const { others } = work
    work.others = []
    try {
      for (const { key, data } of merged) await this.#client.delete(key, data, until)
      for (const key of others) await this.endKey(key, until)
    } catch (err) {
      work.log.warn({ err }, 'a session that was merged or came along could not be ended')
    }
  }

  /** Whether a living session was ended. */
  async endKey(key: string, until = this.#until(), renewals = 0): Promise<boolean> {
    return (await this.#client.delete(key, undefined, until)) || (await this.#endSuccessor(key, until, renewals))
  }

  /** Ends the session that this one was renewed to, and then removes the renewal record, so that nothing starts from it any more. */
  async #endSuccessor(key: string, until: number, renewals: number): Promise<boolean> {
    const newKey = await this.renewedTo(key, until)
    if (newKey === undefined || renewals === MAX_RENEWALS) return false
    const hasEnded = await this.endKey(newKey, until, renewals + 1)
    await this.#client.delete(renewalKey(key), undefined, until)
    return hasEnded
  }

  /** The key that a session moved to in the last minute. */
  async renewedTo(key: string, until: number): Promise<string | undefined> {
    const found = await this.#client.find(renewalKey(key), { expiry: false }, until)
    return found === undefined ? undefined : readRenewalRecord(this.#settings, found.data)
  }

  #until(): number {
    return this.#settings.clock() + this.#settings.storeTimeout
  }
}
