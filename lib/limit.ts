import type { Answer, StoreEntry } from '../types/store.ts'
import { CREATED_AT, momentAt } from './data/history.ts'
import { ownerOf, RENEWED_TO, readRecord, type Values } from './data/record.ts'
import { publishEnd } from './diagnostics.ts'
import { ConflictError, LimitError } from './errors.ts'
import { authenticatedAt } from './freshness.ts'
import { type Login, Reservations } from './reservations.ts'
import type { Settings } from './settings.ts'
import type { StoreClient } from './store/client.ts'
import { backOff } from './store/maybe-promise.ts'

/** A session that is about to be saved. */
interface Saved {
  /** The key that it will have. */
  readonly key: string
  readonly owner: string | undefined
  readonly until: number
}

/** A session that counts. */
interface Counted extends StoreEntry {
  /** When its owner logged in; of a session that does not know, 0. */
  readonly since: number
}

/**
 * The option `limit`. No store can lock an owner, so both kinds are made of the steps that every store has, and are exact all the same:
 *
 * - `'end-oldest'`: a login is saved, and then ends all but the newest sessions. Whichever login looks last sees all the others; all of them order
 *   the sessions in the same way, so that none ends one of the newest.
 * - `'refuse'`: a login first reserves a place, by a compare-and-swap of a record that the logins of an owner share. When that works, no other
 *   login reserved one since this one counted, and those before it are among the sessions or the reservations that it counted.
 */
export class OwnerLimit {
  readonly #settings: Settings
  readonly #client: StoreClient
  readonly #reservations: Reservations

  constructor(settings: Settings, client: StoreClient) {
    this.#settings = settings
    this.#client = client
    this.#reservations = new Reservations(settings, client)
  }

  /**
   * Has a session saved by `write`. When it becomes one of an owner whose it was not before, that is a login. Throws `FST_ERR_SCS_LIMIT`; then
   * nothing was written.
   *
   * @param before the values that are stored, if any
   */
  save({ key, owner, until }: Saved, before: Values | undefined, write: () => Answer<boolean>): Answer<boolean> {
    const { limit } = this.#settings
    if (limit === undefined || owner === undefined) return write()
    if (before !== undefined && ownerOf(this.#settings, before) === owner) return write()
    const login = { key, owner, until }
    return limit.then === 'refuse' ? this.#saveReserved(limit.perOwner, login, write) : this.#saveAndEnd(limit.perOwner, login, write)
  }

  async #saveAndEnd(perOwner: number, login: Login, write: () => Answer<boolean>): Promise<boolean> {
    const isWritten = await write()
    if (isWritten) await this.#endOldest(perOwner, login)
    return isWritten
  }

  async #saveReserved(perOwner: number, login: Login, write: () => Answer<boolean>): Promise<boolean> {
    await this.#reserve(perOwner, login)
    try {
      return await write()
    } finally {
      await this.#reservations.giveBack(login)
    }
  }

  async #reserve(perOwner: number, login: Login): Promise<void> {
    for (let tries = 1; ; tries++) {
      // First the reservations and then the sessions: a login that is saved in between is in both, and not in neither.
      const reserved = await this.#reservations.read(login)
      const sessions = await this.#sessionsOf(login)
      const living = new Set(sessions.map(({ key }) => key))
      const taken = sessions.length + reserved.keys.filter((key) => key !== login.key && !living.has(key)).length
      if (taken < perOwner) {
        if (await this.#reservations.add(login, reserved, living)) return
      } else if (await this.#areLiving(sessions, login)) throw new LimitError(perOwner)
      await this.#again(tries, login)
    }
  }

  /** Ends all but the newest sessions of an owner. The login that comes next does what could not be done here. */
  async #endOldest(perOwner: number, login: Login): Promise<void> {
    try {
      for (let tries = 1; !(await this.#isTrimmed(perOwner, login)); tries++) await this.#again(tries, login)
    } catch (err) {
      this.#settings.log.warn({ err }, 'the oldest session of an owner with too many could not be ended')
    }
  }

  /** Returns whether no more than the newest sessions are left. Otherwise a session changed meanwhile, and all must be read again. */
  async #isTrimmed(perOwner: number, login: Login): Promise<boolean> {
    const sessions = await this.#sessionsOf(login)
    if (sessions.length <= perOwner) return true
    sessions.sort((a, b) => b.since - a.since || (a.key < b.key ? -1 : 1))
    if (!(await this.#areLiving(sessions.slice(0, perOwner), login))) return false
    let areEnded = true
    for (const { key, record } of sessions.slice(perOwner)) {
      const isEnded = await this.#client.delete(key, record.data, login.until)
      if (isEnded) publishEnd(this.#settings, 'limit', key, login.owner)
      areEnded &&= isEnded
    }
    return areEnded
  }

  /** The sessions of an owner. One that gets a new key while they are read may be among them twice. */
  async #sessionsOf({ owner }: Login): Promise<Counted[]> {
    const { storeTimeout } = this.#settings
    const sessions: Counted[] = []
    for await (const entry of this.#client.each((store) => store.ownedBy(owner), storeTimeout)) {
      const since = this.#sinceOf(entry, owner)
      if (since !== undefined) sessions.push({ ...entry, since })
    }
    return sessions
  }

  /** Since when an owner is logged in with a session; undefined for what is no session of theirs. */
  #sinceOf({ record }: StoreEntry, owner: string): number | undefined {
    const settings = this.#settings
    try {
      const content = readRecord(settings, record.data, settings.clock())
      if ('unreadable' in content || RENEWED_TO in content.values || ownerOf(settings, content.values) !== owner) return undefined
      return authenticatedAt({ settings, values: content.values }) ?? momentAt(content.values, CREATED_AT) ?? 0
    } catch {
      // One whose upgrade fails lives on, as whose nobody can say but the store.
      return record.owner === owner ? 0 : undefined
    }
  }

  async #areLiving(sessions: readonly Counted[], { until }: Login): Promise<boolean> {
    for (const { key } of sessions) if ((await this.#client.find(key, { expiry: false, owner: false }, until)) === undefined) return false
    return true
  }

  async #again(tries: number, { until }: Login): Promise<void> {
    if (this.#settings.clock() >= until) throw new ConflictError()
    await backOff(tries)
  }
}
