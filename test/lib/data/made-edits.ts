import { Edits } from '../../../lib/data/edits.ts'

export const admit = (_key: string, value: unknown): unknown => value
export const increment = (value: unknown): unknown => Number(value ?? 0) + 1

/** The edits of one request, in the order in which it made them. */
export function edits(...changes: ((edits: Edits) => void)[]): Edits {
  const made = new Edits()
  for (const change of changes) change(made)
  return made
}
