const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const SHAPE = /^(\d{1,15}(?:\.\d{1,6})?)(ms|s|m|h|d)$/

/** The longest duration: 400 years, which every Date and cookie can hold. */
export const MAX_DURATION = 400 * 365 * 86_400_000

/** The longest lifetime: browsers keep no cookie for more than 400 days (RFC 6265bis, 5.5). */
export const MAX_LIFETIME = 400 * 86_400_000

/**
 * Reads a duration: milliseconds, or a number and a unit (`ms`, `s`, `m`, `h`, `d`).
 * Undefined when it is not a duration, is less than a millisecond or longer than {@link MAX_DURATION}.
 */
export function parseDuration(value: unknown): number | undefined {
  const ms = typeof value === 'string' ? fromText(value) : value
  return typeof ms === 'number' && ms >= 1 && ms <= MAX_DURATION ? Math.round(ms) : undefined
}

/** NaN for what is none. */
function fromText(text: string): number {
  const [, amount, unit = ''] = SHAPE.exec(text) ?? []
  return Number(amount) * (UNITS[unit] ?? Number.NaN)
}
