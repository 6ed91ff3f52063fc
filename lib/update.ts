import type { Answer, FindWant, FoundRecord, StoreEntry, StoreRecord } from '../types/store.ts'
import { compose } from './compose.ts'
import type { Creator } from './create.ts'
import type { Draft } from './data/draft.ts'
import { newValues } from './data/history.ts'
import { type Content, hasVisible, makeRecord } from './data/record.ts'
import { makeRenewalRecord } from './data/renewal-record.ts'
import type { Endings } from './end.ts'
import { ConflictError, SupersededError } from './errors.ts'
import type { CookieChange } from './exchange.ts'
import type { OwnerLimit, Saved as SavedLogin } from './limit.ts'
import { type Handover, Queues } from './queues.ts'
import { cacheSaved, type Finish, MAX_TRIES, type Saving, type Stand, standOn } from './saving.ts'
import { type Settings, wantOf } from './settings.ts'
import { canShare, SharedSaves } from './shared-saves.ts'
import type { ReadStored } from './state.ts'
import type { StoreClient } from './store/client.ts'
import { backOff, chain } from './store/maybe-promise.ts'
import { keyOf } from './token.ts'
import type { UnitOfWork } from './unit-of-work.ts'

/**
 * Saves stored sessions, by compare-and-swap: when another request came between, its result is loaded and the changes are made again. The saves of
 * one session in this process take turns, each begins with what the one before it wrote, and those that wait are made in one write: otherwise the more
 * there are, the more would fail.
 */
export class Updater {
  readonly #settings: Settings
  readonly #client: StoreClient
  readonly #endings: Endings
  readonly #creator: Creator
  readonly #limit: OwnerLimit
  readonly #want: FindWant
  readonly #queues: Queues<Saving, Finish, FoundRecord>
  readonly #sharing: SharedSaves

  constructor(settings: Settings, client: StoreClient, endings: Endings, creator: Creator, limit: OwnerLimit) {
    this.#settings = settings
    this.#client = client
    this.#endings = endings
    this.#creator = creator
    this.#limit = limit
    this.#want = wantOf(settings)
    const goTogether = (first: Saving, other: Saving) => canShare(settings, first) && canShare(settings, other)
    this.#queues = new Queues((savings, handover) => this.#write(savings, handover), goTogether)
    this.#sharing = new SharedSaves(settings, client)
  }

  /** Saves the changes of a draft. */
  save(work: UnitOfWork, draft: Draft, state: ReadStored, sendsCookie: boolean, until: number): Answer<CookieChange> {
    const seen: Stand = { from: state.key, found: state.found, base: draft.base, isSeen: true }
    const saving: Saving = { work, draft, seen, token: state.token, cached: state.cached, sendsCookie, until }
    // A save that hangs must not use up the time of those behind it.
    const longest = () => (until - this.#settings.clock()) / 2
    return chain(this.#queues.take(state.key, saving, longest), (finish) => finish())
  }

  /** Ends a session whose deadline was set to a moment in the past. One whose deadline passed meanwhile is superseded. */
  async end(work: UnitOfWork, draft: Draft): Promise<'clear'> {
    if (!draft.setsDeadline || work.exchange.hasFailed) throw new SupersededError()
    await this.#endings.end(work, 'deadline')
    // Later changes are changes to a new session.
    draft.release(work.startNew(), false)
    return 'clear'
  }

  #write(savings: readonly Saving[], handover: Handover<FoundRecord>): Answer<(saving: Saving) => Finish> {
    const [saving] = savings as readonly [Saving]
    if (savings.length > 1) return this.#sharing.write(savings, handover)
    const { seen } = saving
    // What a save in this process has just written, no other one need read.
    const first = handover.left === undefined ? seen : standOn(this.#settings, seen.from, handover.left)
    const written = chain(this.#tryOn(saving, first, handover), (finish) => finish ?? this.#tryAgain(saving, seen.from, handover))
    return chain(written, (finish) => () => finish)
  }

  async #tryAgain(saving: Saving, key: string, handover: Handover<FoundRecord>): Promise<Finish> {
    const { work, draft, until } = saving
    let from = key
    for (let tries = 1; ; tries++) {
      if (tries >= MAX_TRIES || this.#settings.clock() >= until) throw new ConflictError()
      await backOff(tries)
      let found = await this.#client.find(from, this.#want, until)
      // While tokens are migrated, another request may have moved the session to the hash of its token.
      if (found === undefined && this.#settings.findsPlain) {
        from = keyOf(this.#settings, saving.token)
        found = await this.#client.find(from, this.#want, until)
      }
      // A renewal of our own may have been made although the store's answer was lost.
      const mine = draft.isRenewed ? keyOf(this.#settings, draft.token) : undefined
      if (found === undefined && mine !== undefined && from !== mine && (await this.#renewedTo([key, from], until)) === mine) {
        from = mine
        found = await this.#client.find(from, this.#want, until)
        // Somebody has ended it since.
        if (found === undefined) throw new SupersededError()
      }
      if (found === undefined) return () => this.#saveApart(work, draft, [key, from], until)
      const finish = await this.#tryOn(saving, standOn(this.#settings, from, found), handover)
      if (finish !== undefined) return finish
    }
  }

  /** Makes the changes on what the store holds, and replaces that; undefined when another request came between. */
  #tryOn(saving: Saving, stand: Stand, handover: Handover<FoundRecord>): Answer<Finish | undefined> {
    const { work, draft, sendsCookie, until } = saving
    const composed = this.#limit.rank(compose(work, draft, stand.base, sendsCookie), draft, stand.base.values, until)
    return chain(composed, (content) => this.#swap(saving, stand, content, handover))
  }

  #swap(
    saving: Saving,
    { from, found, base, isSeen }: Stand,
    content: Content,
    handover: Handover<FoundRecord>,
  ): Answer<Finish | undefined> {
    const { work, draft, until } = saving
    const now = this.#settings.clock()
    if (content.deadline <= now) return () => this.end(work, draft)
    // A login begins a new time without requests, on whatever route.
    const isLogin = draft.isRenewed || draft.restart !== undefined
    const record = makeRecord(this.#settings, content, work.expiryOf(content, now, isLogin ? undefined : found))
    const token = draft.renewedToken ?? saving.token
    const key = draft.isRenewed || this.#settings.findsPlain ? keyOf(this.#settings, token) : from
    const trace = token === saving.token ? undefined : makeRenewalRecord(this.#settings, from, key, now)
    // Of a renewal that was made before, the base has its login already.
    const before = from === key && draft.isRenewed ? saving.seen.base.values : base.values
    const login: SavedLogin = { ending: work.others, before, key, owner: record.owner, until }
    handover.left = undefined
    const written = this.#limit.save(login, () => this.#replace(from, key, found.data, record, trace, until))
    return chain(written, (isWritten) => {
      if (!isWritten) return undefined
      if (key === saving.seen.from) handover.left = record
      const cached = cacheSaved(this.#settings, token, key, record.data, content, token === saving.token ? saving.cached : undefined)
      return () => this.#finish(saving, { kind: 'stored', token, key, found: record, content, cached }, login, isSeen)
    })
  }

  /** A session that only moves to the hash of its token leaves no trace: nothing may take it for a renewed one. */
  #replace(
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

  #finish({ work, draft, sendsCookie, until }: Saving, stored: ReadStored, login: SavedLogin, isSeen: boolean): Answer<CookieChange> {
    work.saved(draft, stored, isSeen)
    const ending = draft.merged.length > 0 || work.others.length > 0 ? this.#endings.endLeftovers(work, draft, until) : undefined
    const trimmed = chain<void, void>(ending, () => this.#limit.trim(login))
    return chain(trimmed, () => (sendsCookie ? stored : 'none'))
  }

  /**
   * Saves after another request ended or renewed the session. Of two concurrent logins (a double click) both succeed: the later one starts a
   * session of its own, which holds only what this request put there.
   */
  async #saveApart(work: UnitOfWork, draft: Draft, keys: readonly string[], until: number): Promise<CookieChange> {
    const token = draft.isRenewed ? draft.renewedToken : undefined
    if (token === undefined || (await this.#renewedTo(keys, until)) === undefined) throw new SupersededError()
    const content = draft.compose({ deadline: draft.base.deadline, values: newValues(this.#settings.clock()) }, work.exchange.hasFailed)
    return hasVisible(content.values) ? await this.#creator.insert(work, draft, token, content, false, until) : 'none'
  }

  /** The key that a session moved to in the last minute, from one of these keys. */
  async #renewedTo(keys: readonly string[], until: number): Promise<string | undefined> {
    for (const key of new Set(keys)) {
      const next = await this.#endings.renewedTo(key, until)
      if (next !== undefined) return next
    }
    return undefined
  }
}
