import type { StoreEntry, StoreRecord } from '../../types/store.ts'
import { checkedKey } from '../shared/text.ts'
import { answerOf, type ExpressCallback } from './call.ts'
import { fromSession, propertyOf, toSession } from './session.ts'

/** What is used of an express-session store. Each method may answer by its callback, by a promise, or by both. */
export interface ExpressSessionStore {
  get(id: string, callback: ExpressCallback): unknown
  set(id: string, session: object, callback: ExpressCallback): unknown
  destroy(id: string, callback: ExpressCallback): unknown
  /** The ids of all sessions. Where there is this method, the sessions are listed by it, in batches. */
  ids?(callback: ExpressCallback): unknown
  /** All sessions, in an array or in an object. */
  all?(callback: ExpressCallback): unknown
  on?(event: 'error', listener: (error: unknown) => void): unknown
}

const BATCH = 100

/** Speaks to an express-session store in promises and in living records: what has expired is not there, whatever the store says. */
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

  /** The record. Undefined when there is none, or what is there is not ours. */
  async get(key: string, until?: number): Promise<StoreRecord | undefined> {
    const entry = await this.#entry(idOf(key), until)
    return entry?.key === key ? entry.record : undefined
  }

  /** Writes a record, whatever is there. One that has expired is removed instead: connect-redis would do so, and others keep it for a day. */
  async put(entry: StoreEntry, until?: number): Promise<void> {
    const left = entry.record.expiresAt - this.#clock()
    if (left > 0) await this.#send(this.#store.set, [idOf(entry.key), toSession(entry, left)], until)
    else await this.destroy(entry.key, until)
  }

  /** Whether it was this call that removed the session: false when the store complains and the session is gone, removed by another. */
  async destroy(key: string, until?: number): Promise<boolean> {
    try {
      await this.#send(this.#store.destroy, [idOf(key)], until)
      return true
    } catch (error) {
      if (await this.#isGone(key, until)) return false
      throw error
    }
  }

  /** Every living record. Throws when the store cannot list. */
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
      // What session-file-store says of a session that is not there: express-session takes it so.
      if (propertyOf(error, 'code') === 'ENOENT') return undefined
      throw error
    }
  }

  #living(session: unknown): StoreEntry | undefined {
    const entry = fromSession(session)
    return entry !== undefined && entry.record.expiresAt > this.#clock() ? entry : undefined
  }

  /** Only what can be seen counts: where the store does not answer, the session may be there. */
  #isGone(key: string, until: number | undefined): Promise<boolean> {
    return this.get(key, until).then(
      (record) => record === undefined,
      () => false,
    )
  }

  async #send(method: (...args: never[]) => unknown, args: readonly unknown[], until?: number): Promise<unknown> {
    if (until !== undefined && Date.now() >= until) throw new Error('ExpressStore: the time for an answer was over before this was sent')
    return answerOf(this.#store, method, args)
  }
}

/** In hex: file stores make a file name of it, which some disks compare without regard to case. At most 86 characters. */
function idOf(key: string): string {
  return Buffer.from(checkedKey(key)).toString('hex')
}

/** Express stores list in an array, in an object, or give nothing when there is nothing. */
function valuesOf(answer: unknown): unknown[] {
  return Object.values(answer ?? {})
}
