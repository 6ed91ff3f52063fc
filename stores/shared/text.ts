/** What SCS's CHAR(43) holds, without white space, which some databases drop or ignore at the end. */
const KEY = /^[!-~]{1,43}$/

/** The key, as it may be sent. Throws a RangeError for one that a database could take for another: the manager makes none of these. */
export function checkedKey(key: string): string {
  if (KEY.test(key)) return key
  throw new RangeError('a key is 1 to 43 printable ASCII characters')
}

/** The owner, as it may be sent. Throws a RangeError for text that has no UTF-8 form of its own, or is longer than `most` bytes. */
export function checkedOwner(owner: string, maxBytes = Number.POSITIVE_INFINITY): string {
  if (!owner.isWellFormed()) throw new RangeError('an owner is well-formed Unicode: this one has half a surrogate pair')
  // One code unit has at most three bytes.
  if (owner.length * 3 > maxBytes && Buffer.byteLength(owner) > maxBytes)
    throw new RangeError(`this store takes an owner of at most ${maxBytes} bytes`)
  return owner
}

/** The latest moment of a Date. */
export const LATEST = 8_640_000_000_000_000

/** An expiry in whole milliseconds, as it may be sent; one before 1970 has passed all the same. Throws a RangeError for what is no moment. */
export function checkedExpiry(expiresAt: number): number {
  if (!(expiresAt <= LATEST)) throw new RangeError(`an expiry is epoch milliseconds, at most ${LATEST}: this one is ${expiresAt}`)
  return Math.floor(Math.max(expiresAt, 0))
}
