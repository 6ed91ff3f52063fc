import type { Answer, FindWant, FoundRecord, StoreRecord } from '../types/store.ts'
import { chain, recover } from './answers.ts'
import type { Ender } from './end.ts'
import { ConflictError, StoreError, SupersededError } from './errors.ts'
import type { Gate } from './gate.ts'
import { type Settings, wantOf } from './options.ts'
import { pause } from './pause.ts'
import type { Task } from './plan.ts'
import { type Content, hasVisible, makeRecord, ownerOf, readRecord } from './record.ts'
import type { SessionState } from './state.ts'
import { newToken } from './token.ts'
import { makeTrace } from './trace.ts'

/** What the reply's cookie has to say after a commit. */
export type CookieNews = 'none' | 'set' | 'clear'

/** A clash of two random keys is a broken generator or a store that lies; three are certain to be. */
const MOST_TOKENS = 3
/** Only a store that never agrees gets here before the budget ends. */
const MOST_TRIES = 1000

/** Carries out what was planned: the one place where sessions are written. */
export class Committer {
  readonly #settings: Settings
  readonly #gate: Gate
  readonly #ender: Ender
  readonly #want: FindWant

  constructor(settings: Settings, gate: Gate, ender: Ender) {
    this.#settings = settings
    this.#gate = gate
    this.#ender = ender
    this.#want = wantOf(settings)
  }

  /** Throws `FST_ERR_SCS_SUPERSEDED`, `_CONFLICT`, `_TOO_LARGE`, `_STORE`, `_TIMEOUT` or `_EDIT`; then no cookie may be sent. */
  carryOut(state: SessionState, task: Task): Answer<CookieNews> {
    const until = this.#until()
    switch (task.step) {
      case 'touch':
        return chain(this.#touch(state, task.expiresAt, until), () => 'none')
      case 'mend':
        return chain(state.found && this.#mend(state, state.found, until), () => 'none')
      case 'discard':
        return chain(this.#discard(state, until), () => 'none')
      case 'clear':
        return 'clear'
      case 'end':
        return this.#over(state)
      case 'create':
        return this.#saved(state, until, () => chain(this.create(state, until), () => undefined), 'set')
      case 'update':
        return this.#saved(state, until, () => this.#swap(state, 0, state.found, until), task.cookie ? 'set' : 'none')
      case 'rename':
        return this.#saved(state, until, () => this.#swap(state, 0, state.found, until), 'set')
    }
  }

  #until(): number {
    return this.#settings.clock() + this.#settings.storeTimeout
  }

  /** After a save, the sessions that were merged end; that they could not is no reason to take the save back. */
  #saved(state: SessionState, until: number, save: () => Answer<CookieNews | undefined>, news: CookieNews): Answer<CookieNews> {
    // A store that answers at once has settled the state when the save is called: what was merged is known before alone.
    const { merged } = state
    return chain(save(), (other) => {
      // Nothing was saved that could have taken them in.
      if (other !== undefined) return other
      // A failed request took nothing over from them.
      if (merged.length === 0 || state.failed) return news
      // As they were when they were merged: two requests that merge each other's sessions must not end both.
      const ending = recover<unknown>(
        () =>
          merged.reduce<Answer<unknown>>((before, { key, data }) => chain(before, () => this.#gate.delete(key, data, until)), undefined),
        (err) => state.log.warn({ err }, 'a merged session could not be ended'),
      )
      return chain(ending, () => news)
    })
  }

  #touch(state: SessionState, expiresAt: number, until: number): Answer<unknown> {
    const { found, key } = state
    return chain(found && this.#gate.touch(key, found.data, expiresAt, until), (done) => {
      if (found && done) state.found = { ...found, expiresAt }
    })
  }

  /** The same bytes with their owner: whoever changed them meanwhile wrote the owner too. Where that fails the next request tries again. */
  #mend(state: SessionState, found: FoundRecord, until: number): Answer<unknown> {
    const { base } = state.draft
    const expiresAt = state.expiryOf(base.deadline, this.#settings.clock(), found)
    const record = { data: found.data, expiresAt, owner: ownerOf(this.#settings, base.values) }
    return recover<unknown>(
      () =>
        chain(this.#gate.mend(state.key, record, until), (done) => {
          if (done) state.found = record
        }),
      (err) => state.log.warn({ err }, 'the owner of a session could not be written beside it'),
    )
  }

  /** Exactly the bytes that could not be read: somebody may have mended them meanwhile. */
  #discard(state: SessionState, until: number): Answer<unknown> {
    return state.broken === undefined ? undefined : this.#gate.delete(state.key, state.broken, until)
  }

  // --- a new session ---

  /** Stores a new session; gives its record. */
  create(state: SessionState, until = this.#until()): Answer<StoreRecord> {
    const mayFollow = state.renewed ? false : this.#anyRenewed(state.strangers, until)
    return chain(mayFollow, (renewed) => {
      if (renewed) throw new SupersededError()
      return chain(this.#discard(state, until), () => this.#insert(state, newToken(), state.compose(undefined), until))
    })
  }

  /** A request with the token of a session that was renewed meanwhile must not replace the new cookie by one of its own. */
  #anyRenewed(keys: readonly string[], until: number): Answer<boolean> {
    return keys.reduce<Answer<boolean>>(
      (before, key) => chain(before, (found) => found || chain(this.#ender.renewedTo(key, until), (to) => to !== undefined)),
      false,
    )
  }

  #insert(state: SessionState, token: string, content: Content, until: number, tries = 1): Answer<StoreRecord> {
    const now = this.#settings.clock()
    const record = makeRecord(this.#settings, content, state.expiryOf(content.deadline, now, undefined))
    const key = state.keyOf(token)
    return chain(this.#gate.create(key, record, until), (created) => {
      if (!created && tries < MOST_TOKENS) return this.#insert(state, newToken(), content, until, tries + 1)
      if (!created) throw new StoreError({ cause: new Error('the store holds every new key already') })
      state.saved(token, key, content, record)
      return record
    })
  }

  // --- a stored session ---

  /** Compare and swap; when another request came between, its result is loaded and the edits are made again. */
  #swap(state: SessionState, tries: number, found: FoundRecord | undefined, until: number): Answer<CookieNews | undefined> {
    if (found === undefined) return this.#gone(state, until)
    const content = this.#composeOn(state, tries, found)
    const now = this.#settings.clock()
    if (content.deadline <= now) return this.#over(state)
    const record = makeRecord(this.#settings, content, state.expiryOf(content.deadline, now, found))
    const { token = state.token } = state.renewal ?? {}
    const key = state.renewal === undefined ? state.key : state.keyOf(token)
    return chain(this.#write(state, key, found.data, record, until), (done) => {
      if (!done) return this.#again(state, tries + 1, until)
      state.saved(token, key, content, record)
      return undefined
    })
  }

  /** The deadline was set into the past, which ends the session, or passed while the request took its time. */
  #over(state: SessionState): Answer<CookieNews> {
    if (!state.setsDeadline) throw new SupersededError()
    return chain(this.#ender.end(state), () => 'clear')
  }

  #composeOn(state: SessionState, tries: number, found: FoundRecord): Content {
    if (tries === 0) return state.compose(undefined)
    const stored = readRecord(this.#settings, found.data, this.#settings.clock())
    if ('unreadable' in stored) throw new SupersededError()
    return state.compose(stored)
  }

  #write({ key, renewal }: SessionState, newKey: string, previous: Uint8Array, record: StoreRecord, until: number): Answer<boolean> {
    if (renewal === undefined) return this.#gate.update(key, previous, record, until)
    const trace = makeTrace(this.#settings, key, newKey, this.#settings.clock())
    return this.#gate.rename(key, newKey, previous, record, trace, until)
  }

  #again(state: SessionState, tries: number, until: number): Answer<CookieNews | undefined> {
    if (tries >= MOST_TRIES || this.#settings.clock() >= until) throw new ConflictError()
    return chain(pause(tries), () =>
      chain(this.#gate.find(state.key, this.#want, until), (found) => this.#swap(state, tries, found, until)),
    )
  }

  /**
   * The session was ended or renewed by another request. Two log-ins at once, a double click, both hold: the later one starts a session of
   * its own, with nothing in it but what this request put there.
   */
  #gone(state: SessionState, until: number): Answer<CookieNews | undefined> {
    const { renewal } = state
    if (renewal === undefined) throw new SupersededError()
    return chain(this.#ender.renewedTo(state.key, until), (other) => {
      if (other === undefined) throw new SupersededError()
      const content = state.compose({ deadline: state.deadline, values: {} })
      return hasVisible(content.values) ? chain(this.#insert(state, renewal.token, content, until), () => undefined) : 'none'
    })
  }
}
