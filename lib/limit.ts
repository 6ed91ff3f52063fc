import type { LimitOptions } from '../types/options.ts'
import type { Answer, StoreEntry } from '../types/store.ts'
import type { Draft } from './data/draft.ts'
import { AUTHENTICATED_AT, CREATED_AT, momentAt, OWNER_SINCE, withHistory } from './data/history.ts'
import { type Content, ownerOf, readRecord, type Values, withTypes } from './data/record.ts'
import { publishEnd } from './diagnostics.ts'
import { ConflictError, LimitError, TimeoutError } from './errors.ts'
import { type PendingLogin, Reservations } from './reservations.ts'
import type { Settings } from './settings.ts'
import type { StoreClient } from './store/client.ts'
import { backOff } from './store/maybe-promise.ts'

/** A session that counts. */
interface Counted extends StoreEntry {
  /** Where it stands among its owner's sessions: that of a later login is higher. */
  readonly since: number
}

/** A session that is about to be saved. */
export interface Saved {
  /** The keys of the sessions that end once it is saved, come what may. */
  readonly ending: readonly string[]
  /** The values that are stored, if any. */
  readonly before: Values | undefined
  readonly key: string
  readonly owner: string | undefined
  readonly until: number
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
  readonly #limit: LimitOptions | undefined

  constructor(settings: Settings, client: StoreClient) {
    this.#settings = settings
    this.#client = client
    this.#reservations = new Reservations(settings, client)
    this.#limit = settings.limit
  }

  /**
   * The content of a session, with its place after all others of its owner when that is a login. So whoever logs in after somebody got an answer
   * stands after them, whatever the clocks of their servers say.
   */
  rank(content: Content, draft: Draft, before: Values | undefined, until: number): Answer<Content> {
    const owner = this.#limit?.then === 'end-oldest' ? ownerOf(this.#settings, content.values) : undefined
    if (owner === undefined || (draft.login === undefined && this.#isOwnedBy(before, owner))) return content
    return this.#ranked(content, { key: '', owner, until, ending: NONE })
  }

  async #ranked({ deadline, values, types }: Content, login: PendingLogin): Promise<Content> {
    const others = (await this.#sessionsOf(login)).map(({ since }) => since + 1)
    const since = Math.max(this.#settings.clock(), ...others)
    return withTypes(deadline, withHistory(values, values, { [OWNER_SINCE]: since }), types)
  }

  /**
   * Has a session saved by `write`. When it becomes one of an owner whose it was not before, that is a login. Throws `FST_ERR_SCS_LIMIT`; then
   * nothing was written.
   */
  save(saved: Saved, write: () => Answer<boolean>): Answer<boolean> {
    const limit = this.#limit
    const login = limit?.then === 'refuse' ? this.#loginOf(saved) : undefined
    return limit === undefined || login === undefined ? write() : this.#saveReserved(limit.perOwner, login, write)
  }

  /** Ends, once a login is saved and what it ends by itself has ended, all but the newest sessions of its owner. */
  trim(saved: Saved): Answer<void> {
    const limit = this.#limit
    const login = limit?.then === 'end-oldest' ? this.#loginOf({ ...saved, ending: [] }) : undefined
    return limit === undefined || login === undefined ? undefined : this.#endOldest(limit.perOwner, login)
  }

  #loginOf({ ending, before, key, owner, until }: Saved): PendingLogin | undefined {
    if (owner === undefined || this.#isOwnedBy(before, owner)) return undefined
    return { key, owner, until, ending: new Set(ending) }
  }

  #isOwnedBy(values: Values | undefined, owner: string): boolean {
    return values !== undefined && ownerOf(this.#settings, values) === owner
  }

  async #saveReserved(perOwner: number, login: PendingLogin, write: () => Answer<boolean>): Promise<boolean> {
    await this.#reserve(perOwner, login)
    try {
      return await write()
    } finally {
      await this.#reservations.giveBack(login)
    }
  }

  async #reserve(perOwner: number, login: PendingLogin): Promise<void> {
    for (let tries = 1; ; tries++) {
      // First the reservations and then the sessions: a login that is saved in between is in both, and not in neither.
      const reserved = await this.#reservations.read(login)
      const sessions = await this.#sessionsOf(login)
      const living = new Set(sessions.map(({ key }) => key))
      // What is stored under the key already takes no second place.
      const taken = sessions.filter(({ key }) => key !== login.key).length
      const waiting = Object.keys(reserved.untils).filter((key) => key !== login.key && !living.has(key))
      if (taken + waiting.length < perOwner) {
        if (await this.#reservations.add(login, reserved, living)) return
      } else if (await this.#areLiving(sessions, login)) {
        await this.#reservations.shorten(login, reserved)
        throw new LimitError(perOwner)
      }
      await this.#again(tries, login)
    }
  }

  /** Ends all but the newest sessions of an owner. The login that comes next does what could not be done here. */
  async #endOldest(perOwner: number, login: PendingLogin): Promise<void> {
    try {
      for (let tries = 1; !(await this.#isTrimmed(perOwner, login)); tries++) await this.#again(tries, login)
    } catch (err) {
      this.#settings.log.warn({ err }, 'the oldest session of an owner with too many could not be ended')
    }
  }

  /** Returns whether no more than the newest sessions are left. Otherwise a session changed meanwhile, and all must be read again. */
  async #isTrimmed(perOwner: number, login: PendingLogin): Promise<boolean> {
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
  async #sessionsOf({ owner, until, ending }: PendingLogin): Promise<Counted[]> {
    const { clock } = this.#settings
    const sessions: Counted[] = []
    for await (const entry of this.#client.each((store) => store.ownedBy(owner), Math.max(1, until - clock()))) {
      if (clock() >= until) throw new TimeoutError()
      const since = ending.has(entry.key) ? undefined : this.#sinceOf(entry, owner)
      if (since !== undefined) sessions.push({ ...entry, since })
    }
    return sessions
  }

  /** Where a session stands among those of its owner; undefined for what is no session of theirs. */
  #sinceOf({ record }: StoreEntry, owner: string): number | undefined {
    // One that cannot be read here may be read elsewhere, with another codec or once its upgrade is mended: the store says whose it is.
    const unread = record.owner === owner ? 0 : undefined
    try {
      const content = readRecord(this.#settings, record.data, this.#settings.clock())
      if ('unreadable' in content) return content.isForeign ? unread : undefined
      const { values } = content
      if (!this.#isOwnedBy(values, owner)) return undefined
      return momentAt(values, OWNER_SINCE) ?? momentAt(values, AUTHENTICATED_AT) ?? momentAt(values, CREATED_AT) ?? 0
    } catch {
      return unread
    }
  }

  async #areLiving(sessions: readonly Counted[], { until }: PendingLogin): Promise<boolean> {
    for (const { key } of sessions) if ((await this.#client.find(key, { expiry: false, owner: false }, until)) === undefined) return false
    return true
  }

  async #again(tries: number, { until }: PendingLogin): Promise<void> {
    if (this.#settings.clock() >= until) throw new ConflictError()
    await backOff(tries)
  }
}

const NONE: ReadonlySet<string> = new Set()
