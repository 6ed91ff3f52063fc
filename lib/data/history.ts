import type { ClientDetails } from '../../types/options.ts'

/** What a session keeps about itself, under reserved keys: when it was created, in epoch milliseconds, */
export const CREATED_AT = '__createdAt'
/** when its owner last logged in, in epoch milliseconds, */
export const AUTHENTICATED_AT = '__authenticatedAt'
/** and what the option `client` said of the request that created or renewed it: JSON, which every codec can keep. */
export const CLIENT = '__client'

const LASTING: ReadonlySet<string> = new Set([CREATED_AT, AUTHENTICATED_AT, CLIENT])

/** The values of a session that is created now. */
export function newValues(now: number): Record<string, unknown> {
  return { [CREATED_AT]: now }
}

/** Whether a key is about the session itself: it stays when the values are removed, and does not come with another session's. */
export function isLasting(key: string): boolean {
  return LASTING.has(key)
}

/** The values that stay when all others are removed. */
export function lasting(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([key]) => LASTING.has(key)))
}

/** Whether there is anything that a `clear` removes. */
export function hasPassing(values: Readonly<Record<string, unknown>>): boolean {
  for (const key in values) if (!LASTING.has(key)) return true
  return false
}

/** A moment that a session keeps; undefined for a session of an older release or of SCS, which has none. */
export function momentAt(values: Readonly<Record<string, unknown>>, key: typeof CREATED_AT | typeof AUTHENTICATED_AT): number | undefined {
  const at = Object.hasOwn(values, key) ? values[key] : undefined
  return typeof at === 'number' && Number.isFinite(at) ? at : undefined
}

/** What a session keeps about its client. */
export function clientAt(values: Readonly<Record<string, unknown>>): ClientDetails | undefined {
  const text = Object.hasOwn(values, CLIENT) ? values[CLIENT] : undefined
  if (typeof text !== 'string') return undefined
  try {
    const details: unknown = JSON.parse(text)
    return typeof details === 'object' && details !== null && !Array.isArray(details) ? (details as ClientDetails) : undefined
  } catch {
    return undefined
  }
}
