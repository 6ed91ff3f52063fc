import { randomBytes } from 'node:crypto'
import { admit, mustBeAnswer } from './admit.ts'
import { Edits, only } from './edits.ts'
import { AUTHENTICATED_AT, hasPassing, isLasting, lasting } from './history.ts'
import { COMPUTED, type Content, type DataSettings, lifetimeOf, REMEMBER, type Values, valueAt, withTypes, withValue } from './record.ts'
import { Terms } from './terms.ts'
import { handOut, isTyped, sameValue, sealStored } from './values.ts'

/** The changes that a request makes to a session, and the values that result. They can be made again on other content. */
export class Changes {
  protected readonly settings: DataSettings
  #base: Content
  /** The values with the changes made; the same object as the base's until the first change. */
  #view: Values
  readonly #edits = new Edits()
  readonly #terms = new Terms()
  /** Whether making the changes again on the base failed, so that the view is older than the base. */
  #isStale = false

  constructor(settings: DataSettings, base: Content) {
    this.settings = settings
    this.#base = base
    this.#view = base.values
  }

  /** The content that the changes are made on. */
  get base(): Content {
    return this.#base
  }

  /** The values with these changes. */
  get values(): Values {
    return this.#view
  }

  get isRenewed(): boolean {
    return this.#terms.isRenewed
  }

  get setsDeadline(): boolean {
    return this.#terms.deadline !== undefined
  }

  /** Whether there are changes to save. A failed request saves none, except that what `regenerate` removed stays removed. */
  isEdited(failed: boolean): boolean {
    return failed ? this.#edits.retains : !this.#edits.isIdle || this.setsDeadline
  }

  /** Whether no change was asked for, not even one that makes no difference so far. */
  get isEmpty(): boolean {
    return !this.isRenewed && !this.isEdited(false) && this.#edits.isEmpty
  }

  /** Whether the changes show in the cookie's attributes. */
  get changesCookie(): boolean {
    // A clear() of a session that is not remembered changes nothing about the cookie.
    const remembers = REMEMBER in this.#base.values || REMEMBER in this.#view
    return this.setsDeadline || (remembers && this.#edits.touches(REMEMBER))
  }

  /** The new token of a renewal; undefined when none was asked for. */
  get renewedToken(): string | undefined {
    return this.isRenewed ? this.#terms.token : undefined
  }

  /** The deadline that results when these changes are made on content with the deadline `stored`. */
  deadlineOn(stored: number, values: Values, failed: boolean): number {
    return this.#terms.deadlineOn(stored, lifetimeOf(this.settings, values), failed)
  }

  /** The content as the request sees it. */
  get content(): Content {
    const { deadline, types } = this.#base
    return withTypes(this.deadlineOn(deadline, this.#view, false), this.#view, this.#edits.typesOn(types))
  }

  /**
   * Sets a value; undefined removes. Throws before anything changes. To set an equal value is not worth a save, but the edit is kept: when
   * another login renewed the session meanwhile, this one starts a session of its own, which must have the value.
   *
   * @param counts whether a different value is worth a save
   */
  write(key: string, value: unknown, counts = true): void {
    const type = this.#edits.noted(key)
    const mine = admit(this.settings, key, value, this.#edits, this.#base.types)
    const isThere = sameValue(valueAt(this.#view, key), mine) && this.#edits.noted(key) === type
    if (!isThere) this.#set(key, mine)
    this.#edits.put(key, mine, this.#edits.touches(key) || (counts && !isThere))
  }

  /** Applies a function now, and again when the session turns out to have changed before the save. */
  change(key: string, fn: (value: unknown) => unknown): void {
    const made = mustBeAnswer(fn(handOut(valueAt(this.#view, key), key)))
    this.#set(key, admit(this.settings, key, made, this.#edits, this.#base.types))
    this.#edits.update(key, fn)
  }

  clear(): void {
    this.#edits.clear(hasPassing(this.#view))
    this.#view = lasting(this.#view)
  }

  /** Notes whether the session is remembered. With the option `remember` a change of that starts its lifetime again. */
  remember(remember: boolean, now: number): void {
    const before = this.#view[REMEMBER] === true
    this.write(REMEMBER, remember)
    if (before !== remember && this.settings.remember !== undefined) this.#terms.restart = now
  }

  setDeadline(deadline: number): void {
    this.#terms.deadline = deadline
  }

  /** Asks for a new token. The lifetime starts again at `restart`, and the renewal is a login at `login`, where these are given. */
  renew(restart: number | undefined, login: number | undefined): void {
    this.#terms.renew(restart)
    if (login !== undefined) this.authenticate(login)
  }

  /** Notes a login. */
  authenticate(now: number): void {
    this.#terms.isLogin = true
    this.#note(AUTHENTICATED_AT, now)
  }

  /** Sets what a session keeps about itself, which alone is not worth a save. */
  #note(key: string, value: unknown): void {
    this.#set(key, value)
    this.#edits.put(key, value, false)
  }

  /** Keeps only some keys, even should the request fail. */
  retain(names: readonly string[]): void {
    const kept = new Set(names)
    this.#edits.retain(kept)
    this.#view = only(this.#view, kept)
  }

  /** Takes over another session's values, and its deadline when that is later. */
  protected takeOver({ deadline, values, types }: Content): void {
    // No session has the key __proto__; a payload that somebody forged may.
    for (const key of Object.keys(values).filter((name) => name !== '__proto__' && !isLasting(name))) {
      const { value } = sealStored(values[key], key)
      this.#set(key, value)
      this.#edits.put(key, value)
      if (isTyped(this.settings.codec)) this.#edits.note(key, types?.keys.get(key))
    }
    if (deadline > this.content.deadline) this.#terms.deadline = deadline
  }

  /** Makes the changes again on another content. */
  rebase(content: Content): void {
    this.#base = content
    this.#edits.recount(content.values)
    try {
      this.#view = this.#applied(content)
      this.#isStale = false
    } catch {
      // The save makes the changes again, and says what went wrong.
      this.#isStale = true
    }
  }

  /** Bases the changes on what was saved of those beneath, which had made the values `seen`. */
  protected baseOn(content: Content, seen: Values): void {
    this.#base = content
    if (this.#view === seen) this.#view = content.values
  }

  /** Puts earlier changes, which were not saved, beneath these. */
  protected prepend(earlier: Changes): void {
    this.#base = earlier.#base
    this.#edits.prepend(earlier.#edits)
    this.#terms.prepend(earlier.#terms)
  }

  /** The content to save, given what the store holds. */
  compose(stored: Content, failed: boolean): Content {
    const values = failed ? this.#edits.retained(stored.values) : this.#composed(stored)
    return withTypes(this.deadlineOn(stored.deadline, values, failed), values, failed ? stored.types : this.#edits.typesOn(stored.types))
  }

  #composed(stored: Content): Values {
    const values = stored === this.#base && !this.#isStale ? this.#view : this.#applied(stored)
    // Two requests that compute the same would write the same bytes, and a store would take the second write for a repetition of the first.
    return this.#edits.computes ? { ...values, [COMPUTED]: randomBytes(9).toString('base64url') } : values
  }

  /** The changes made on stored values. */
  #applied({ values, types }: Content): Values {
    return this.#edits.apply(values, (key, value) => admit(this.settings, key, value, this.#edits, types))
  }

  #set(key: string, value: unknown): void {
    // A login is its owner's: whoever the session belongs to from here on has not logged in yet.
    const isOther = key === this.settings.owner && valueAt(this.#view, key) !== value
    if (isOther && AUTHENTICATED_AT in this.#view && !this.#terms.isLogin) this.#note(AUTHENTICATED_AT, undefined)
    this.#view = withValue(this.#view, this.#base.values, key, value)
  }
}
