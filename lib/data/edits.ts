import { randomBytes } from 'node:crypto'
import type { SessionTypes } from '../../types/codec.ts'
import { hasPassing } from './history.ts'
import { type Admit, type KeyEdit, NO_STEPS, run, type Step, type UpdateFn, unmarked } from './key-edit.ts'
import { COMPUTED, REMEMBER, type Values, valueAt } from './record.ts'
import { sameValue } from './values.ts'

/**
 * A request's changes, kept as operations and not as results, so that they can be made again on a session that another request changed
 * meanwhile: changes of different keys are both kept, and on one key the later save wins.
 */
export class Edits {
  #cleared = false
  /** Whether the `clear` is worth a save: not when there was nothing to remove. */
  #clearCounts = false
  /** The keys that `regenerate` keeps; undefined keeps everything. */
  #kept: ReadonlySet<string> | undefined = undefined
  readonly #keys = new Map<string, KeyEdit>()
  /** The types that these edits give to keys; undefined for the one that a value takes by itself. */
  #types: Map<string, unknown> | undefined = undefined
  /** The marks of the saves that were tried, each with all functions that there were then. */
  #marks: readonly string[] = []

  get isEmpty(): boolean {
    return !this.#cleared && this.#kept === undefined && this.#keys.size === 0
  }

  /** Whether there is nothing worth a save. */
  get isIdle(): boolean {
    if (this.#clearCounts || this.#kept !== undefined) return false
    for (const { counts } of this.#keys.values()) if (counts) return false
    return true
  }

  /** Whether `regenerate` removes keys, which it does even when the request fails. */
  get retains(): boolean {
    return this.#kept !== undefined
  }

  /** A mark for the values that these edits come to, by which they are known again. Undefined where to make them twice is the same as once. */
  get mark(): string | undefined {
    let latest = -1
    for (const { steps } of this.#keys.values()) for (const { since } of steps) latest = Math.max(latest, since)
    if (latest === -1) return undefined
    if (latest === this.#marks.length) this.#marks = [...this.#marks, randomBytes(9).toString('base64url')]
    return this.#marks.at(-1)
  }

  /** Sets a value that the session owns already; undefined removes. */
  put(key: string, value: unknown, counts = true): void {
    this.#keys.set(key, { starts: 'set', value, steps: NO_STEPS, counts })
  }

  update(key: string, fn: UpdateFn): void {
    this.#add(key, [{ fn, since: this.#marks.length }])
  }

  #add(key: string, steps: readonly Step[]): void {
    const { starts = 'stored', value, steps: before = NO_STEPS } = this.#keys.get(key) ?? {}
    this.#keys.set(key, { starts, value, steps: [...before, ...steps], counts: true })
  }

  /** Notes the type that the codec gave to the value of a key. */
  note(key: string, type: unknown): void {
    this.#types ??= new Map()
    this.#types.set(key, type)
  }

  /** The type that these edits gave to a key. */
  noted(key: string): unknown {
    return this.#types?.get(key)
  }

  /** What is known of the value under a key, given what is known of the stored one. */
  typeOf(key: string, stored: SessionTypes | undefined): unknown {
    if (this.#types?.has(key)) return this.#types.get(key)
    return this.#keeps(key) ? stored?.keys.get(key) : undefined
  }

  /** What is known of all values, given what is known of the stored ones. */
  typesOn(stored: SessionTypes | undefined): SessionTypes | undefined {
    if (this.#types === undefined && (stored === undefined || (!this.#cleared && this.#kept === undefined))) return stored
    const kept = [...(stored?.keys ?? [])].filter(([key]) => this.#keeps(key))
    return { ...stored, keys: new Map([...kept, ...(this.#types ?? [])]) }
  }

  /** Whether a stored value is there before the edits of its key. */
  #keeps(key: string): boolean {
    return !this.#cleared && isKept(this.#kept, key)
  }

  /** Removes whatever the session holds first. */
  clear(counts = true): void {
    this.#types = undefined
    this.#clearCounts ||= counts || !this.isIdle
    this.#cleared = true
    this.#keys.clear()
  }

  /** Keeps only some keys. */
  retain(names: ReadonlySet<string>): void {
    this.#kept = intersection(this.#kept, names)
    for (const key of this.#keys.keys()) if (!isKept(names, key)) this.#keys.delete(key)
  }

  /** Decides again which edits are worth a save, given other values. */
  recount(values: Values): void {
    if (this.#cleared) this.#clearCounts ||= hasPassing(values)
    for (const [key, edit] of this.#keys) {
      const isThere = edit.steps.length === 0 && sameValue(valueAt(values, key), edit.value)
      if (!edit.counts && !isThere) this.#keys.set(key, { ...edit, counts: true })
    }
  }

  /** Whether a key may have changed. */
  touches(key: string): boolean {
    return this.#clearCounts || this.#keys.get(key)?.counts === true
  }

  /** Puts earlier edits beneath these: as if all had been made in one go. */
  prepend(earlier: Edits): void {
    this.#marks = earlier.#marks
    if (earlier.#types !== undefined && !this.#cleared) this.#types = new Map([...earlier.#types, ...(this.#types ?? [])])
    const later = [...this.#keys].map(([key, edit]) => [key, { ...edit, steps: unmarked(edit.steps, this.#marks.length) }] as const)
    this.#keys.clear()
    if (!this.#cleared) for (const [key, edit] of earlier.#keys) if (isKept(this.#kept, key)) this.#keys.set(key, edit)
    for (const [key, edit] of later) {
      if (edit.starts === 'set') this.#keys.set(key, { ...edit, counts: edit.counts || this.touches(key) })
      else this.#add(key, edit.steps)
    }
    this.#clearCounts ||= earlier.#clearCounts || (this.#cleared && !earlier.isIdle)
    this.#cleared ||= earlier.#cleared
    this.#kept = intersection(earlier.#kept, this.#kept)
  }

  /** The stored values without those that `regenerate` removes. */
  retained(stored: Values): Values {
    return this.#kept === undefined ? stored : only(stored, this.#kept)
  }

  /** The values with the edits applied; the given object stays as it is. Throws `FST_ERR_SCS_EDIT` when a function does. */
  apply(stored: Values, admit: Admit): Record<string, unknown> {
    const values: Record<string, unknown> = this.#cleared ? {} : { ...this.retained(stored) }
    // A save whose answer was lost may have been made: what it computed must not be computed again.
    const made = 1 + this.#marks.lastIndexOf(String(stored[COMPUTED]))
    for (const [key, edit] of this.#keys) {
      const value = run(key, edit, this.#keeps(key) ? made : 0, Object.hasOwn(values, key) ? values[key] : undefined, admit)
      if (value === undefined) delete values[key]
      else values[key] = value
    }
    return values
  }
}

function intersection(a: ReadonlySet<string> | undefined, b: ReadonlySet<string> | undefined): ReadonlySet<string> | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return new Set([...a].filter((key) => b.has(key)))
}

/** `regenerate` keeps the choice of `rememberMe`: it is about the cookie, and no value of the application. */
function isKept(names: ReadonlySet<string> | undefined, key: string): boolean {
  return names === undefined || names.has(key) || key === REMEMBER
}

/** The values under some keys. */
export function only(values: Values, names: ReadonlySet<string>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([key]) => isKept(names, key)))
}
