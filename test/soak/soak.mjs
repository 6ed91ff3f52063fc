// `node test/soak/soak.mjs [--minutes 5] [--store memory|lmdb|sqlite|redis|postgres|mysql|all] [--seed 1] [--rate 500] [--out report.json]`:
// load over time, with sessions that are created, renewed, ended and expire, clients that hang up, and a store that blinks. Memory, handles
// and times have to stay flat, and everybody has to see what they wrote. Several stores are separated by commas. Ends with `soak: ok` or with
// what was wrong. With `--built` it takes dist/ and build/ as they are.
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { circumstances } from '../support/circumstances.mjs'
import { buildPackage, loadEngines } from '../support/engines.mjs'
import { table } from '../support/markdown.mjs'
import { MB, show } from './verdict.mjs'

const text = (value) => ({ type: 'string', default: value })
const { values } = parseArgs({
  options: {
    ...{ minutes: text('5'), store: text('memory'), seed: text('1'), rate: text('500') },
    ...{ out: { type: 'string' }, built: { type: 'boolean', default: false } },
  },
})
const [minutes, seed, rate] = [values.minutes, values.seed, values.rate].map(Number)
if (!(minutes > 0 && rate > 0 && Number.isInteger(seed)))
  throw new TypeError('minutes and rate are positive numbers, the seed is an integer')

if (!values.built) {
  buildPackage()
  await loadEngines()
}
// Not before: they need what was just compiled.
const [{ paceOf, soak }, { STORES }] = [await import('./run.mjs'), await import('./stores.mjs')]
const stores = values.store === 'all' ? STORES : values.store.split(',')
for (const name of stores) if (!STORES.includes(name)) throw new TypeError(`no store ${name}; there are ${STORES.join(', ')} and all`)

const counts = (object) => Object.entries(object).map(([name, count]) => `${name}: ${count}`)
const HEAD = ['', 'second quarter', 'last quarter', 'at most', 'slope per hour', '']

function reportOf({ store, requests, statuses, blinks, seen, trends, start, end, rows, late, busy, said, ended, faults }) {
  const cells = trends.map(({ name, second, last, allowed, perHour, verdict }) => [
    ...[name, show(second), show(last), show(allowed)],
    ...[`${perHour < 0 ? '' : '+'}${show(perHour)}`, verdict],
  ])
  return [
    `\n${store}: ${requests} requests (${counts(statuses).join(', ')}); blinks ${counts(blinks).join(', ')}`,
    `${seen} sessions looked at in the end; ${late} late${busy ? ' on a busy machine' : ''}`,
    trends.length === 0 ? 'Too short to tell a trend.' : table(HEAD, cells),
    `after everything expired: ${rows} rows; heap ${show(start.heap / MB)} MB at the start, ${show(end.heap / MB)} MB at the end`,
    `handles at the start ${counts(start.handles).join(', ')}, files ${start.files}; at the end ${counts(end.handles).join(', ')}, files ${end.files}`,
    `logged: ${counts(said).join(', ') || 'nothing'}`,
    ended === undefined ? 'the process did not end by itself' : `the process ended ${ended} ms after its close`,
    ...faults.map((fault) => `FAULT ${fault}`),
  ].join('\n')
}

const runs = []
for (const name of stores) {
  const run = await soak(name, paceOf(minutes, rate), seed, console.log)
  console.log(reportOf(run))
  runs.push(run)
}
const made = circumstances(`npm run soak -- ${process.argv.slice(2).join(' ')}`, ['fastify-scs'])
if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify({ ...made, runs }, null, 1)}\n`)
const failed = runs.filter(({ faults }) => faults.length > 0).map(({ store }) => store)
console.log(failed.length === 0 ? 'soak: ok' : `soak: failed on ${failed.join(', ')}`)
process.exitCode = failed.length === 0 ? 0 : 1
