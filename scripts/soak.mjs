// `node scripts/soak.mjs [--minutes 5] [--store memory|lmdb|sqlite|redis|postgres|mysql|all] [--seed 1] [--rate 500] [--out report.json]`: load over time, with
// sessions that are made, renewed, ended and expire, clients that hang up, and a store that blinks; memory, handles and times have to stay flat,
// and everybody has to see what he wrote. Several stores are separated by commas. Ends with `soak: ok` or with what was wrong. With `--built` it takes
// dist/ as it is, without a look whether that is older than its sources.
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { circumstances } from '../test/support/circumstances.mjs'
import { buildPackage } from '../test/support/engines.mjs'
import { paceOf } from './soak/pace.mjs'
import { reportOf } from './soak/report.mjs'
import { soak } from './soak/run.mjs'

const STORES = ['memory', 'lmdb', 'sqlite', 'redis', 'postgres', 'mysql']

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    store: { type: 'string', default: 'memory' },
    seed: { type: 'string', default: '1' },
    rate: { type: 'string', default: '500' },
    out: { type: 'string' },
    built: { type: 'boolean', default: false },
  },
})
const [minutes, seed, rate] = [values.minutes, values.seed, values.rate].map(Number)
if (!(minutes > 0 && rate > 0 && Number.isInteger(seed)))
  throw new TypeError('minutes and rate are positive numbers, the seed is a whole one')
const stores = values.store === 'all' ? STORES : values.store.split(',')
for (const name of stores) if (!STORES.includes(name)) throw new TypeError(`no store ${name}; there are ${STORES.join(', ')} and all`)

if (!values.built) buildPackage()
const runs = []
for (const name of stores) {
  const run = await soak(name, paceOf(minutes, rate), seed, console.log)
  console.log(reportOf(run))
  runs.push(run)
}
const made = circumstances(`node scripts/soak.mjs ${process.argv.slice(2).join(' ')}`, ['fastify-scs'])
if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify({ ...made, runs }, null, 1)}\n`)
const failed = runs.filter(({ faults }) => faults.length > 0).map(({ store }) => store)
console.log(failed.length === 0 ? 'soak: ok' : `soak: failed on ${failed.join(', ')}`)
process.exitCode = failed.length === 0 ? 0 : 1
