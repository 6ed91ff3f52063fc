import type { EndReason } from '../types/diagnostics.ts'
import type { Draft } from './data/draft.ts'
import { readRenewalRecord } from './data/renewal-record.ts'
import { lives, ownerIn, publishEnd } from './diagnostics.ts'
import type { Settings } from './settings.ts'
import { isForeign, missingKeys, type Stored } from './state.ts'
import type { StoreClient } from './store/client.ts'
import { keyOf, renewalKey } from './token.ts'
import type { UnitOfWork } from './unit-of-work.ts'

/** How many renewals in one minute are followed: nobody renews a session more often. */
const MAX_RENEWALS = 16

/** Why sessions end, whose they are, as far as that is known, and how long anybody waits for it. */
interface Ending {
  readonly reason: EndReason
  readonly owner: string | undefined
  readonly until: number
}

/** Ends sessions, and follows their renewals: a logout wins over a renewal. */
export class Endings {
  readonly #settings: Settings
  readonly #client: StoreClient

  constructor(settings: Settings, client: StoreClient) {
    this.#settings = settings
    this.#client = client
  }

  /** Ends the session of a request in the store, with every other one that came along. */
  async end(work: UnitOfWork, reason: EndReason = 'destroyed'): Promise<void> {
    const { state } = work
    const ending = this.#ending(reason, state.kind === 'stored' ? this.#ownerIn(state.found.data) : undefined)
    if (state.kind === 'stored' && !this.#isForeign(state)) await this.#endStored(state, ending)
    // What could not be read is a session all the same: another release may read it.
    if (state.kind === 'broken') await this.#endStored(state, ending)
    else for (const key of missingKeys(state)) await this.#endSuccessor(key, ending, 0)
    for (const key of work.others) await this.endKey(key, ending)
    work.ended()
  }

  /**
   * Ends, after a save, the sessions that were merged, unless they changed since: two requests that merge each other's sessions must not end
   * both. Ends those whose cookies came along too, or a browser with two cookies could never log in. A failure here does not undo the save.
   */
  async endLeftovers(work: UnitOfWork, draft: Draft, until: number): Promise<void> {
    // A failed request took over no values of the merged sessions.
    const merged = work.exchange.hasFailed ? [] : draft.merged
    const { others } = work
    work.others = []
    try {
      for (const { key, data } of merged)
        if (await this.#client.delete(key, data, until)) publishEnd(this.#settings, 'merged', key, this.#ownerIn(data))
      for (const key of others) await this.endKey(key, { reason: 'superseded', owner: undefined, until })
    } catch (err) {
      work.log.warn({ err }, 'a session that was merged, or whose cookie came along, could not be ended')
    }
  }

  /** Ends the session under a key, or the one that it was renewed to. Returns whether there was one. */
  async endKey(key: string, ending: Ending = this.#ending('destroyed', undefined), renewals = 0): Promise<boolean> {
    if (!(await this.#client.delete(key, undefined, ending.until))) return await this.#endSuccessor(key, ending, renewals)
    publishEnd(this.#settings, ending.reason, key, ending.owner)
    return true
  }

  /** Ends the session that this one was renewed to, and then removes the renewal record, so that nothing starts from it any more. */
  async #endSuccessor(key: string, ending: Ending, renewals: number): Promise<boolean> {
    const newKey = await this.renewedTo(key, ending.until)
    if (newKey === undefined || renewals === MAX_RENEWALS) return false
    const hasEnded = await this.endKey(newKey, ending, renewals + 1)
    await this.#client.delete(renewalKey(key), undefined, ending.until)
    return hasEnded
  }

  /** The key that a session moved to in the last minute. */
  async renewedTo(key: string, until: number): Promise<string | undefined> {
    const found = await this.#client.find(renewalKey(key), { expiry: false }, until)
    return found === undefined ? undefined : readRenewalRecord(this.#settings, found.data)
  }

  /** Ends a stored session, which may have moved to the hash of its token long ago when it is that of a WebSocket. */
  async #endStored({ token, key }: Pick<Stored, 'token' | 'key'>, ending: Ending): Promise<void> {
    const hasEnded = await this.endKey(key, ending)
    if (!hasEnded && key !== keyOf(this.#settings, token)) await this.endKey(keyOf(this.#settings, token), ending)
  }

  /** Whether it is a session of another codec, which was not read so far. */
  #isForeign({ content, found }: Stored): boolean {
    return content === undefined && isForeign(this.#settings, found.data)
  }

  /** The owner of a session, for those who listen. */
  #ownerIn(data: Uint8Array): string | undefined {
    return lives.hasSubscribers ? ownerIn(this.#settings, data) : undefined
  }

  #ending(reason: EndReason, owner: string | undefined): Ending {
    return { reason, owner, until: this.#settings.clock() + this.#settings.storeTimeout }
  }
}
