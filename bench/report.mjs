import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** The version of a package that was measured: this one's, or one of bench/node_modules. */
function versionOf(name) {
  const place = name === 'fastify-scs' ? '../package.json' : `node_modules/${name}/package.json`
  const url = new URL(place, import.meta.url)
  return existsSync(url) ? JSON.parse(readFileSync(url, 'utf8')).version : undefined
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
const ratio = (number) => number.toFixed(2)

/**
 * The figures of each variant. Ratios are taken within each round, where what disturbs the machine disturbs both, and then the median
 * of them.
 */
export function summarize(title, samples) {
  const against = (own, base) => median(own.map((rate, round) => rate / base[round]))
  const rates = Object.fromEntries(Object.entries(samples).map(([name, all]) => [name, all.map(({ rate }) => Math.round(rate))]))
  const rows = Object.entries(rates).map(([name, own]) => ({
    ...{ name, samples: own, median: median(own), min: Math.min(...own), max: Math.max(...own) },
    ...{ toBare: against(own, rates.bare), toCookie: against(own, rates.cookie) },
    cpu: median(samples[name].map(({ cpu }) => cpu)),
  }))
  return { title, rows }
}

/** A Markdown table, aligned for a terminal. */
export function table(head, rows) {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column].length)))
  const line = (row) =>
    `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join(' | ')} |`
  const rule = `|${widths.map((width, column) => (column === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`
  return [line(head), rule, ...rows.map(line)].join('\n')
}

const HEAD = ['', 'requests/s, median', 'min', 'max', 'to Fastify alone', 'to Fastify with @fastify/cookie', 'CPU µs a request']

export function markdown(report, titles) {
  const { date, node, cpu, command, versions } = report
  const parts = report.cases.map(({ title, rows }) => {
    const cells = rows.map((row) => [
      titles[row.name],
      whole(row.median),
      whole(row.min),
      whole(row.max),
      ratio(row.toBare),
      ratio(row.toCookie),
      row.cpu.toFixed(1),
    ])
    return `### ${title}\n\n${table(HEAD, cells)}\n`
  })
  const list = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  const pinned = report.pinned ? 'server and client each on a core of its own' : 'server and client not pinned to cores'
  return [
    ...parts,
    'The processor time is the server’s, the median of the rounds: what a busy machine disturbs least.',
    `Ratios are medians of the ratios within a round; ${report.rounds} rounds of ${report.seconds} s, ${report.connections} connections, ${pinned}.`,
    `Node ${node}, ${cpu}, ${date.slice(0, 10)}; ${list.join(', ')}. \`${command}\``,
    '',
  ].join('\n')
}

/** Writes `results/latest.json` and `results/latest.md`. */
export function save(name, report, text) {
  const folder = new URL('results/', import.meta.url)
  mkdirSync(folder, { recursive: true })
  writeFileSync(new URL(`${name}.json`, folder), `${JSON.stringify(report, null, 2)}\n`)
  writeFileSync(new URL(`${name}.md`, folder), text)
}
