/** Numbers between 0 and 1 that a seed decides (mulberry32). */
export function randomOf(seed) {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Picks one of a list, or undefined of an empty one. */
export const pick = (random, list) => list[Math.floor(random() * list.length)]

/** Picks a name from `[name, weight]` pairs. */
export function pickWeighted(random, weights) {
  let left = random() * weights.reduce((sum, [, weight]) => sum + weight, 0)
  for (const [name, weight] of weights) {
    left -= weight
    if (left < 0) return name
  }
  return weights[0][0]
}
