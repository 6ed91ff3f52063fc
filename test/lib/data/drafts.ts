import { Draft } from '../../../lib/data/draft.ts'
import { COMPUTED, type Content, valueAt } from '../../../lib/data/record.ts'
import { handOut } from '../../../lib/data/values.ts'
import { settle } from '../../../lib/settings.ts'
import type { ManagerOptions } from '../../../types/options.ts'
import { SpyStore } from '../../support/spy-store.ts'

export const DEADLINE = Date.UTC(2030, 0, 1)
export const MERGED = { key: 'other', data: new Uint8Array([1]) }

/** What is saved of the application's values. */
export function saved(one: Draft, stored: Content, failed = false): Record<string, unknown> {
  return Object.fromEntries(Object.entries(one.compose(stored, failed).values).filter(([key]) => key !== COMPUTED))
}

/** What a session hands out. */
export const read = (one: Draft, key: string) => handOut(valueAt(one.values, key), key)

export function content(values: Record<string, unknown> = {}) {
  return { deadline: DEADLINE, values }
}

export function draft(values: Record<string, unknown> = {}, options: ManagerOptions = {}): Draft {
  return new Draft(settle({ store: new SpyStore(), ...options }), content(values))
}
