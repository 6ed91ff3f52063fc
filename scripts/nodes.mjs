// `npm run nodes`: every test and the packed package under each release of Node that people run.
// `npm run nodes -- 24 http lib/plan`: one release, some tests. `npm run nodes -- 24 some`: what every check of the project runs.
import { delimiter, join } from 'node:path'
import { fail, root, run } from '../test/support/processes.mjs'
import { installNode } from '../test/support/releases.mjs'

const RELEASES = ['20', '22', '24', '26']

/** Where releases may differ: replies, values and their bytes, the driver of SQLite. No server is started, nothing is compiled. */
const SOME = ['fastify', 'lib/data', 'model/model-sqlite']

/** Runs a script under a Node, and returns whether it succeeded. */
async function under(folder, script, args) {
  const bin = join(folder, 'bin')
  // Native drivers are compiled for the Node that will load them.
  const env = { PATH: `${bin}${delimiter}${process.env.PATH}`, npm_config_nodedir: folder }
  console.log(`node scripts/${[script, ...args].join(' ')}`)
  const { ok } = await run(join(bin, 'node'), [join(root, 'scripts', script), ...args], { env, each: (line) => console.log(line) })
  return ok
}

async function checkRelease(release, tests) {
  const folder = await installNode(release)
  const { output } = await run(join(folder, 'bin/node'), ['--version'])
  console.log(`\nNode ${output.trim()}`)
  // What one release alone runs is no gap in the others' coverage.
  const args = tests.length === 0 ? ['--disable-coverage'] : tests
  for (const [script, of] of [
    ['test.mjs', args],
    ['package.mjs', []],
  ])
    if (!(await under(folder, script, of))) fail(`nodes: ${script} failed on Node ${output.trim()}`)
}

const given = process.argv.slice(2)
const releases = given.filter((argument) => /^\d+$/.test(argument))
const tests = given.filter((argument) => !releases.includes(argument)).flatMap((test) => (test === 'some' ? SOME : [test]))
try {
  for (const release of releases.length > 0 ? releases : RELEASES) await checkRelease(release, tests)
} catch (error) {
  fail(error.message)
}
