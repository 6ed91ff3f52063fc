// `node scripts/fuzz.mjs [--inputs 1000000] [--seed N] [--from N] [TARGET...]`: the targets of test/fuzz, each with so many inputs, and then, as
// `linear`, how long hostile inputs of growing size take.
import { parseArgs } from 'node:util'
import { fail, tool } from '../test/support/processes.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    inputs: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    from: { type: 'string', default: '0' },
    built: { type: 'boolean', default: false },
  },
})

const table = (rows) => {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)))
  return rows
    .map((row) => row.map((cell, i) => (i === 0 ? String(cell).padEnd(widths[i]) : String(cell).padStart(widths[i]))).join('  '))
    .join('\n')
}

async function runTargets() {
  const { TARGETS } = await import('../build/test/fuzz/targets.js')
  const { fuzz } = await import('../build/test/fuzz/fuzz.js')
  const names = positionals.length > 0 ? positionals.filter((name) => name !== 'linear') : Object.keys(TARGETS)
  const [inputs, seed, from] = [values.inputs, values.seed, values.from].map(Number)
  const unknown = names.find((name) => !Object.hasOwn(TARGETS, name))
  if (names.length === 0) return
  if (unknown !== undefined) throw new Error(`no target is called ${unknown}; there are ${Object.keys(TARGETS).join(', ')}`)
  console.log(`seed ${seed}`)
  const rows = [['target', 'inputs', 'seconds', 'cpu s', 'inputs/s', 'slowest ms', 'its number', 'findings']]
  for (const name of names) {
    const target = await TARGETS[name]()
    const progress = (done) => done % 100_000 === 0 && console.error(`${name}: ${done}`)
    try {
      const { milliseconds, cpuMilliseconds, slowest } = await fuzz(target, { inputs, seed, from, progress })
      const rate = Math.round(inputs / (milliseconds / 1000))
      rows.push([
        name,
        inputs,
        (milliseconds / 1000).toFixed(1),
        (cpuMilliseconds / 1000).toFixed(1),
        rate,
        slowest.milliseconds.toFixed(1),
        slowest.input,
        0,
      ])
    } catch (error) {
      fail(error.stack)
      rows.push([name, inputs, '', '', '', '', '', 1])
    } finally {
      await target.close()
    }
  }
  console.log(table(rows))
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
async function runFamilies() {
  const { startFamilies } = await import('../build/test/fuzz/targets.js')
  const { families, close } = await startFamilies()
  const rows = [['family', 'size', 'ms', ...[1, 2, 3, 4, 5].map((n) => `x2^${n}`), 'mean ratio']]
  for (const { name, most, make } of families) {
    const times = [32, 16, 8, 4, 2, 1].map((part) => cost(make(most / part)))
    const ratios = times.slice(1).map((time, i) => time / times[i])
    // What takes next to no time tells nothing by its ratio.
    const mean = times[5] < 2 ? '-' : ((times[5] / Math.max(times[0], 0.05)) ** (1 / 5)).toFixed(2)
    rows.push([name, most, times[5].toFixed(1), ...ratios.map((ratio) => ratio.toFixed(1)), mean])
    if (Number(mean) > 3) fail(`${name}: more than linear`)
  }
  await close()
  console.log(table(rows))
}

if (!values.built) {
  const { ok, output } = await tool('tsc', ['-p', 'tsconfig.json'])
  if (!ok) console.error(output)
}
const wanted = positionals.length === 0 || positionals.includes('linear') ? runFamilies : async () => {}
await runTargets()
  .then(wanted)
  .catch((error) => fail(error.message))
