// `node scripts/fuzz.mjs [--inputs 1000000] [--seed N] [--from N] [TARGET...]`: the targets of test/fuzz, each with so many inputs, and then, as
// `linear`, how long hostile inputs of growing size take.
import { parseArgs } from 'node:util'
import { table } from '../test/support/markdown.mjs'
import { fail, tool } from '../test/support/processes.mjs'

const text = (value) => ({ type: 'string', default: value })
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ...{ inputs: text('1000000'), seed: text(String(Date.now() % 2 ** 31)), from: text('0') },
    built: { type: 'boolean', default: false },
  },
})
const [inputs, seed, from] = [values.inputs, values.seed, values.from].map(Number)

function print(head, rows) {
  const cells = rows.map((row) => row.map(String))
  console.log(table(head, cells))
}
const seconds = (milliseconds) => (milliseconds / 1000).toFixed(1)

async function runTargets(targets, fuzz) {
  const names = positionals.length > 0 ? positionals.filter((name) => name !== 'linear') : Object.keys(targets)
  const unknown = names.find((name) => !Object.hasOwn(targets, name))
  if (unknown !== undefined) throw new Error(`no target is called ${unknown}; there are ${Object.keys(targets).join(', ')}`)
  if (names.length === 0) return
  console.log(`seed ${seed}`)
  const rows = []
  for (const name of names) {
    const target = await targets[name]()
    rows.push([name, inputs, ...(await runTarget(target, fuzz))])
    await target.close()
  }
  print(['target', 'inputs', 'seconds', 'cpu s', 'inputs/s', 'slowest ms', 'its number', 'findings'], rows)
}

async function runTarget(target, fuzz) {
  const progress = (done) => done % 100_000 === 0 && console.error(`${target.name}: ${done}`)
  try {
    const { milliseconds, cpuMilliseconds, slowest } = await fuzz(target, { inputs, seed, from, progress })
    const rate = Math.round(inputs / (milliseconds / 1000))
    return [seconds(milliseconds), seconds(cpuMilliseconds), rate, slowest.milliseconds.toFixed(1), slowest.input, 0]
  } catch (error) {
    fail(error.stack)
    return ['', '', '', '', '', 1]
  }
}

/** Milliseconds of the processor for one call, the least of three. */
function cost(run) {
  const times = [1, 2, 3].map(() => {
    const used = process.cpuUsage()
    run()
    const { user, system } = process.cpuUsage(used)
    return (user + system) / 1000
  })
  return Math.min(...times)
}

/** How the time of each family grows when its input is doubled, five times: 2 is linear, 4 quadratic. */
async function runFamilies(startFamilies) {
  const { families, close } = await startFamilies()
  const rows = families.map(({ name, most, make }) => {
    const times = [32, 16, 8, 4, 2, 1].map((part) => cost(make(most / part)))
    const ratios = times.slice(1).map((time, i) => (time / times[i]).toFixed(1))
    // What takes next to no time says nothing by its ratio.
    const mean = times[5] < 2 ? '-' : ((times[5] / Math.max(times[0], 0.05)) ** (1 / 5)).toFixed(2)
    if (Number(mean) > 3) fail(`${name}: more than linear`)
    return [name, most, times[5].toFixed(1), ...ratios, mean]
  })
  await close()
  print(['family', 'size', 'ms', ...[1, 2, 3, 4, 5].map((n) => `x2^${n}`), 'mean ratio'], rows)
}

async function main() {
  const { ok, output } = values.built ? { ok: true } : await tool('tsc', ['-p', 'tsconfig.json'])
  if (!ok) console.error(output)
  const { startFamilies, TARGETS } = await import('../build/test/fuzz/targets.js')
  const { fuzz } = await import('../build/test/fuzz/fuzz.js')
  await runTargets(TARGETS, fuzz)
  if (positionals.length === 0 || positionals.includes('linear')) await runFamilies(startFamilies)
}

await main().catch((error) => fail(error.message))
