import { EditError } from './errors.ts'

/** What `update` was given. */
export type UpdateFn = (value: unknown) => unknown

/** Makes a value the session's own, or throws why it cannot. */
export type Admit = (key: string, value: unknown) => unknown

/** What a request does to one key: it sets a value (undefined removes) or starts from what is stored, then applies functions. */
interface KeyEdit {
  readonly starts: 'stored' | 'set'
  readonly value: unknown
  readonly fns: UpdateFn[]
}

/**
 * A request's changes, kept as what to do and not as what came out, so that they can be done again on a session that another request
 * changed meanwhile: changes of different keys both hold, and on one key the later save does.
 */
export class Edits {
  /** The deadline that `setDeadline` asked for. */
  deadline: number | undefined
  #cleared = false
  readonly #keys = new Map<string, KeyEdit>()

  get isEmpty(): boolean {
    return !this.#cleared && this.#keys.size === 0 && this.deadline === undefined
  }

  /** Sets a value that the session owns already; undefined removes. */
  put(key: string, value: unknown): void {
    this.#keys.set(key, { starts: 'set', value, fns: [] })
  }

  /** Whether the outcome depends on what is stored, so that making the changes twice is not the same as making them once. */
  get computes(): boolean {
    for (const { fns } of this.#keys.values()) if (fns.length > 0) return true
    return false
  }

  update(key: string, fn: UpdateFn): void {
    const edit = this.#keys.get(key)
    if (edit !== undefined) edit.fns.push(fn)
    else this.#keys.set(key, { starts: 'stored', value: undefined, fns: [fn] })
  }

  /** Whatever the session holds goes first. */
  clear(): void {
    this.#cleared = true
    this.#keys.clear()
  }

  /** Forgets what was done to all keys but some. */
  retain(keep: ReadonlySet<string>): void {
    for (const key of this.#keys.keys()) {
      if (!keep.has(key)) this.#keys.delete(key)
    }
  }

  /** Whether a key may have changed. */
  touches(key: string): boolean {
    return this.#cleared || this.#keys.has(key)
  }

  /** The values with the edits applied; the given object stays as it is. Throws `FST_ERR_SCS_EDIT` when a function does. */
  apply(stored: Readonly<Record<string, unknown>>, admit: Admit): Record<string, unknown> {
    const values: Record<string, unknown> = this.#cleared ? {} : { ...stored }
    for (const [key, edit] of this.#keys) {
      const value = run(key, edit, Object.hasOwn(values, key) ? values[key] : undefined, admit)
      if (value === undefined) delete values[key]
      else values[key] = value
    }
    return values
  }
}

function run(key: string, edit: KeyEdit, stored: unknown, admit: Admit): unknown {
  let value = edit.starts === 'set' ? edit.value : stored
  try {
    if (edit.fns.length > 0 && value !== undefined) value = admit(key, value)
    for (const fn of edit.fns) {
      value = fn(value)
      if (value !== undefined) value = admit(key, value)
    }
  } catch (cause) {
    throw new EditError(JSON.stringify(key), { cause })
  }
  return value
}
