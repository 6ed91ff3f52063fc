import { admit, mustBeAnswer } from './admit.ts'
import { Edits, only } from './edits.ts'
import { hasPassing, isLasting } from './history.ts'
import { authenticatedAt, withLogin } from './login.ts'
import {
  COMPUTED,
  type Content,
  type DataSettings,
  lifetimeOf,
  ownerOf,
  REMEMBER,
  type Values,
  valueAt,
  withTypes,
  withValue,
} from './record.ts'
import { Terms } from './terms.ts'
import { handOut, isTyped, sameValue, sealStored } from './values.ts'

/** The changes that a request makes to a session, its terms among them, and the values that result. They can be made again on other content. */
export class Changes extends Terms {
  protected readonly settings: DataSettings
  #base: Content
  /** The values with the changes made; the same object as the base's until the first change. */
  #view: Values
  readonly #edits = new Edits()
  /** Whether making the changes again on the base failed, so that the view is older than the base. */
  #isStale = false

  constructor(settings: DataSettings, base: Content) {
    super()
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
    return this.isRenewed ? this.token : undefined
  }

  /** The deadline that results when these changes are made on content with the deadline `stored`. */
  deadlineOn(stored: number, values: Values, failed: boolean): number {
    return this.deadlineAfter(stored, lifetimeOf(this.settings, values), failed)
  }

  /** The content as the request sees it. */
  get content(): Content {
    const { deadline, types } = this.#base
    const values = withLogin(this.settings, this.#base.values, this.#view, this.login)
    return withTypes(this.deadlineOn(deadline, values, false), values, this.#edits.typesOn(types))
  }

  /** When the owner of the session, as the request sees it, logged in. */
  get authenticatedAt(): number | undefined {
    return authenticatedAt(this.settings, this.#base.values, this.#view, this.login)
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
    this.#claim(key)
  }

  /** Applies a function now, and again when the session turns out to have changed before the save. */
  change(key: string, fn: (value: unknown) => unknown): void {
    const made = mustBeAnswer(fn(handOut(valueAt(this.#view, key), key)))
    this.#set(key, admit(this.settings, key, made, this.#edits, this.#base.types))
    this.#edits.update(key, fn)
    this.#claim(key)
  }

  clear(): void {
    this.#edits.clear(hasPassing(this.#view))
    this.#view = {}
    if (this.settings.owner === undefined) this.logOut()
  }

  /** Notes whether the session is remembered. With the option `remember` a change of that starts its lifetime again. */
  remember(remember: boolean, now: number): void {
    const before = this.#view[REMEMBER] === true
    this.write(REMEMBER, remember)
    if (before !== remember && this.settings.remember !== undefined) this.restart = now
  }

  /** Notes a login. */
  authenticate(now: number): void {
    this.logIn(now, ownerOf(this.settings, this.#view))
  }

  #claim(key: string): void {
    const owner = key === this.settings.owner ? ownerOf(this.settings, this.#view) : undefined
    if (owner !== undefined) this.claim(owner)
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
      if (key === this.settings.owner) this.disclaim()
    }
    if (deadline > this.content.deadline) this.setDeadline(deadline)
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

  /** Bases the changes on what was saved of those beneath. */
  protected baseOn(content: Content): void {
    if (this.#view === this.#base.values) this.#view = content.values
    this.#base = content
  }

  /** Puts earlier changes, which were not saved, beneath these. */
  protected prepend(earlier: Changes): void {
    this.#base = earlier.#base
    this.#edits.prepend(earlier.#edits)
    this.prependTerms(earlier)
  }

  /** The content to save, given what the store holds. */
  compose(stored: Content, failed: boolean): Content {
    const made = failed ? this.#edits.retained(stored.values) : this.#composed(stored)
    const values = withLogin(this.settings, stored.values, made, failed ? undefined : this.login)
    return withTypes(this.deadlineOn(stored.deadline, values, failed), values, failed ? stored.types : this.#edits.typesOn(stored.types))
  }

  #composed(stored: Content): Values {
    const values = stored === this.#base && !this.#isStale ? this.#view : this.#applied(stored)
    // Two requests that compute the same would write the same bytes, and a store would take the second write for a repetition of the first.
    const { mark } = this.#edits
    return mark === undefined ? values : { ...values, [COMPUTED]: mark }
  }

  /** The changes made on stored values. */
  #applied({ values, types }: Content): Values {
    return this.#edits.apply(values, (key, value) => admit(this.settings, key, value, this.#edits, types))
  }

  #set(key: string, value: unknown): void {
    this.#view = withValue(this.#view, this.#base.values, key, value)
  }
}
