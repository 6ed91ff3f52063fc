import type { Answer } from '../types/store.ts'
import type { Creator } from './create.ts'
import type { Draft } from './data/draft.ts'
import { ownerOf } from './data/record.ts'
import type { Endings } from './end.ts'
import type { CookieChange } from './exchange.ts'
import type { OwnerLimit } from './limit.ts'
import type { Task } from './plan.ts'
import type { Settings } from './settings.ts'
import type { ReadStored } from './state.ts'
import type { StoreClient } from './store/client.ts'
import { touchNewer } from './touch.ts'
import type { UnitOfWork } from './unit-of-work.ts'
import { Updater } from './update.ts'

/** Carries out what was planned. */
export class Committer {
  readonly #settings: Settings
  readonly #client: StoreClient
  readonly #creator: Creator
  readonly #updater: Updater

  constructor(settings: Settings, client: StoreClient, endings: Endings, creator: Creator, limit: OwnerLimit) {
    this.#settings = settings
    this.#client = client
    this.#creator = creator
    this.#updater = new Updater(settings, client, endings, creator, limit)
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
        return this.#updater.end(work, changes())
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
        return this.#updater.save(work, changes(), stored, task.cookie, until)
      case 'rename':
        return this.#updater.save(work, changes(), stored, true, until)
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
}
