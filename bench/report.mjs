import { mkdirSync, writeFileSync } from 'node:fs'
import { table, wrapPage } from '../test/support/markdown.mjs'
import { cases } from './cases.mjs'
import { variants } from './variants/index.mjs'

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

const whole = (number) => Math.round(number).toLocaleString('en-US')
const percent = (share) => `${(share * 100).toFixed(0)} %`

/** The median, the least and the largest of some figures. */
function spread(figures) {
  return { median: median(figures), min: Math.min(...figures), max: Math.max(...figures) }
}

/**
 * The figures of a case. Ratios are taken within each round, where what disturbs the machine disturbs both, and then the median of them.
 *
 * @param runs one for each variant, with its samples
 */
export function summarize(name, runs) {
  const { title, aims } = cases[name]
  const ratesOf = (variant) => runs.find(({ server }) => server.variant === variant).samples.map(({ rate }) => rate)
  const against = (own, base) => spread(ratesOf(own).map((rate, round) => rate / ratesOf(base)[round]))
  const rows = runs.map(({ server: { variant }, samples }) => ({
    ...{ variant, title: variants[variant].title, rate: spread(samples.map(({ rate }) => rate)), toBare: against(variant, 'bare') },
    ...{
      cpu: spread(samples.map(({ cpu }) => cpu)),
      p50: median(samples.map(({ p50 }) => p50)),
      p99: median(samples.map(({ p99 }) => p99)),
    },
    samples,
  }))
  return { name, title, rows, aims: aims.map((aim) => ({ ...aim, ratio: against(aim.of, aim.to) })) }
}

const HEAD = ['', 'requests/s, median', 'min', 'max', 'of Fastify alone', 'CPU µs a request', 'p50 ms', 'p99 ms']
const AIMS = ['case', 'what', 'to what', 'aim', 'measured', 'min', 'max']

const milliseconds = (microseconds) => (microseconds / 1000).toFixed(2)

function caseTable({ rows }) {
  const cells = rows.map(({ title, rate, toBare, cpu, p50, p99 }) => [
    ...[title, whole(rate.median), whole(rate.min), whole(rate.max), percent(toBare.median)],
    ...[cpu.median.toFixed(1), milliseconds(p50), milliseconds(p99)],
  ])
  return table(HEAD, cells)
}

/** Shares as per cent, multiples as such. */
const ratioText = (ratio, least) => (least < 1 ? `${(ratio * 100).toFixed(1)} %` : `${ratio.toFixed(2)} ×`)

export function aimTable(results) {
  const rows = results.flatMap(({ name, aims }) =>
    aims.map(({ of, to, least, ratio }) => [
      ...[name, variants[of].title, variants[to].title, ratioText(least, least)],
      ...[ratio.median, ratio.min, ratio.max].map((each) => ratioText(each, least)),
    ]),
  )
  return table(AIMS, rows)
}

export function markdown(report) {
  const { date, node, cpu, command, versions, rounds, seconds, connections, pinned } = report
  const list = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  const cores = pinned ? 'the server on one core, the client and the databases on another' : 'not pinned to cores'
  return [
    '# Requests a second\n',
    `## What was aimed at\n\n${aimTable(report.cases)}\n`,
    ...report.cases.map((each) => `## ${each.title}\n\n${caseTable(each)}\n`),
    `Ratios are medians of the ratios within a round; ${rounds} rounds of ${seconds} s, ${connections} connections, no pipelining, ${cores}.`,
    'Peers are configured leanly: no write without a change. Every reply was looked at. The processor time is the server’s.',
    `Node ${node}, ${cpu}, ${date.slice(0, 10)}; ${list.join(', ')}; wrk. \`${command}\``,
    '',
  ].join('\n')
}

/** Writes `results/latest.json` and `results/latest.md`. */
export function save(name, report, text) {
  const folder = new URL('results/', import.meta.url)
  mkdirSync(folder, { recursive: true })
  writeFileSync(new URL(`${name}.json`, folder), `${JSON.stringify(report, null, 2)}\n`)
  writeFileSync(new URL(`${name}.md`, folder), wrapPage(text))
}
