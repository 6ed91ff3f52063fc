// `node bench/scale.mjs [memory] [lmdb] [sql]`: how the stores behave with 1,000, 100,000 and 1,000,000 sessions; all parts unless some are named. SCALE=0.01
// makes the larger sizes that much smaller, for a try that keeps no result.
import { readFileSync } from 'node:fs'
import { circumstances } from '../test/support/circumstances.mjs'
import { prepare } from './prepare.mjs'
import { save } from './report.mjs'

prepare()
const { PARTS, report } = await import('./scale/parts.mjs')

const share = Number(process.env.SCALE ?? 1)
const sizes = [1000, ...[100_000, 1_000_000].map((size) => Math.max(2000, Math.round(size * share)))]

/** What earlier runs measured: a part that is measured alone leaves the others as they are. */
function earlier() {
  try {
    return JSON.parse(readFileSync(new URL('results/scale.json', import.meta.url), 'utf8')).parts
  } catch {
    return {}
  }
}

async function measure(name) {
  process.stderr.write(`${name}\n`)
  const made = circumstances(`node bench/scale.mjs ${name}`, ['fastify-scs', '@fastify/session'])
  return { ...made, sizes, result: await PARTS[name].measure({ sizes, share }) }
}

const named = process.argv.slice(2)
const unknown = named.find((name) => !Object.hasOwn(PARTS, name))
if (unknown !== undefined) throw new Error(`${unknown} is none of ${Object.keys(PARTS).join(', ')}`)
const measured = {}
for (const name of named.length > 0 ? named : Object.keys(PARTS)) measured[name] = await measure(name)
console.log(report(measured))
if (share === 1) {
  const parts = { ...earlier(), ...measured }
  save('scale', { ...circumstances('node bench/scale.mjs', ['fastify-scs', '@fastify/session']), parts }, report(parts))
}
