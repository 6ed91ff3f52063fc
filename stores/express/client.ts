import type { StoreEntry, StoreRecord } from '../../types/store.ts'
import { checkedKey } from '../shared/text.ts'
import { answerOf, type ExpressCallback } from './call.ts'
import { fromSession, propertyOf, toSession } from './session.ts'

/** The part of an express-session store that is used. Each method may answer through its callback, a promise, or both. */
export interface ExpressSessionStore {
  get(id: string, callback: ExpressCallback): unknown
  set(id: string, session: object, callback: ExpressCallback): unknown
  destroy(id: string, callback: ExpressCallback): unknown
  /** The ids of all sessions. If the store has this method, sessions are listed in batches. */
  ids?(callback: ExpressCallback): unknown
  /** All sessions, as an array or an object. */
  all?(callback: ExpressCallback): unknown
  on?(event: 'error', listener: (error: unknown) => void): unknown
}

const BATCH = 100

/** An express-session store with promises and records. A record that has expired does not exist, whatever the store says. @internal */
export class ExpressClient {
  readonly #store: ExpressSessionStore
  readonly #clock: () => number

  constructor(store: ExpressSessionStore, clock: () => number) {
    this.#store = store
    this.#clock = clock
  }

  get canList(): boolean {
    return typeof this.#store.ids === 'function' || typeof this.#store.all === 'function'
  }

  /** The record. Undefined if there is none, or another program wrote it. */
  async get(key: string, until?: number): Promise<StoreRecord | undefined> {
    const entry = await this.#entry(idOf(key), until)
    return entry?.key === key ? entry.record : undefined
  }

  /** Writes a record unconditionally. Removes an expired one instead: connect-redis would do so, but others would keep it for a day. */
  async put(entry: StoreEntry, until?: number): Promise<void> {
    const left = entry.record.expiresAt - this.#clock()
    if (left > 0) await this.#send(this.#store.set, [idOf(entry.key), toSession(entry, left)], until)
    else await this.destroy(entry.key, until)
  }

  /** Whether this call removed the session. False when the store fails and the session does not exist: another process removed it. */
  async destroy(key: string, until?: number): Promise<boolean> {
    try {
      await this.#send(this.#store.destroy, [idOf(key)], until)
      return true
    } catch (error) {
      if (await this.#isGone(key, until)) return false
      throw error
    }
  }

  /** Every living record. Throws if the store cannot list. */
  async *entries(): AsyncGenerator<StoreEntry> {
    if (this.#store.ids) yield* this.#byIds(valuesOf(await this.#send(this.#store.ids, [])))
    else if (this.#store.all) yield* valuesOf(await this.#send(this.#store.all, [])).flatMap((session) => this.#living(session) ?? [])
    else throw new Error('ExpressStore: this express-session store has neither ids nor all, so its sessions cannot be listed')
  }

  async *#byIds(ids: readonly unknown[]): AsyncGenerator<StoreEntry> {
    for (let from = 0; from < ids.length; from += BATCH) {
      const batch = await Promise.all(ids.slice(from, from + BATCH).map((id) => this.#entry(String(id))))
      yield* batch.filter((entry) => entry !== undefined)
    }
  }

  async #entry(id: string, until?: number): Promise<StoreEntry | undefined> {
    try {
      return this.#living(await this.#send(this.#store.get, [id], until))
    } catch (error) {
      // session-file-store rejects with this for a missing session, and express-session treats it so.
      if (propertyOf(error, 'code') === 'ENOENT') return undefined
      throw error
    }
  }

  #living(session: unknown): StoreEntry | undefined {
    const entry = fromSession(session)
    return entry !== undefined && entry.record.expiresAt > this.#clock() ? entry : undefined
  }

  /** Whether the session certainly does not exist. If the store does not answer, it may. */
  #isGone(key: string, until: number | undefined): Promise<boolean> {
    return this.get(key, until).then(
      (record) => record === undefined,
      () => false,
    )
  }

  async #send(method: (...args: never[]) => unknown, args: readonly unknown[], until?: number): Promise<unknown> {
    if (until !== undefined && Date.now() >= until) throw new Error('ExpressStore: the time was up before this was sent')
    return answerOf(this.#store, method, args)
  }
}

/** The key in hex, at most 86 characters: file stores use it as a file name, and some file systems ignore case. */
function idOf(key: string): string {
  return Buffer.from(checkedKey(key)).toString('hex')
}

/** Express stores return a list as an array or an object, or nothing if it is empty. */
function valuesOf(answer: unknown): unknown[] {
  return Object.values(answer ?? {})
}
