import type { CreatedSession, ListedSession, Owner } from '../types/manager.ts'
import type { ManagerOptions } from '../types/options.ts'
import type { ScsSession, SessionData, ValuesOf } from '../types/session.ts'
import type { StoreEntry, StoreLack } from '../types/store.ts'
import { notAnArray } from './data/habits.ts'
import { type Content, isReserved, ownerOf, ownerText, RENEWED_TO, readRecord } from './data/record.ts'
import { ArgumentError, UnsupportedError } from './errors.ts'
import { Lifecycle } from './lifecycle.ts'
import { mustBeObject } from './options/checks.ts'
import { Session } from './session.ts'
import { settle } from './settings.ts'
import { Cleaner } from './store/cleaner.ts'
import { isToken, publicId } from './token.ts'
import type { UnitOfWork } from './unit-of-work.ts'

const LACKS: Readonly<Record<StoreLack, string>> = {
  compare: 'cannot compare before it writes: of two concurrent requests the later one wins, and one in flight may undo a logout',
  owner: 'keeps no owners: ownedBy and destroyOwnedBy are not possible',
  list: 'cannot list: all and count are not possible',
}

/** Sessions without a request: for jobs, tests and administration. In an application, `app.sessions` is one. */
export class SessionManager<D = SessionData> {
  readonly #lifecycle: Lifecycle
  readonly #cleaner: Cleaner | undefined

  /** Throws `FST_ERR_SCS_OPTION`. Starts the store's clean-up, which `close` stops and which keeps no process alive. */
  constructor(options: ManagerOptions) {
    const lifecycle = new Lifecycle(settle(options))
    const { store, log } = lifecycle.settings
    this.#lifecycle = lifecycle
    store.attach?.({ log })
    for (const lack of store.lacks ?? []) log.warn({ lack }, `the session store ${LACKS[lack]}`)
    const { cleanupInterval, cleanupBatch } = store
    if (cleanupInterval !== undefined) this.#cleaner = new Cleaner((limit) => this.#clean(limit), cleanupInterval, log, cleanupBatch)
    this.#cleaner?.start()
  }

  /** The life cycle of a manager's sessions: for the plugin. */
  static lifecycleOf(manager: SessionManager<never> | SessionManager): Lifecycle {
    return manager.#lifecycle
  }

  /** Makes a session with these values and stores it at once. Whoever gets its cookie has the session. */
  async create(values: Partial<ValuesOf<D>>): Promise<CreatedSession> {
    mustBeObject(values, 'create(values)')
    const { settings, committer } = this.#lifecycle
    const work = this.#begin()
    const session = new Session(work, this.#lifecycle)
    for (const [key, value] of Object.entries(values)) session.set(key, value)
    const { token, key } = await committer.create(work, work.draft)
    return { token, cookie: { [settings.cookie.name]: token }, id: publicId(key), expiresAt: work.expiresAt }
  }

  /** The session of a token, or undefined. Changes are saved by its `commit()`. */
  async find(token: string): Promise<ScsSession<D> | undefined> {
    if (typeof token !== 'string') throw new ArgumentError('find(token)', 'needs a token')
    if (!isToken(token)) {
      this.#tellOfCookie(token)
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
    return notAnArray(this.#all(), 'all()')
  }

  /** Every living session of an owner: a user's devices. */
  ownedBy(owner: Owner): AsyncGenerator<ListedSession<D>> {
    return notAnArray(this.#ownedBy(owner), 'ownedBy(owner)')
  }

  /**
   * Ends the session with this id, if it is the owner's. Returns whether there was one. No key can be computed from an id, so all sessions
   * of the owner are searched, or all sessions where no owner is given.
   */
  async destroy(id: string, options: { readonly owner?: Owner } = {}): Promise<boolean> {
    if (typeof id !== 'string') throw new ArgumentError('destroy(id)', 'needs the id of a session')
    mustBeObject(options, 'destroy(id, options)')
    const name = options.owner === undefined ? undefined : this.#ownerName(options.owner)
    for await (const entry of this.#entries(name)) {
      if (publicId(entry.key) !== id) continue
      if (name !== undefined && this.#listed(entry)?.owner !== name) continue
      return await this.#lifecycle.endings.endKey(entry.key)
    }
    return false
  }

  /** Ends all sessions of an owner except the one given, and returns how many. A login that is saved after this returned is not ended. */
  async destroyOwnedBy(owner: Owner, options: { readonly except?: ScsSession<never> | ScsSession<D> } = {}): Promise<number> {
    mustBeObject(options, 'destroyOwnedBy(owner, options)')
    const name = this.#ownerName(owner)
    const except = options.except === undefined ? undefined : this.#mine(options.except)
    const key = except?.state.kind === 'stored' ? except.state.key : undefined
    const until = this.#until()
    return await this.#lifecycle.client.deleteOwnedBy(name, key, until)
  }

  /** The session to spare. One of another manager, or of a route without sessions, would be ended with the rest, so it is refused. */
  #mine(session: object): UnitOfWork {
    const work = Session.workOf(session)
    if (work === undefined || work.refusal !== undefined || work.settings !== this.#lifecycle.settings)
      throw new ArgumentError('destroyOwnedBy(owner, { except })', 'needs a session of this manager that can be used')
    return work
  }

  /** How many sessions live. */
  async count(): Promise<number> {
    return await this.#lifecycle.client.call((store) => store.count(), this.#until())
  }

  /** Stops the clean-up and what the store started. Connections belong to whoever opened them. May be called again. */
  async close(): Promise<void> {
    this.#cleaner?.stop()
    await this.#lifecycle.client.call((store) => store.close(), this.#until())
  }

  async *#all(): AsyncGenerator<ListedSession<D>> {
    for await (const entry of this.#entries()) {
      const listed = this.#listed(entry)
      if (listed !== undefined) yield listed
    }
  }

  async *#ownedBy(owner: Owner): AsyncGenerator<ListedSession<D>> {
    const name = this.#ownerName(owner)
    for await (const entry of this.#entries(name)) {
      const listed = this.#listed(entry)
      if (listed?.owner === name) yield listed
    }
  }

  #begin(): UnitOfWork {
    return this.#lifecycle.begin(undefined, this.#lifecycle.settings.log, true)
  }

  /** Told and not thrown: what a client sends as a token must not become an error of the server. */
  #tellOfCookie(text: string): void {
    const { cookie, log } = this.#lifecycle.settings
    if (text.includes(`${cookie.name}=`)) log.warn({}, `find(token) got a whole Cookie header: give it the value of ${cookie.name} alone`)
  }

  #until(): number {
    return this.#lifecycle.settings.clock() + this.#lifecycle.settings.storeTimeout
  }

  /** A batch may take as long as a request's load. */
  async #clean(limit: number): Promise<number> {
    return await this.#lifecycle.client.call((store) => store.deleteExpired(limit), this.#until())
  }

  #entries(owner?: string): AsyncGenerator<StoreEntry> {
    const { client, settings } = this.#lifecycle
    return client.each((store) => (owner === undefined ? store.all() : store.ownedBy(owner)), settings.storeTimeout)
  }

  #listed({ key, record }: StoreEntry): ListedSession<D> | undefined {
    const { settings } = this.#lifecycle
    const content = this.#contentOf(record.data)
    if (content === undefined || Object.hasOwn(content.values, RENEWED_TO)) return undefined
    const visible = Object.fromEntries(Object.entries(content.values).filter(([name]) => !isReserved(name)))
    return {
      id: publicId(key),
      owner: ownerOf(settings, content.values),
      values: visible as Partial<ValuesOf<D>>,
      deadline: new Date(content.deadline),
      expiresAt: record.expiresAt,
    }
  }

  /** Undefined for what cannot be read. A failing upgrade skips the session and does not end the listing. */
  #contentOf(data: Uint8Array): Content | undefined {
    const { settings } = this.#lifecycle
    try {
      const content = readRecord(settings, data, settings.clock())
      return 'unreadable' in content ? undefined : content
    } catch (err) {
      settings.log.warn({ err }, 'a session could not be upgraded, and was left out of a listing')
      return undefined
    }
  }

  #ownerName(owner: Owner): string {
    if (this.#lifecycle.settings.owner === undefined)
      throw new UnsupportedError('Finding sessions by owner', "needs the option owner, for example 'userId'")
    const name = ownerText(owner)
    if (name === undefined) throw new ArgumentError('The owner', 'must be a string, a number or a bigint')
    return name
  }
}
