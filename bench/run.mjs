// `npm run bench -- [command] [name …] [--rounds 7] [--seconds 2] [--connections 50] [--node 24] [--check BASE] [--profile CASE] [--share 1]`
//   throughput  processor time and requests a second beside other session plugins and bare drivers, on Node 24 and 20, a round from fresh processes;
//               with --check this checkout against another, a folder or a commit; with --profile where the time of a case goes, by perf
//   micro       what parts cost: whole, cost, timing, footprint, sizes, cleanup, layouts; with --check whole alone, of this checkout and another in turns
//   scale       1,000 to 1,000,000 sessions in a store: memory, lmdb, sql
//   nodes       several server processes on one database: redis, postgres
//   behaviour   how peers behave in the same situations, by the keys of rows
//   pages       nothing is measured: the pages are made again, from what results/ holds
// Without a command it is throughput, without names everything. A share below 1 makes sizes that much smaller, for a try that keeps no result.
import { execSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildPackage, compileFiles } from '../test/support/engines.mjs'
import { root } from '../test/support/processes.mjs'

const COMMANDS = ['throughput', 'micro', 'scale', 'nodes', 'behaviour', 'pages']
const NUMBERS = ['rounds', 'seconds', 'connections', 'share']
const TEXTS = ['node', 'check', 'profile']

const options = Object.fromEntries([...NUMBERS, ...TEXTS].map((name) => [name, { type: 'string' }]))
const { values, positionals } = parseArgs({ allowPositionals: true, options })
const command = COMMANDS.includes(positionals[0]) ? positionals.shift() : 'throughput'
const numbers = {}
for (const name of NUMBERS.filter((each) => values[each] !== undefined)) {
  numbers[name] = Number(values[name])
  const isFine = numbers[name] > 0 && (name === 'share' || Number.isInteger(numbers[name]))
  if (!isFine) throw new TypeError(name === 'share' ? 'share is a positive number' : `${name} is a positive whole number`)
}

/**
 * Installs what is compared, and builds the package, where that is missing or older than its sources. Parts of it are measured as the files in build/:
 * the package has only its entries.
 */
function prepare() {
  const cwd = join(root, 'bench')
  const isInstalled = existsSync(join(cwd, 'node_modules/echarts'))
  if (!isInstalled) execSync('npm ci --no-audit --no-fund --loglevel=error', { cwd, stdio: ['ignore', 'ignore', 'inherit'] })
  buildPackage()
  compileFiles()
}

prepare()
// Only now is everything there.
const { names, run } = await import(`./${command}.mjs`)
const unknown = positionals.find((name) => !names.includes(name))
if (unknown !== undefined) throw new TypeError(`${command} has no ${unknown}; there are ${names.join(', ')}`)
const typed = process.argv.slice(2)
await run({
  ...{ chosen: positionals, node: values.node, check: values.check, profile: values.profile, connections: 50, share: 1, ...numbers },
  command: ['npm run bench', ...(typed.length > 0 ? ['--', ...typed] : [])].join(' '),
})
process.exit()
