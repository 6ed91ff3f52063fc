import type { CreatedSession, ListedSession, OwnedByOptions, Owner } from '../types/manager.ts'
import type { ManagerOptions } from '../types/options.ts'
import type { ScsSession, SessionData, ValuesOf } from '../types/session.ts'
import type { StoreLack } from '../types/store.ts'
import { publishEnd, publishSaved } from './diagnostics.ts'
import { ArgumentError } from './errors.ts'
import { notAnArray, tellOfCookieHeader } from './habits.ts'
import { Lifecycle } from './lifecycle.ts'
import { Listing } from './listing.ts'
import { mustBeObject, mustBeOptions } from './options/checks.ts'
import { Session } from './session.ts'
import { settle } from './settings.ts'
import { NONE } from './state.ts'
import { Cleaner } from './store/cleaner.ts'
import { isToken, publicId } from './token.ts'
import type { UnitOfWork } from './unit-of-work.ts'

const LACKS: Readonly<Record<StoreLack, string>> = {
  compare: 'cannot compare before it writes: of two concurrent requests the later one wins, and one in flight may undo a logout',
  owner: 'keeps no owners: ownedBy and destroyOwnedBy are not possible',
  list: 'cannot list: all and count are not possible',
}

/** Shorter than any session's key. */
const PING = 'ping'

/** A session has no property that would be an unknown option. */
function mustBeNoSession(options: unknown, call: string, name: string): void {
  if (Session.workOf(options) !== undefined) throw new ArgumentError(call, `takes the session as { ${name}: session }`)
}

/** Sessions without a request: for jobs, tests and administration. In an application, `app.sessions` is one. */
export class SessionManager<D = SessionData> {
  readonly #lifecycle: Lifecycle
  readonly #listing: Listing<D>
  readonly #cleaner: Cleaner | undefined

  /** Throws `FST_ERR_SCS_OPTION`. Starts the store's clean-up, which `close` stops and which keeps no process alive. */
  constructor(options: ManagerOptions) {
    const lifecycle = new Lifecycle(settle(options))
    const { store, log } = lifecycle.settings
    this.#lifecycle = lifecycle
    this.#listing = new Listing(lifecycle)
    store.attach?.({ log })
    for (const lack of store.lacks ?? []) log.warn({ lack }, `the session store ${LACKS[lack]}`)
    const { cleanupInterval, cleanupBatch } = store
    if (cleanupInterval !== undefined) this.#cleaner = new Cleaner((limit) => this.#clean(limit), cleanupInterval, log, cleanupBatch)
    this.#cleaner?.start()
  }

  /**
   * The life cycle of a manager's sessions: for the plugin.
   * @internal
   */
  static lifecycleOf(manager: SessionManager<never> | SessionManager): Lifecycle {
    return manager.#lifecycle
  }

  /** Makes a session with these values and stores it at once. Whoever gets its cookie has the session. */
  async create(values: Partial<ValuesOf<D>>): Promise<CreatedSession> {
    mustBeObject(values, 'create(values)')
    const { settings, creator } = this.#lifecycle
    const work = this.#begin()
    const session = new Session(work, this.#lifecycle)
    for (const [key, value] of Object.entries(values)) session.set(key, value)
    // Who makes a session vouches for whom it is for.
    work.draft.authenticate(settings.clock())
    const { token, key } = await creator.create(work, work.draft)
    publishSaved(work, NONE)
    return { token, cookie: { [settings.cookie.name]: token }, id: publicId(key), expiresAt: work.expiresAt }
  }

  /** The session of a token, or undefined. Changes are saved by its `commit()`. */
  async find(token: string): Promise<ScsSession<D> | undefined> {
    if (typeof token !== 'string') throw new ArgumentError('find(token)', 'needs a token')
    if (!isToken(token)) {
      tellOfCookieHeader(token, this.#lifecycle.settings)
      return undefined
    }
    const work = this.#begin()
    await this.#lifecycle.loader.loadToken(work, token)
    const session = new Session(work, this.#lifecycle)
    if (!session.isNew) return session as unknown as ScsSession<D>
    // The commit removes a session that could not be read.
    await session.commit()
    return undefined
  }

  /** Every living session. One that cannot be read is left out. */
  all(): AsyncGenerator<ListedSession<D>> {
    return notAnArray(this.#listing.all(), 'all()')
  }

  /** Every living session of an owner: a user's devices. With `current: request.session` the one of this request is marked. */
  ownedBy(owner: Owner, options: OwnedByOptions<D> = {}): AsyncGenerator<ListedSession<D>> {
    mustBeNoSession(options, 'ownedBy(owner, options)', 'current')
    mustBeOptions(options, 'ownedBy(owner, options)', ['current'])
    const current = () => this.#keyOf('ownedBy(owner, { current })', options.current)
    return notAnArray(this.#listing.ownedBy(owner, current), 'ownedBy(owner)')
  }

  /**
   * Ends the session with this id, if it is the owner's. Returns whether there was one. No key can be computed from an id, so all sessions
   * of the owner are searched, or all sessions where no owner is given.
   */
  async destroy(id: string, options: { readonly owner?: Owner } = {}): Promise<boolean> {
    if (typeof id !== 'string') throw new ArgumentError('destroy(id)', 'needs the id of a session')
    mustBeOptions(options, 'destroy(id, options)', ['owner'])
    // An owner that is undefined, as that of a visitor who is not logged in, must not be taken for everybody.
    const name = 'owner' in options ? this.#listing.ownerName(options.owner as Owner) : undefined
    for await (const entry of this.#listing.entries(name)) {
      if (publicId(entry.key) !== id) continue
      if (name !== undefined && this.#listing.listed(entry)?.owner !== name) continue
      return await this.#lifecycle.endings.endKey(entry.key, {
        reason: 'destroyed',
        owner: entry.record.owner,
        until: this.#until(),
      })
    }
    return false
  }

  /** Ends all sessions of an owner except the one given, and returns how many. A login that is saved after this returned is not ended. */
  async destroyOwnedBy(owner: Owner, options: { readonly except?: ScsSession<never> | ScsSession<D> } = {}): Promise<number> {
    mustBeNoSession(options, 'destroyOwnedBy(owner, options)', 'except')
    mustBeOptions(options, 'destroyOwnedBy(owner, options)', ['except'])
    const name = this.#listing.ownerName(owner)
    const key = await this.#keyOf('destroyOwnedBy(owner, { except })', options.except)
    const until = this.#until()
    const count = await this.#lifecycle.client.deleteOwnedBy(name, key, until)
    if (count > 0) publishEnd(this.#lifecycle.settings, 'destroyed', undefined, name, count)
    return count
  }

  /** The key of a session now. One of another manager, or of a route without sessions, would be ended with the rest, so it is refused. */
  async #keyOf(call: string, session: object | undefined): Promise<string | undefined> {
    if (session === undefined) return undefined
    const work = Session.workOf(session)
    if (work === undefined || work.refusal !== undefined || work.settings !== this.#lifecycle.settings)
      throw new ArgumentError(call, 'needs a session of this manager that can be used')
    // A commit under way may be about to renew it.
    await work.settle()
    return await this.#lifecycle.loader.keyNow(work)
  }

  /** How many sessions live. */
  async count(): Promise<number> {
    return await this.#lifecycle.client.call((store) => store.count(), this.#until())
  }

  /**
   * Asks the store for a record that nobody has: resolved when it answers, for a health check. Rejects with `FST_ERR_SCS_STORE` or, after
   * `storeTimeout`, `FST_ERR_SCS_TIMEOUT`.
   */
  async ping(): Promise<void> {
    await this.#lifecycle.client.find(PING, { expiry: false, owner: false }, this.#until())
  }

  /** Stops the clean-up and what the store started. Connections belong to whoever opened them. May be called again. */
  async close(): Promise<void> {
    this.#cleaner?.stop()
    await this.#lifecycle.client.call((store) => store.close(), this.#until())
  }

  #begin(): UnitOfWork {
    return this.#lifecycle.begin(undefined, this.#lifecycle.settings.log, true)
  }

  #until(): number {
    return this.#lifecycle.settings.clock() + this.#lifecycle.settings.storeTimeout
  }

  /** A batch may take as long as a request's load. */
  async #clean(limit: number): Promise<number> {
    return await this.#lifecycle.client.call((store) => store.deleteExpired(limit), this.#until())
  }
}
