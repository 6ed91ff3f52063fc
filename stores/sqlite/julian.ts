/** The day on which 1970 began, in Julian days, which SCS keeps moments in; in milliseconds, as SQLite counts within. */
const EPOCH = 210_866_760_000_000
const DAY = 86_400_000

/**
 * A moment as SCS's sqlite3store writes it, which is what `julianday()` of SQLite gives, to the last bit: milliseconds keep their order and
 * come back exactly. Fractions of one are dropped.
 */
export function toJulian(moment: number): number {
  return (Math.floor(moment) + EPOCH) / DAY
}

/** The moment in epoch milliseconds. */
export function fromJulian(days: number): number {
  return Math.round(days * DAY - EPOCH)
}
