import type { ClientDetails } from '../../types/options.ts'

/**
 * What a session keeps about itself, under reserved keys. None of it is a value of the application: it does not go when values are cleared, and does
 * not come with those of another session.
 */

/** When the session was created, in epoch milliseconds. */
export const CREATED_AT = '__createdAt'
/** When its owner last logged in, in epoch milliseconds. */
export const AUTHENTICATED_AT = '__authenticatedAt'
/** Where it stands among its owner's sessions: that of a later login is higher. Only with the option `limit`. */
export const OWNER_SINCE = '__ownerSince'
/** What the option `client` said of the request that created or renewed it: JSON, which every codec can keep. */
export const CLIENT = '__client'

const LASTING = [CREATED_AT, AUTHENTICATED_AT, OWNER_SINCE, CLIENT] as const
type Lasting = (typeof LASTING)[number]
type Values = Readonly<Record<string, unknown>>

/** The values of a session that is created now. */
export function newValues(now: number): Record<string, unknown> {
  return { [CREATED_AT]: now }
}

/** Whether a key is about the session itself. */
export function isLasting(key: string): boolean {
  return (LASTING as readonly string[]).includes(key)
}

/** Whether there is anything that a `clear` removes. */
export function hasPassing(values: Values): boolean {
  for (const key in values) if (!isLasting(key)) return true
  return false
}

/** The values with what the session keeps about itself: as it is stored, but for what is given. The same object when nothing differs. */
export function withHistory(values: Values, stored: Values, changes: Partial<Record<Lasting, unknown>>): Values {
  let result: Record<string, unknown> | undefined
  for (const key of LASTING) {
    const value = key in changes ? changes[key] : stored[key]
    if (values[key] === value) continue
    result ??= { ...values }
    if (value === undefined) delete result[key]
    else result[key] = value
  }
  return result ?? values
}

/** A number that a session keeps; undefined for a session of an older release or of SCS, which has none. */
export function momentAt(values: Values, key: Exclude<Lasting, typeof CLIENT>): number | undefined {
  const at = Object.hasOwn(values, key) ? values[key] : undefined
  return typeof at === 'number' && Number.isFinite(at) ? at : undefined
}

/** What a session keeps about its client. */
export function clientAt(values: Values): ClientDetails | undefined {
  const text = Object.hasOwn(values, CLIENT) ? values[CLIENT] : undefined
  if (typeof text !== 'string') return undefined
  try {
    const details: unknown = JSON.parse(text)
    return typeof details === 'object' && details !== null && !Array.isArray(details) ? (details as ClientDetails) : undefined
  } catch {
    return undefined
  }
}
