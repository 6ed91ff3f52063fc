/** The start of 1970 in milliseconds since the beginning of the Julian days, in which SCS stores moments; SQLite counts such milliseconds. */
const EPOCH = 210_866_760_000_000
const DAY = 86_400_000

/**
 * A moment as SCS's sqlite3store writes it: the value of SQLite's `julianday()`, to the last bit. Milliseconds keep their order and can be read back
 * exactly; fractions of a millisecond are dropped.
 */
export function toJulian(moment: number): number {
  return (Math.floor(moment) + EPOCH) / DAY
}

/** The moment in epoch milliseconds. */
export function fromJulian(days: number): number {
  return Math.round(days * DAY - EPOCH)
}
