import { median, shape, sum } from '../runner.mjs'

const SHARES = ['own', 'shared']
const COUNTED = ['finds', 'updates', 'conflicts']

/** Jain's index of fairness: 1 when all have the same, 1/n when one has everything. */
const jain = (numbers) => (sum(numbers) === 0 ? 1 : sum(numbers) ** 2 / (numbers.length * sum(numbers.map((number) => number ** 2))))

const named = (prefix, record) => Object.fromEntries(Object.entries(record).map(([name, value]) => [`${prefix} ${name}`, value]))
const requestsOf = ({ own, shared }) => own.took.length + shared.took.length

function statusesOf(lanes) {
  const counted = { 200: 0, 409: 0, 503: 0 }
  for (const { statuses } of lanes.flatMap((lane) => [lane.own, lane.shared]))
    for (const [status, count] of Object.entries(statuses)) counted[status] = (counted[status] ?? 0) + count
  return counted
}

/** Requests of a process to each of its connections: 50 connections cannot be shared out evenly among four. */
function fairness(lanes, nodes) {
  const each = (count) => Array.from({ length: nodes }, (_, node) => sum(lanes.filter((lane) => lane.node === node).map(count)))
  const [connections, requests, sharedRequests] = [each(() => 1), each(requestsOf), each(({ shared }) => shared.took.length)]
  return {
    jain: jain(requests.map((count, node) => count / connections[node])),
    'jain of connections': jain(lanes.map(requestsOf)),
    ...Object.fromEntries(
      requests.flatMap((count, node) => [
        [`requests of ${node}`, count],
        [`shared requests of ${node}`, sharedRequests[node]],
      ]),
    ),
  }
}

/** Of own sessions or of the shared one: how long requests took, and what they asked of the store. What is beyond one lookup each is a retry. */
function seenOf(share, lanes, answers) {
  const took = lanes.flatMap((lane) => lane[share].took)
  if (took.length === 0) return {}
  const { p50, p99, max } = shape(took)
  const counts = Object.fromEntries(COUNTED.map((name) => [name, sum(answers.map((answer) => answer[share][name]))]))
  return named(share, { requests: took.length, p50, p99, max, ...counts, retries: counts.finds - took.length })
}

/** Where all was well, each conflict led to one retry, and no request wrote more often than it looked: some are saved with another's write. */
function checkCalls(share, sample, isWrite) {
  const [finds, updates, conflicts, retries] = [...COUNTED, 'retries'].map((name) => sample[`${share} ${name}`])
  if (finds === undefined) return
  if (retries !== conflicts || updates > (isWrite ? finds : 0)) throw new Error(`calls do not add up: ${JSON.stringify(sample)}`)
}

/** What one run of a setting came to, as a flat record. `before` and `after` are what the servers told; `cpu` is in microseconds. */
export function sampleOf({ lanes, nodes, seconds, isWrite, before, after, cpu }) {
  const requests = sum(lanes.map(requestsOf))
  const servers = sum(after.map((answer, i) => answer.cpu - before[i].cpu))
  const times = Object.entries({ servers, ...cpu }).filter(([, used]) => used !== undefined)
  const sample = {
    rate: sum(lanes.map(({ early }) => early)) / seconds,
    ...statusesOf(lanes),
    ...Object.assign({}, ...SHARES.map((share) => seenOf(share, lanes, after))),
    ...fairness(lanes, nodes),
    ...Object.fromEntries(times.map(([who, used]) => [who, used / requests])),
  }
  if (sample[200] === requests) for (const share of SHARES) checkCalls(share, sample, isWrite)
  return sample
}

/** How the rounds of a figure come together, where it is not by the median: counted things are added, and of the slowest there is the slowest. */
const TOGETHER = [
  [/^\d+$|^(own|shared) (requests|finds|updates|conflicts|retries)$/, sum],
  [/ max$/, (figures) => Math.max(...figures)],
]

/** All rounds in one record. */
export function middle(samples) {
  const figures = Object.keys(samples[0]).map((name) => {
    const [, together] = TOGETHER.find(([pattern]) => pattern.test(name)) ?? [undefined, median]
    return [name, together(samples.map((sample) => sample[name]))]
  })
  const rates = samples.map(({ rate }) => Math.round(rate))
  return { ...Object.fromEntries(figures), rateMin: Math.min(...rates), rateMax: Math.max(...rates) }
}
