import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { wrapPage } from '../scripts/wrap.mjs'
import { cases } from './cases.mjs'
import { variants } from './variants/index.mjs'

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** The version of a package that was measured: this one's, or one of bench/node_modules or the drivers'. */
function versionOf(name) {
  const places =
    name === 'fastify-scs' ? ['../package.json'] : [`node_modules/${name}/package.json`, `../node_modules/${name}/package.json`]
  const url = places.map((place) => new URL(place, import.meta.url)).find((each) => existsSync(each))
  return url === undefined ? undefined : JSON.parse(readFileSync(url, 'utf8')).version
}

/** Under which circumstances something was measured. */
export function circumstances(command, packages) {
  return {
    date: new Date().toISOString(),
    command,
    node: process.version,
    cpu: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores`,
    versions: Object.fromEntries(packages.map((name) => [name, versionOf(name)])),
  }
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

/** The longest line of a page. */
const WIDTH = 120

/** A Markdown table, aligned for a terminal where that makes no line too long. */
export function table(head, rows) {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column].length)))
  const isWide = widths.reduce((sum, width) => sum + width + 3, 1) > WIDTH
  return tableOf(head, rows, isWide ? widths.map(() => 0) : widths)
}

function tableOf(head, rows, widths) {
  const line = (row) =>
    `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join(' | ')} |`
  const rule = `|${widths.map((width, column) => (column === 0 ? '-'.repeat(Math.max(width + 2, 3)) : `${'-'.repeat(Math.max(width + 1, 2))}:`)).join('|')}|`
  return [line(head), rule, ...rows.map(line)].join('\n')
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
