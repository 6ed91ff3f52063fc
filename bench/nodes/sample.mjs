/** Jain's index of fairness: 1 when all have the same, 1/n when one has everything. */
export function jain(numbers) {
  const sum = numbers.reduce((a, b) => a + b, 0)
  return sum === 0 ? 1 : sum ** 2 / (numbers.length * numbers.reduce((a, b) => a + b * b, 0))
}

const sumOf = (numbers) => numbers.reduce((a, b) => a + b, 0)

function shape(lanes, kind) {
  const times = Float64Array.from(lanes.flatMap((lane) => lane[kind].took)).sort()
  if (times.length === 0) return undefined
  const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))]
  return { count: times.length, p50: at(0.5), p99: at(0.99), max: at(1) }
}

function statusesOf(lanes) {
  const all = {}
  for (const { own, shared } of lanes)
    for (const { statuses } of [own, shared])
      for (const [status, count] of Object.entries(statuses)) all[status] = (all[status] ?? 0) + count
  return all
}

function perNode(lanes, nodes, count) {
  return Array.from({ length: nodes }, (_, node) => sumOf(lanes.filter((lane) => lane.node === node).map(count)))
}

/** Requests of a process to each of its connections: 50 connections cannot be shared out evenly among four. */
function fairness(lanes, nodes) {
  const connections = perNode(lanes, nodes, () => 1)
  const requests = perNode(lanes, nodes, ({ own, shared }) => own.took.length + shared.took.length)
  return {
    requests,
    jain: jain(requests.map((count, node) => count / connections[node])),
    sharedRequests: perNode(lanes, nodes, ({ shared }) => shared.took.length),
    jainOfConnections: jain(lanes.map(({ own, shared }) => own.took.length + shared.took.length)),
  }
}

/** Calls of the store for each request to a session; each request looks it up once, so that what is beyond is a retry. */
function calls(counts, requests) {
  const { finds, updates, conflicts } = counts
  if (requests === 0) return undefined
  return { requests, finds, updates, conflicts, retries: finds - requests }
}

function added(answers, kind) {
  return Object.fromEntries(['finds', 'updates', 'conflicts'].map((name) => [name, sumOf(answers.map(({ counts }) => counts[kind][name]))]))
}

/** What one run of a setting came to. `before` and `after` are what the servers told. */
export function sampleOf({ lanes, nodes, seconds, isWrite, before, after, cpu }) {
  const requests = sumOf(lanes.map(({ own, shared }) => own.took.length + shared.took.length))
  const statuses = statusesOf(lanes)
  const shared = calls(added(after, 'shared'), sumOf(lanes.map((lane) => lane.shared.took.length)))
  const own = calls(added(after, 'own'), sumOf(lanes.map((lane) => lane.own.took.length)))
  if (statuses[200] === requests) for (const each of [shared, own]) checkCalls(each, isWrite)
  const servers = sumOf(after.map((answer, i) => answer.cpu - before[i].cpu))
  return {
    rate: sumOf(lanes.map(({ early }) => early)) / seconds,
    ...{ requests, statuses, calls: { shared, own }, fairness: fairness(lanes, nodes) },
    took: { own: shape(lanes, 'own'), shared: shape(lanes, 'shared') },
    cpu: Object.fromEntries(
      Object.entries({ servers, ...cpu }).map(([who, used]) => [who, used === undefined ? undefined : used / requests]),
    ),
  }
}

/** Where all was well, each conflict led to one retry, and each request wrote as often as it looked. */
function checkCalls(counted, isWrite) {
  if (counted === undefined) return
  const { finds, updates, conflicts, retries } = counted
  if (retries !== conflicts || updates !== (isWrite ? finds : 0)) throw new Error(`calls do not add up: ${JSON.stringify(counted)}`)
}
