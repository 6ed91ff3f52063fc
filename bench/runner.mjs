export const sum = (numbers) => numbers.reduce((total, number) => total + number, 0)
export const mean = (numbers) => sum(numbers) / numbers.length

/** The value below which this share of some sorted numbers lies. */
const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]

/** The value below which this share of some numbers lies. */
export const percentile = (numbers, share) =>
  at(
    [...numbers].sort((a, b) => a - b),
    share,
  )

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** The median, the least and the largest. */
export const spread = (numbers) => ({ median: median(numbers), min: Math.min(...numbers), max: Math.max(...numbers) })

/** The spread of some samples, and the median of their ratios to the base, each taken within a round. */
export const compare = (samples, base) => ({ ...spread(samples), ratio: median(samples.map((sample, round) => sample / base[round])) })

/** How many durations there are, and how long they took. */
export function shape(durations) {
  const sorted = Float64Array.from(durations).sort()
  return { count: sorted.length, p50: at(sorted, 0.5), p99: at(sorted, 0.99), max: sorted.at(-1) ?? 0 }
}

const rotated = (list, by) => list.map((_, i) => list[(i + by) % list.length])

/**
 * Rounds over all subjects, so that what disturbs the machine disturbs them alike. In each round the groups follow one another, and the
 * subjects of a group begin with another one. The first rounds warm up. Each subject gets its `samples`; `told` is called after a round.
 */
export async function interleave(groups, { rounds, warmUps = 1, told = () => {} }, take) {
  for (const subject of groups.flat()) subject.samples = []
  for (let round = -warmUps; round < rounds; round++) {
    for (const group of groups) {
      for (const subject of rotated(group, round + warmUps)) {
        const sample = await take(subject, round < 0)
        if (round >= 0) subject.samples.push(sample)
      }
    }
    told(round < 0 ? 'warmed up' : `round ${round + 1} of ${rounds}`)
  }
  return groups.flat()
}

/** Does some work `count` times, in some lanes at a time; it gets its number and that of its lane. */
export async function inLanes(lanes, count, work) {
  let next = 0
  const run = async (_, lane) => {
    while (next < count) await work(next++, lane)
  }
  await Promise.all(Array.from({ length: lanes }, run))
}

/** Calls `read` in some lanes, again and again, until the function that it returns is called: that resolves with how long each took, in ms. */
export function startReads(lanes, read) {
  const took = []
  let going = true
  const lane = async () => {
    while (going) {
      const start = performance.now()
      const found = await read()
      took.push(performance.now() - start)
      if (found === undefined) throw new Error('a living session is gone')
    }
  }
  const running = Promise.all(Array.from({ length: lanes }, lane))
  return async () => {
    going = false
    await running
    return took
  }
}

/** The processor time of this process so far, in microseconds. */
export function cpuTime() {
  const { user, system } = process.cpuUsage()
  return user + system
}
