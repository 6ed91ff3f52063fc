import type { Answer, FindWant, FoundRecord, StoreEntry, StoreRecord } from '../types/store.ts'
import { compose } from './compose.ts'
import type { Creator } from './create.ts'
import type { Draft } from './data/draft.ts'
import { newValues } from './data/history.ts'
import { type Content, hasVisible, makeRecord, ownerOf, readRecord } from './data/record.ts'
import { makeRenewalRecord } from './data/renewal-record.ts'
import type { Endings } from './end.ts'
import { ConflictError, SupersededError } from './errors.ts'
import type { CookieChange } from './exchange.ts'
import type { OwnerLimit } from './limit.ts'
import type { Task } from './plan.ts'
import { type Settings, wantOf } from './settings.ts'
import type { ReadStored } from './state.ts'
import type { StoreClient } from './store/client.ts'
import { backOff, isPromise } from './store/maybe-promise.ts'
import { keyOf } from './token.ts'
import { touchNewer } from './touch.ts'
import type { UnitOfWork } from './unit-of-work.ts'

/** Only a store that refuses every write gets here before the time is up. */
const MAX_TRIES = 1000

/** Carries out what was planned: the one place where sessions are written. */
export class Committer {
  readonly #settings: Settings
  readonly #client: StoreClient
  readonly #endings: Endings
  readonly #creator: Creator
  readonly #limit: OwnerLimit
  readonly #want: FindWant

  constructor(settings: Settings, client: StoreClient, endings: Endings, creator: Creator, limit: OwnerLimit) {
    this.#settings = settings
    this.#client = client
    this.#endings = endings
    this.#creator = creator
    this.#limit = limit
    this.#want = wantOf(settings)
  }

  /**
   * Carries out a task. Throws `FST_ERR_SCS_SUPERSEDED`, `_CONFLICT`, `_TOO_LARGE`, `_STORE`, `_TIMEOUT` or `_EDIT`; then no cookie may be
   * sent.
   *
   * @param draft the changes to save; undefined for none
   */
  carryOut(work: UnitOfWork, draft: Draft | undefined, task: Task): Answer<CookieChange> {
    const until = this.#until()
    // To note that the cookie was sent is a change too, which may come without a draft.
    const changes = () => draft ?? work.draft
    switch (task.step) {
      case 'clear':
        return 'clear'
      case 'end':
        return this.#over(work, changes())
      case 'discard':
        return this.#creator.discard(work, until)
      case 'create':
        return this.#creator.create(work, changes(), until)
    }
    // The other steps are planned for a stored session alone, and once its payload was read.
    const stored = work.state as ReadStored
    switch (task.step) {
      case 'send':
        return stored
      case 'touch':
        return this.#touch(work, stored, task, until)
      case 'writeOwner':
        return this.#writeOwner(work, stored, task.cookie, until)
      case 'update':
        return this.#save(work, changes(), stored, task.cookie, until)
      case 'rename':
        return this.#save(work, changes(), stored, true, until)
    }
  }

  #until(): number {
    return this.#settings.clock() + this.#settings.storeTimeout
  }

  async #touch(
    work: UnitOfWork,
    stored: ReadStored,
    { expiresAt, cookie }: { readonly expiresAt: number; readonly cookie: boolean },
    until: number,
  ): Promise<CookieChange> {
    const { key, found } = stored
    const touched = { ...stored, found: { ...found, expiresAt } }
    const isTouched = await this.#client.touch(key, found.data, expiresAt, until)
    if (isTouched) work.refound(touched.found)
    else await this.#touchNewer(work, stored, until)
    return this.#prolonged(touched, cookie, isTouched)
  }

  /** Where another request changed, renewed or ended the session, its reply has the newer cookie. */
  #prolonged(stored: ReadStored, cookie: boolean, isDone: boolean): CookieChange {
    return cookie && (isDone || !this.#settings.cookie.rolling) ? stored : 'none'
  }

  /** What another request saved has prolonged the session for a request, but not for a socket that goes on. */
  async #touchNewer(work: UnitOfWork, stored: ReadStored, until: number): Promise<void> {
    if (!work.exchange.takesCookie) await touchNewer(this.#settings, this.#client, work, stored, until)
  }

  /** Writes the same bytes with their owner. Where that fails, because the bytes changed or the store failed, the next request tries again. */
  async #writeOwner(work: UnitOfWork, stored: ReadStored, cookie: boolean, until: number): Promise<CookieChange> {
    const { key, found, content } = stored
    const expiresAt = work.expiryOf(content, this.#settings.clock(), found)
    const record = { data: found.data, expiresAt, owner: ownerOf(this.#settings, content.values) }
    let isWritten = false
    try {
      isWritten = await this.#client.writeOwner(key, record, until)
      if (isWritten) work.refound(record)
    } catch (err) {
      work.log.warn({ err }, 'the owner of a session could not be written beside it')
    }
    if (!isWritten) await this.#touchNewer(work, stored, until)
    return this.#prolonged({ ...stored, found: record }, cookie, isWritten)
  }

  /** Compare and swap; when another request came between, its result is loaded and the changes are made again. */
  async #save(work: UnitOfWork, draft: Draft, state: ReadStored, sendsCookie: boolean, until: number): Promise<CookieChange> {
    const { clock, findsPlain } = this.#settings
    let from = state.key
    let found: FoundRecord | undefined = state.found
    let base = draft.base
    for (let tries = 1; found !== undefined; tries++) {
      const composed = this.#limit.rank(compose(work, draft, base), draft, base.values, until)
      const content = isPromise(composed) ? await composed : composed
      const now = clock()
      if (content.deadline <= now) return await this.#over(work, draft)
      const record = makeRecord(this.#settings, content, work.expiryOf(content, now, found))
      const token = draft.renewedToken ?? state.token
      const key = draft.isRenewed || findsPlain ? keyOf(this.#settings, token) : from
      const trace = token === state.token ? undefined : makeRenewalRecord(this.#settings, from, key, now)
      const { data } = found
      const login = { ending: work.others, before: base.values, key, owner: record.owner, until }
      const written = this.#limit.save(login, () => this.#write(from, key, data, record, trace, until))
      if (isPromise(written) ? await written : written) {
        const stored: ReadStored = { kind: 'stored', token, key, found: record, content }
        work.saved(draft, stored, tries === 1)
        if (draft.merged.length > 0 || work.others.length > 0) await this.#endings.endLeftovers(work, draft, until)
        const trimming = this.#limit.trim(login)
        if (isPromise(trimming)) await trimming
        return sendsCookie ? stored : 'none'
      }
      if (tries >= MAX_TRIES || clock() >= until) throw new ConflictError()
      await backOff(tries)
      found = await this.#client.find(from, this.#want, until)
      // While tokens are migrated, another request may have moved the session to the hash of its token.
      if (found === undefined && findsPlain) {
        from = keyOf(this.#settings, state.token)
        found = await this.#client.find(from, this.#want, until)
      }
      if (found !== undefined) base = this.#read(found)
    }
    return await this.#saveApart(work, draft, from, until)
  }

  #read(found: FoundRecord): Content {
    const content = readRecord(this.#settings, found.data, this.#settings.clock())
    if ('unreadable' in content) throw new SupersededError()
    return content
  }

  /** A session that only moves to the hash of its token leaves no trace: nothing may take it for a renewed one. */
  #write(
    from: string,
    to: string,
    previous: Uint8Array,
    record: StoreRecord,
    trace: StoreEntry | undefined,
    until: number,
  ): Answer<boolean> {
    if (from === to) return this.#client.update(from, previous, record, until)
    return this.#client.rename(from, to, previous, record, trace, until)
  }

  /** Ends a session whose deadline was set to a moment in the past. One whose deadline passed meanwhile is superseded. */
  async #over(work: UnitOfWork, draft: Draft): Promise<'clear'> {
    if (!draft.setsDeadline || work.exchange.hasFailed) throw new SupersededError()
    await this.#endings.end(work, 'deadline')
    // Later changes are changes to a new session.
    draft.release(work.startNew(), false)
    return 'clear'
  }

  /**
   * Saves after another request ended or renewed the session. Of two concurrent logins (a double click) both succeed: the later one starts a
   * session of its own, which holds only what this request put there.
   */
  async #saveApart(work: UnitOfWork, draft: Draft, key: string, until: number): Promise<CookieChange> {
    const token = draft.isRenewed ? draft.renewedToken : undefined
    if (token === undefined || (await this.#endings.renewedTo(key, until)) === undefined) throw new SupersededError()
    const content = draft.compose({ deadline: draft.base.deadline, values: newValues(this.#settings.clock()) }, work.exchange.hasFailed)
    return hasVisible(content.values) ? await this.#creator.insert(work, draft, token, content, false, until) : 'none'
  }
}
