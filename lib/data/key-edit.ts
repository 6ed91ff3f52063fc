import { EditError } from '../errors.ts'
import { handOut } from './values.ts'

/** The function that `update` was given. */
export type UpdateFn = (value: unknown) => unknown

/** Seals a value, or throws why the session cannot hold it. */
export type Admit = (key: string, value: unknown) => unknown

/** A function that `update` was given, and how many marks there were then. */
export interface Step {
  readonly fn: UpdateFn
  readonly since: number
}

/** What a request does to one key: it sets a value (undefined removes) or starts from what is stored, then applies functions. */
export interface KeyEdit {
  readonly starts: 'stored' | 'set'
  readonly value: unknown
  readonly steps: readonly Step[]
  /** Whether it is worth a save. An edit that sets an equal value is not, but it is made when there is a save. */
  readonly counts: boolean
}

export const NO_STEPS: readonly Step[] = []

/** The same functions after so many marks. */
export function unmarked(steps: readonly Step[], since: number): Step[] {
  return steps.map(({ fn }) => ({ fn, since }))
}

/**
 * The value that an edit comes to. Throws `FST_ERR_SCS_EDIT` when a function does.
 *
 * @param made of how many marks the functions were run already on what is stored
 */
export function run(key: string, { starts, value: set, steps }: KeyEdit, made: number, stored: unknown, admit: Admit): unknown {
  let value = starts === 'set' ? set : stored
  try {
    if (steps.length > 0) value = handOut(value, key)
    for (const { fn, since } of steps) {
      if (starts === 'stored' && since < made) continue
      value = fn(value)
      if (value !== undefined) value = admit(key, value)
    }
  } catch (cause) {
    throw new EditError(JSON.stringify(key), { cause })
  }
  return value
}
