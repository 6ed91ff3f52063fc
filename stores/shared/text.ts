/** What SCS's CHAR(43) can hold, without white space, which some databases drop or ignore at the end. */
const KEY = /^[!-~]{1,43}$/

/** Returns the key. Throws a RangeError for one that some database could mistake for another; the manager never makes such a key. */
export function checkedKey(key: string): string {
  if (KEY.test(key)) return key
  throw new RangeError('a key is 1 to 43 printable ASCII characters')
}

/** Returns the owner. Throws a RangeError for a string that is not well-formed Unicode or is longer than `maxBytes` in UTF-8. */
export function checkedOwner(owner: string, maxBytes = Number.POSITIVE_INFINITY): string {
  if (!owner.isWellFormed()) throw new RangeError('an owner is well-formed Unicode: this one has half a surrogate pair')
  // One code unit has at most three bytes.
  if (owner.length * 3 > maxBytes && Buffer.byteLength(owner) > maxBytes)
    throw new RangeError(`this store takes an owner of at most ${maxBytes} bytes`)
  return owner
}

/** The latest moment that a Date can hold. */
export const LATEST = 8_640_000_000_000_000

/** An expiry in whole milliseconds, 0 for any before 1970. Throws a RangeError for one that a Date cannot hold. */
export function checkedExpiry(expiresAt: number): number {
  if (!(expiresAt <= LATEST)) throw new RangeError(`an expiry is epoch milliseconds, at most ${LATEST}: this one is ${expiresAt}`)
  return Math.floor(Math.max(expiresAt, 0))
}

/** The warning, and the error, of a store whose table lacks the owner column. */
export const NO_OWNER_COLUMN =
  'the table has no owner column, so the owner of a session cannot be stored: call migrate() to add it, or set the option owner: false'

/** The driver's error about a missing table, with what to do, and its code. */
export function noTable(store: string, cause: unknown): Error {
  const { message, code } = cause as Error & { code?: unknown }
  return Object.assign(new Error(`${store}: ${message}: call await store.migrate() once, before the first request`, { cause }), { code })
}
