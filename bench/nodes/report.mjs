import { table } from '../../test/support/markdown.mjs'
import { median } from '../report.mjs'

const whole = (number) => Math.round(number).toLocaleString('en-US')
const tenth = (number) => (number === undefined ? '' : number.toFixed(1))
const hundredth = (number) => number.toFixed(2)

/** The median of each figure over the rounds; of the slowest answer the slowest, and of counted things the sum. */
export function middle(samples) {
  const of = (get) => (samples.every((sample) => get(sample) === undefined) ? undefined : median(samples.map(get)))
  const took = (kind) =>
    samples[0].took[kind] && {
      p50: of((sample) => sample.took[kind].p50),
      p99: of((sample) => sample.took[kind].p99),
      max: Math.max(...samples.map((sample) => sample.took[kind].max)),
    }
  return {
    ...{ rates: samples.map(({ rate }) => Math.round(rate)), rate: of(({ rate }) => rate) },
    ...{ statuses: sums(samples.map(({ statuses }) => statuses)), took: { own: took('own'), shared: took('shared') } },
    calls: { own: callsOf(samples, 'own'), shared: callsOf(samples, 'shared') },
    fairness: {
      requests: samples[0].fairness.requests.map((_, node) => of(({ fairness }) => fairness.requests[node])),
      sharedRequests: samples[0].fairness.requests.map((_, node) => of(({ fairness }) => fairness.sharedRequests[node])),
      jain: of(({ fairness }) => fairness.jain),
      jainOfConnections: of(({ fairness }) => fairness.jainOfConnections),
    },
    cpu: Object.fromEntries(['servers', 'database', 'client'].map((who) => [who, of(({ cpu }) => cpu[who])])),
  }
}

function sums(all) {
  const keys = [...new Set(all.flatMap(Object.keys))]
  return Object.fromEntries(keys.map((key) => [key, all.reduce((sum, each) => sum + (each[key] ?? 0), 0)]))
}

function callsOf(samples, kind) {
  return samples[0].calls[kind] && sums(samples.map(({ calls }) => calls[kind]))
}

const RATES = ['', 'requests/s', 'min', 'max', '200', '409', '503', 'servers, µs', 'database, µs', 'client, µs']

function rateRow({ title, rate, rates, statuses, cpu }) {
  const counted = [200, 409, 503].map((status) => whole(statuses[status] ?? 0))
  const times = [cpu.servers, cpu.database, cpu.client].map(tenth)
  return [title, whole(rate), whole(Math.min(...rates)), whole(Math.max(...rates)), ...counted, ...times]
}

const TIMES = ['', 'own: p50 ms', 'p99', 'max', 'shared: p50 ms', 'p99', 'max', 'requests of each process', 'Jain']

function timeRow({ title, took, fairness }) {
  const cells = [took.own, took.shared].flatMap((each) => (each ? [each.p50, each.p99, each.max].map(tenth) : ['', '', '']))
  return [title, ...cells, fairness.requests.map(whole).join(' '), fairness.jain.toFixed(4)]
}

const CALLS = ['', 'writes', 'lookups', 'saves', 'refused', 'retries', 'lookups a write', 'saves a write', 'shared writes of each process']

function callRow({ title, calls: { shared }, fairness }) {
  const { requests, finds, updates, conflicts, retries } = shared
  const ratios = [finds / requests, updates / requests].map(hundredth)
  return [title, ...[requests, finds, updates, conflicts, retries].map(whole), ...ratios, fairness.sharedRequests.map(whole).join(' ')]
}

function engineText({ engine, said, settings }) {
  const shared = settings.filter(({ calls }) => calls.shared)
  return `## ${engine}

${said}.

${table(RATES, settings.map(rateRow))}

${table(TIMES, settings.map(timeRow))}

Calls of the store for the session that all share, counted in the servers, all rounds together:

${table(CALLS, shared.map(callRow))}
`
}

export function markdown(report) {
  const { node, cpu, date, command, versions, nodes, connections, rounds, seconds } = report
  const list = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return `# Several server processes on one database

${nodes} server processes (Fastify with fastify-scs), one database, one client process with ${connections} connections spread evenly on the servers, each of
which sends the next request when it has its answer. A write is \`session.update('visits', (n) => n + 1)\`: to the session of the connection, or, with the
share given, to one that all share. A session holds five keys. "Plain" has no options; the others have \`owner\` and \`idleTimeout\`.

The load generator, ${nodes} servers and the database share ${cpu.replace(/^.*, /, '')}: **the throughput is a lower bound**, and says more about this machine than
about the servers. What carries over is the processor time of a request, which is given for the servers (together), the database (its processes'
user and system time) and the client, in microseconds. Capacities are made of it in [docs/scaling.md](../../docs/scaling.md).

**Exact**: after every run the shared counter was the number of shared writes that were answered with 200, and each own counter likewise; otherwise there
would be no figures here. Medians of ${rounds} interleaved rounds of ${seconds} s; max: of all rounds; 200, 409, 503: answers of all rounds together. Jain's index is that
of the requests of a process to each of its connections: 1 is even, ${(1 / nodes).toFixed(2)} is one process alone.

${report.engines.map(engineText).join('\n')}
Node ${node}, ${cpu}, ${date.slice(0, 10)}; ${list.join(', ')}. \`${command}\`
`
}
