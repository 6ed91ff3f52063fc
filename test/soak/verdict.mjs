export const MB = 2 ** 20

export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
}

/** The slope of a series of `[x, y]` that outliers do not bend: the median of the slopes between its points (Theil and Sen). */
export function slopeOf(points) {
  const slopes = points.flatMap(([x, y], i) => points.slice(i + 1).map(([x2, y2]) => (y2 - y) / (x2 - x)))
  return quantile(slopes, 0.5) ?? 0
}

/** With less of its time left, a machine is busy. */
const LEAST_IDLE = 0.1

/** Of a thousand requests, so many may be kept waiting by a store that does not blink. */
const MAX_LATE = 1

/**
 * What has to stay flat: how it is taken from a sample, and by how much it may grow between the second and the last quarter, as a factor and
 * something on top. What grows with the number of sessions may also grow as the traffic did (`scales`), which a busy machine slows down. That is no
 * reason to fail for times either: where they jump about, or the machine has no time left, they are `noisy`.
 */
export const TRENDS = {
  'heap, MB': { of: ({ heap }) => heap / MB, factor: 1.05, more: 4, scales: true },
  'external, MB': { of: ({ external }) => external / MB, factor: 1.05, more: 4 },
  'own memory, MB': { of: ({ memory }) => memory / MB, factor: 1.1, more: 24, scales: true },
  handles: { of: ({ handles }) => Object.values(handles).reduce((sum, count) => sum + count, 0), factor: 1.2, more: 10 },
  'open files': { of: ({ files }) => files, factor: 1.2, more: 10 },
  rows: { of: ({ rows }) => rows?.all, factor: 1.15, more: 200, scales: true },
  'disk, MB': { of: ({ disk }) => disk && disk / MB, factor: 1.5, more: 8, scales: true },
  'CPU a request, µs': { of: ({ cpuEach }) => cpuEach, factor: 1.3, more: 50, noisy: true },
  'p50, ms': { of: ({ p50 }) => p50, factor: 1.5, more: 1, noisy: true },
  'p99, ms': { of: ({ p99 }) => p99, factor: 1.5, more: 2, noisy: true },
  'event loop p99, ms': { of: ({ loop99 }) => loop99, factor: 1.5, more: 2, noisy: true },
}

const quarter = (points, from, to) => points.filter(([at]) => at >= from && at < to).map(([, value]) => value)
const spread = (values) => quantile(values, 0.75) - quantile(values, 0.25)

/** How many requests came in the idle time before each sample, for as long live what they left: `[at, requests]`. */
function trafficOf(samples, idleTimeout) {
  return samples.map(({ at, requests }) => {
    const before = samples.findLast((one) => one.at <= at - idleTimeout)
    return [at, requests - (before?.requests ?? 0)]
  })
}

/** Whether the machine had no time left, with these samples: then what takes long says nothing about the application. */
export function isBusy(samples) {
  const idle = samples.map((sample) => sample.idle).filter((share) => share !== undefined)
  return idle.length > 0 && quantile(idle, 0.5) < LEAST_IDLE
}

/** How each series went over a run: `{ name, second, last, allowed, perHour, verdict }`, the verdict `ok`, `noisy` or `grew`. */
export function trendsOf(samples, { total, idleTimeout }) {
  const traffic = trafficOf(samples, idleTimeout)
  const [before, after] = [quarter(traffic, total / 4, total / 2), quarter(traffic, (total * 3) / 4, total)]
  const scale = Math.max(1, quantile(after, 0.5) / quantile(before, 0.5) || 1)
  const busy = isBusy(samples.filter(({ at }) => at >= (total * 3) / 4))
  return Object.entries(TRENDS).flatMap(([name, { of, factor, more, scales, noisy }]) => {
    const points = samples.map((sample) => [sample.at, of(sample)]).filter(([, value]) => value !== undefined)
    const [early, late] = [quarter(points, total / 4, total / 2), quarter(points, (total * 3) / 4, total)]
    if (early.length === 0 || late.length === 0) return []
    const [second, last] = [quantile(early, 0.5), quantile(late, 0.5)]
    const allowed = second * factor * (scales ? scale : 1) + more
    const perHour = slopeOf(points.filter(([at]) => at >= total / 4)) * 3_600_000
    const drowned = noisy && (busy || spread(early) + spread(late) > last - second)
    return [{ name, second, last, allowed, perHour, verdict: last <= allowed ? 'ok' : drowned ? 'noisy' : 'grew' }]
  })
}

/** The kinds of handles, and the open files, of which there are more at the end than at the start. */
export function leftBehind(start, end) {
  const kinds = { ...end.handles, 'open files': end.files ?? 0 }
  const before = { ...start.handles, 'open files': start.files ?? 0 }
  return Object.entries(kinds)
    .filter(([kind, count]) => count > (before[kind] ?? 0))
    .map(([kind, count]) => `${kind}: ${before[kind] ?? 0} at the start, ${count} at the end`)
}

/** What is wrong with a run, as sentences. None: the run is good. */
export function faultsOf({ trends, start, end, rows, requests, late, busy, wrong, complaints, said, ended, held }) {
  const grew = trends.filter(({ verdict }) => verdict === 'grew')
  const crashed = Object.keys(said).filter((line) => /^(uncaught|unhandled)/.test(line))
  return [
    ...grew.map(({ name, second, last, allowed }) => `${name} grew from ${show(second)} to ${show(last)}, more than ${show(allowed)}`),
    ...heapLeft(trends, start, end),
    ...leftBehind(start, end).map((what) => `not given back: ${what}`),
    ...(rows > 0 ? [`${rows} rows are left after everything expired`] : []),
    ...(wrong > 0 ? [`${wrong} things were wrong: ${complaints.join('; ')}`] : []),
    ...(trends.length > 0 && !busy && late > (requests * MAX_LATE) / 1000
      ? [`${late} requests waited too long while the store did not blink`]
      : []),
    ...crashed,
    ...exitFault(ended, held),
  ]
}

/** When every session is gone, so is what the process kept for them. Not asked of a short run, in which code is still being compiled. */
function heapLeft(trends, start, end) {
  const allowed = start.heap * 1.1 + 8 * MB
  if (trends.length === 0 || end.heap <= allowed) return []
  return [`heap, MB: ${show(start.heap / MB)} at the start, ${show(end.heap / MB)} at the end, more than ${show(allowed / MB)}`]
}

function exitFault(ended, held) {
  if (held === undefined && ended !== undefined) return []
  const kinds = Object.entries(held ?? {}).map(([kind, count]) => `${kind}: ${count}`)
  return [`a second after its close the process was alive, held by ${kinds.join(', ') || 'nothing that Node names'}`]
}

export const show = (number) => (Math.abs(number) < 100 ? number.toFixed(1) : Math.round(number).toLocaleString('en-US'))
