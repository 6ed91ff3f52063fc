import { randomBytes } from 'node:crypto'
import { Edits } from './edits.ts'
import { ValueError } from './errors.ts'
import type { Settings } from './options.ts'
import { COMPUTED, type Content, isReserved, ownerText } from './record.ts'
import { freshBytes, own } from './values.ts'

/** How many parts a stored value may have: its bytes are there already, more than `maxBytes` should that have been lowered. */
const STORED = Number.POSITIVE_INFINITY

/** A session's content as one request sees and changes it, with the changes kept apart so that they can be made again. */
export class Draft {
  readonly base: Content
  readonly #settings: Settings
  /** The same object as the base's until the first change. */
  #view: Record<string, unknown>
  #edits: Edits | undefined = undefined
  /** The keys whose values are closed to changes already, and whether there are bytes in them. */
  #owned: Map<string, boolean> | undefined = undefined
  /** What `regenerate` keeps; undefined keeps everything. */
  #keep: ReadonlySet<string> | undefined = undefined

  constructor(settings: Settings, base: Content) {
    this.#settings = settings
    this.base = base
    this.#view = base.values
  }

  /** What the request changes; made at the first change, for most requests make none. */
  get edits(): Edits {
    this.#edits ??= new Edits()
    return this.#edits
  }

  /** The deadline that `setDeadline` asked for. */
  get deadline(): number | undefined {
    return this.#edits?.deadline
  }

  /** The values with this request's changes. */
  get values(): Readonly<Record<string, unknown>> {
    return this.#view
  }

  /** Whether there are changes that hold. Those of a failed request do not, but what `regenerate` removes stays removed. */
  isEdited(failed: boolean): boolean {
    return this.#keep !== undefined || (!failed && this.#edits !== undefined && !this.#edits.isEmpty)
  }

  read(key: string): unknown {
    if (typeof key !== 'string' || !Object.hasOwn(this.#view, key) || isReserved(key)) return undefined
    const value = this.#view[key]
    return typeof value === 'object' && value !== null ? this.#handOut(key, value) : value
  }

  /** What comes from a payload is closed to changes when it is first handed out, and not when it is loaded. */
  #handOut(key: string, value: object): unknown {
    const mine = this.#owned?.has(key) ? value : this.#keepIn(this.#view, key, value, STORED)
    return this.#owned?.get(key) === true ? freshBytes(mine) : mine
  }

  /** Sets a value; undefined removes. Throws before anything changes. */
  write(key: string, value: unknown): void {
    if (!isReserved(key)) this.#check(key, value)
    this.edits.put(key, this.#set(key, value))
  }

  /** Applies a function now, and again should the session have changed when it is saved. */
  change(key: string, fn: (value: unknown) => unknown): void {
    const value = fn(this.read(key))
    this.#check(key, value)
    this.#set(key, value)
    this.edits.update(key, fn)
  }

  clear(): void {
    this.#view = {}
    this.edits.clear()
  }

  /** Keeps only some keys, even should the request fail. */
  retain(names: readonly string[]): void {
    const keep = new Set(names)
    const before = this.#keep
    this.#keep = before === undefined ? keep : new Set(names.filter((key) => before.has(key)))
    this.#view = only(this.#view, keep)
    this.edits.retain(keep)
  }

  /** Takes over another session's content. */
  absorb(other: Content, deadline: number): void {
    // No session has the key __proto__; a payload that somebody forged may.
    for (const key of Object.keys(other.values)) if (key !== '__proto__') this.edits.put(key, this.#set(key, other.values[key], STORED))
    if (other.deadline > deadline) this.edits.deadline = other.deadline
  }

  /** The content to save, given what the store holds and which deadline that has. */
  compose(stored: Content, failed: boolean): Record<string, unknown> {
    const kept = () => (this.#keep === undefined ? stored.values : only(stored.values, this.#keep))
    if (failed) return kept()
    const values = stored === this.base ? this.#view : this.edits.apply(kept(), this.#admit)
    // Two requests that count the same would write the same bytes, and a store takes the second for the first one sent again.
    return this.edits.computes ? { ...values, [COMPUTED]: randomBytes(9).toString('base64url') } : values
  }

  readonly #admit = (key: string, value: unknown): unknown => {
    this.#check(key, value)
    return own(value, key, this.#settings.maxBytes).value
  }

  #check(key: string, value: unknown): void {
    const { owner, schema } = this.#settings
    if (value === undefined) return
    // A session whose owner cannot be told would be missed by every log-out of that owner.
    if (key === owner && ownerText(value) === undefined) throw new ValueError(key, 'it names the owner: a string, a number or a bigint')
    schema?.check(key, value)
  }

  #set(key: string, value: unknown, maxParts = this.#settings.maxBytes): unknown {
    const values = this.#view === this.base.values ? { ...this.#view } : this.#view
    const kept = value === undefined ? undefined : this.#keepIn(values, key, value, maxParts)
    if (value === undefined) delete values[key]
    this.#view = values
    return kept
  }

  #keepIn(values: Record<string, unknown>, key: string, value: unknown, maxParts: number): unknown {
    const owned = own(value, key, maxParts)
    values[key] = owned.value
    this.#owned ??= new Map()
    this.#owned.set(key, owned.bytes)
    return owned.value
  }
}

function only(values: Readonly<Record<string, unknown>>, keep: ReadonlySet<string>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([key]) => keep.has(key)))
}
