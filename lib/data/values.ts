import { types } from 'node:util'
import { freezePlain, freshBytes } from './readonly.ts'
import { MAX_DEPTH, type Sealed, Sealer } from './sealer.ts'

export { sameValue } from './same-value.ts'
export { MAX_BIGINT_BITS, MAX_DEPTH } from './sealer.ts'

/** What was sealed before and need not be walked again, however many requests read it. Weak: an entry goes with its value. */
const SEALED = new WeakMap<object, Sealed>()

/**
 * Makes a value the session's own. Plain data is frozen where it stands, the mutators of a Date, Map or Set are closed, bytes are copied.
 * Throws `FST_ERR_SCS_VALUE` with the path of the first part that a payload could not bring back, and then leaves all of it as it was.
 *
 * A Buffer is refused, as is every instance of a class: a payload brings back a Uint8Array, whose `toString('hex')` is something else.
 *
 * @param maxParts how many parts the value may have; a session of so many bytes cannot have more
 */
export function seal(value: unknown, key: string, maxParts: number): Sealed {
  // Nothing to look into: what most puts are.
  if (typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)) return { value, bytes: false, parts: 1 }
  const before = SEALED.get(value as object)
  if (before?.parts !== undefined && before.parts <= maxParts) return before
  const sealed = new Sealer(key, maxParts, false).take(value)
  return sealed.parts === undefined ? sealed : remember(value, sealed)
}

/**
 * The same for a value of a payload, which is walked once however often it is asked for. It may have any number of parts, for its bytes are
 * there already, and a Buffer becomes a Uint8Array: a codec may decode to one where a Uint8Array was put.
 */
export function sealStored(value: unknown, key: string): Sealed {
  const before = SEALED.get(value as object)
  if (before !== undefined) return before
  if (value === undefined || freezes(value)) return remember(value, { value, bytes: false, parts: undefined })
  const sealed = new Sealer(key, Number.POSITIVE_INFINITY, true).take(value)
  // To look at a lone Date again takes less time than to remember it.
  if (sealed.value === value) return types.isDate(value) ? sealed : remember(value, sealed)
  remember(value, sealed)
  return remember(sealed.value, sealed)
}

/**
 * What a session hands out of a value that it holds: closed to changes, and the same object each time, but for bytes, which leave as
 * copies. Throws `FST_ERR_SCS_VALUE` for what no session takes and a codec of the application decoded all the same.
 */
export function handOut(value: unknown, key: string): unknown {
  if (typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)) return value
  const before = SEALED.get(value as object)
  if (before === undefined && types.isUint8Array(value)) return freshBytes(value)
  const { value: mine, bytes } = before ?? sealStored(value, key)
  return bytes ? freshBytes(mine) : mine
}

/**
 * Freezes a session's values for good, so that several requests may share them. Returns false when it cannot, because they are more than
 * plain data: the methods of their prototypes change a Date, a Map, a Set and bytes in spite of every lock.
 */
export function freezeAll(values: Readonly<Record<string, unknown>>): boolean {
  for (const key in values) {
    const value = values[key]
    if (typeof value !== 'bigint' && !freezes(value)) return false
  }
  Object.freeze(values)
  return true
}

/** Freezes plain data. What throws at a mere look is none. */
function freezes(value: unknown): boolean {
  try {
    return freezePlain(value, MAX_DEPTH)
  } catch {
    return false
  }
}

function remember(value: unknown, sealed: Sealed): Sealed {
  if (typeof value === 'object' && value !== null) SEALED.set(value, sealed)
  return sealed
}

/** Whether a value is an object without keys. */
export function isEmptyObject(value: unknown): boolean {
  // A proxy may run code of its own, or be revoked: what it holds is found out when it is put in.
  if (typeof value !== 'object' || value === null || types.isProxy(value)) return false
  return !Array.isArray(value) && Object.keys(value).length === 0
}
