const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const

/** How long it is, in milliseconds, as its two largest units: `3d 4h`, `12m 5s`, `9s`. Nothing for what has no end. */
export function timeLeft(ms: number): string {
  if (ms < 1000) return ms > 0 ? 'under 1s' : 'over'
  if (ms === Number.POSITIVE_INFINITY) return ''
  const first = UNITS.findIndex(([, size]) => ms >= size)
  const parts = UNITS.slice(first, first + 2).map(([unit, size], index) => {
    const above = index === 0 ? Number.POSITIVE_INFINITY : (UNITS[first]?.[1] as number)
    return [Math.floor((ms % above) / size), unit] as const
  })
  return parts.flatMap(([amount, unit], index) => (amount > 0 || index === 0 ? [`${amount}${unit}`] : [])).join(' ')
}
