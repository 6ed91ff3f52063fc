import { types } from 'node:util'
import type { AdmittedValue, SessionCodec } from '../../types/codec.ts'
import { freezePlain, freshBytes } from './readonly.ts'
import { MAX_DEPTH, type Sealed, Sealer } from './sealer.ts'
import { isRich } from './tags.ts'

export { sameValue } from './same-value.ts'
export { MAX_BIGINT_BITS, MAX_DEPTH } from './sealer.ts'

/** The values that were sealed already, which need not be checked again. Weak, so that an entry is dropped with its value. */
const SEALED = new WeakMap<object, Sealed>()

/**
 * Seals a value: from then on it belongs to the session and cannot be changed in place. Plain data is frozen, the mutators of a Date, Map or
 * Set throw, bytes are copied. Throws `FST_ERR_SCS_VALUE` with the path of the first part that would not be the same when it is read again,
 * and then changes nothing.
 *
 * A Buffer is refused, as is every instance of a class: a payload brings back a Uint8Array, whose `toString('hex')` is something else.
 *
 * @param maxParts how many parts the value may have; a session of so many bytes cannot have more
 * @param source 'typed' for a codec with types of its own
 */
export function seal(value: unknown, key: string, maxParts: number, source: 'put' | 'typed' = 'put'): Sealed {
  // Most values are of these types, and need no check of their parts.
  if (typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)) return { value, bytes: false, parts: 1 }
  const before = SEALED.get(value as object)
  if (before?.parts !== undefined && before.parts <= maxParts) return before
  const sealed = new Sealer(key, maxParts, source).take(value)
  return sealed.parts === undefined ? sealed : remember(value, sealed)
}

/** A codec with types of its own. */
export type TypedCodec = SessionCodec & Required<Pick<SessionCodec, 'admit'>>

export function isTyped(codec: SessionCodec): codec is TypedCodec {
  return codec.admit !== undefined
}

/** Seals a value for a codec with types of its own, which takes the value and its type apart. */
export function sealTyped(codec: TypedCodec, key: string, value: unknown, maxParts: number, type: unknown): AdmittedValue {
  const mine = seal(value, key, maxParts, 'typed').value
  const admitted = codec.admit(key, mine, type)
  return admitted.value === mine ? admitted : { value: seal(admitted.value, key, maxParts, 'typed').value, type: admitted.type }
}

/**
 * Seals a value that a codec decoded, once however often it is read. It may have any number of parts, because its bytes were stored already,
 * and a Buffer becomes a Uint8Array: a codec may decode to a Buffer where a Uint8Array was put.
 */
export function sealStored(value: unknown, key: string): Sealed {
  const before = SEALED.get(value as object)
  if (before !== undefined) return before
  if (value === undefined || freezes(value)) return remember(value, { value, bytes: false, parts: undefined })
  const sealed = new Sealer(key, Number.POSITIVE_INFINITY, 'stored').take(value)
  // To check a single Date again takes less time than to remember it.
  if (sealed.value === value) return types.isDate(value) ? sealed : remember(value, sealed)
  remember(value, sealed)
  return remember(sealed.value, sealed)
}

/**
 * Hands out a value that a session holds: read-only, and the same object each time, except for bytes, which are copied each time. Throws
 * `FST_ERR_SCS_VALUE` when a codec of the application decoded a value that a session cannot hold.
 */
export function handOut(value: unknown, key: string): unknown {
  if (typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)) return value
  const before = SEALED.get(value as object)
  if (before === undefined && types.isUint8Array(value)) return freshBytes(value)
  const { value: mine, bytes } = before ?? sealStored(value, key)
  return bytes ? freshBytes(mine) : mine
}

/**
 * Freezes a session's values, so that several requests may share them. Returns false when they are not plain data alone: a Date, a Map, a
 * Set and bytes can always be changed by the methods of their prototypes.
 */
export function freezeAll(values: Readonly<Record<string, unknown>>): boolean {
  for (const key in values) {
    const value = values[key]
    if (typeof value !== 'bigint' && !freezes(value)) return false
  }
  Object.freeze(values)
  return true
}

/** Freezes plain data. Returns false for anything else, and for a value whose inspection throws. */
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

/** Whether a value is an object without keys. A Date, a Map, a Set or bytes have none either, but are values. */
export function isEmptyObject(value: unknown): boolean {
  // A Proxy may run code of its own, or be revoked; it is checked when it is sealed. So may one that is a prototype.
  if (typeof value !== 'object' || value === null || types.isProxy(value)) return false
  return !Array.isArray(value) && !isRich(value) && Object.keys(value).length === 0
}
