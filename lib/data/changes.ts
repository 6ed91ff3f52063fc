import { randomBytes } from 'node:crypto'
import { admit } from './admit.ts'
import { Edits, only } from './edits.ts'
import { COMPUTED, type Content, type DataSettings, isEmpty, lifetimeOf, REMEMBER, type Values, valueAt } from './record.ts'
import { Terms } from './terms.ts'
import { handOut, sameValue, sealStored } from './values.ts'

/** What a request changes, kept so that it can be made again on other content, and what comes of it. */
export class Changes {
  protected readonly settings: DataSettings
  #base: Content
  /** The same object as the base's until the first change. */
  #view: Values
  readonly #edits = new Edits()
  readonly #terms = new Terms()
  /** Whether the changes could not be made again on the base: what is seen is older. */
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

  /** Whether there are changes that hold. Those of a failed request do not, but what `regenerate` removes stays removed. */
  isEdited(failed: boolean): boolean {
    return failed ? this.#edits.retains : !this.#edits.isIdle || this.setsDeadline
  }

  /** Whether nothing was asked for, not even what makes no difference so far. */
  get isEmpty(): boolean {
    return !this.isRenewed && !this.isEdited(false) && this.#edits.isEmpty
  }

  /** Whether the changes show in the cookie's attributes. */
  get changesCookie(): boolean {
    // A clear() where nobody asked to be remembered changes nothing about the cookie.
    const remembers = REMEMBER in this.#base.values || REMEMBER in this.#view
    return this.setsDeadline || (remembers && this.#edits.touches(REMEMBER))
  }

  /** The token that a renewal brings: undefined when none is asked for. */
  get renewedToken(): string | undefined {
    return this.isRenewed ? this.#terms.token : undefined
  }

  /** The token that a session has once this is saved. */
  tokenAfter(token: string): string {
    return this.isRenewed ? this.#terms.token : token
  }

  /** The deadline of these changes made on what has another. */
  deadlineOn(stored: number, values: Values, failed: boolean): number {
    return this.#terms.deadlineOn(stored, lifetimeOf(this.settings, values), failed)
  }

  /** The content as the request sees it. */
  get content(): Content {
    return { deadline: this.deadlineOn(this.#base.deadline, this.#view, false), values: this.#view }
  }

  // Changes.

  /**
   * Sets a value; undefined removes. Throws before anything changes. A value that is there already is not worth a save, but holds when there is
   * one: what a login puts must be in the session that it starts when another login renewed this one.
   *
   * @param counts whether a new value is worth a save
   */
  write(key: string, value: unknown, counts = true): void {
    const mine = admit(this.settings, key, value)
    const isThere = sameValue(valueAt(this.#view, key), mine)
    if (!isThere) this.#set(key, mine)
    this.#edits.put(key, mine, this.#edits.touches(key) || (counts && !isThere))
  }

  /** Applies a function now, and again should the session have changed when it is saved. */
  change(key: string, fn: (value: unknown) => unknown): void {
    this.#set(key, admit(this.settings, key, fn(handOut(valueAt(this.#view, key), key))))
    this.#edits.update(key, fn)
  }

  clear(): void {
    this.#edits.clear(!isEmpty(this.#view))
    this.#view = {}
  }

  /** Notes whether the session is remembered: with the option `remember` its lifetime begins anew. */
  remember(remember: boolean, now: number): void {
    const before = this.#view[REMEMBER] === true
    this.write(REMEMBER, remember)
    if (before !== remember && this.settings.remember !== undefined) this.#terms.restart = now
  }

  setDeadline(deadline: number): void {
    this.#terms.deadline = deadline
  }

  /** Asks for a new token; without a moment from which the lifetime counts anew the deadline stays. */
  renew(restart: number | undefined): void {
    this.#terms.renew(restart)
  }

  /** Keeps only some keys, even should the request fail. */
  retain(names: readonly string[]): void {
    const kept = new Set(names)
    this.#edits.retain(kept)
    this.#view = only(this.#view, kept)
  }

  /** Takes over another session's values, and its deadline when that is later. */
  protected takeOver(other: Content): void {
    // No session has the key __proto__; a payload that somebody forged may.
    for (const key of Object.keys(other.values)) {
      if (key === '__proto__') continue
      const { value } = sealStored(other.values[key], key)
      this.#set(key, value)
      this.#edits.put(key, value)
    }
    if (other.deadline > this.content.deadline) this.#terms.deadline = other.deadline
  }

  /** Makes the changes again on another content. */
  rebase(content: Content): void {
    this.#base = content
    this.#edits.recount(content.values)
    try {
      this.#view = this.#applied(content.values)
      this.#isStale = false
    } catch {
      // The save makes the changes again, and says what went wrong.
      this.#isStale = true
    }
  }

  /**
   * Bases the changes on what was saved of those beneath.
   *
   * @param seen the values that those beneath had made
   */
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

  // What is saved.

  /** The content to save, given what the store holds. */
  compose(stored: Content, failed: boolean): Content {
    const values = failed ? this.#edits.retained(stored.values) : this.#composed(stored)
    return { deadline: this.deadlineOn(stored.deadline, values, failed), values }
  }

  #composed(stored: Content): Values {
    const values = stored === this.#base && !this.#isStale ? this.#view : this.#applied(stored.values)
    // Two requests that count the same would write the same bytes, and a store takes the second for the first one sent again.
    return this.#edits.computes ? { ...values, [COMPUTED]: randomBytes(9).toString('base64url') } : values
  }

  /** The changes made on stored values. */
  #applied(stored: Values): Values {
    return this.#edits.apply(stored, (key, value) => admit(this.settings, key, value))
  }

  #set(key: string, value: unknown): void {
    const values: Record<string, unknown> = this.#view === this.#base.values ? { ...this.#view } : (this.#view as Record<string, unknown>)
    if (value === undefined) delete values[key]
    else values[key] = value
    this.#view = values
  }
}
