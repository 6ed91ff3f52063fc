import { existsSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fail, filesBelow, root, run, tool } from '../test/support/processes.mjs'
import { compilePackage } from './dist.mjs'
import { failuresOf } from './failures.mjs'
import { installNeighbours, installPackages } from './neighbours.mjs'
import { installServers } from './servers.mjs'
import { installSqliteDriver } from './sqlite-driver.mjs'

const given = process.argv.slice(2)
const flags = given.filter((argument) => argument.startsWith('--'))
const wanted = given.filter((argument) => !flags.includes(argument))
const whole = wanted.length === 0

/** What the package is bundled, compiled and run by in the suite. `npm run consumers` has more. */
const installConsumers = () => installPackages(join(root, 'test/consumers'), { dev: false })

/** The files below a folder, relative to the checkout, with `/`. */
function filesIn(folder, ending) {
  if (!existsSync(join(root, folder))) return []
  return filesBelow(folder)
    .filter((name) => name.endsWith(ending))
    .sort()
}

const sourceOf = (file) => file.replace('build/', '').replace(/\.js$/, '.ts')

/** What is left of deleted sources goes. Not the whole folder: another run may be using it. */
function prune() {
  const ours = filesIn('build', '.js').filter((file) => !file.startsWith('build/neighbours/'))
  for (const file of ours.filter((file) => !existsSync(join(root, sourceOf(file))))) {
    rmSync(join(root, file))
    rmSync(join(root, `${file}.map`), { force: true })
  }
}

/** After a fresh install, tap has a TypeScript plugin built in that cannot work here; its first run would build it out and fail. */
async function prepareTap() {
  const built = readFileSync(join(root, 'node_modules/@tapjs/test/test-built/dist/esm/index.js'), 'utf8')
  if (built.includes('"@tapjs/typescript"')) {
    const { ok, output } = await tool('tap', ['build'])
    if (!ok) throw new Error(`tap build failed\n${output}`)
  }
  // Absolute links that the building leaves behind: in a checkout that was moved they would bring in a second tap.
  rmSync(join(root, '.tap/plugins'), { recursive: true, force: true })
}

/** The compiled tests that an argument names: `memory`, `test/stores/memory.test.ts`, or a folder. */
function testsNamed(argument) {
  const name = argument.replace(/^(\.\/)?test\/|\.test\.[jt]s$|\/$/g, '')
  const tests = filesIn('build/test', '.test.js')
  const found = tests.filter((file) => `/${sourceOf(file)}`.endsWith(`/${name}.test.ts`) || file.startsWith(`build/test/${name}/`))
  if (found.length === 0) {
    const folder = dirname(`build/test/${name}`)
    throw new Error(
      `no test is called ${argument}; there are ${tests
        .filter((file) => dirname(file) === folder)
        .map(sourceOf)
        .join(', ')}`,
    )
  }
  return found
}

/** A test file is a program: run like this it needs no coverage, and leaves alone what a full run beside it gathers. Two at a time, as in that. */
async function runSome(files) {
  const counts = {}
  const left = [...files]
  async function work() {
    for (let file = left.shift(); file; file = left.shift()) {
      const lines = []
      const ended = await run(process.execPath, ['--enable-source-maps', file], { each: failuresOf((line) => lines.push(line)) })
      if (lines.length > 0) console.log(lines.join('\n'))
      const counted = [...lastCounts(ended.output).matchAll(/(\w+): (\d+)/g)]
      for (const [, name, count] of counted) counts[name] = (counts[name] ?? 0) + Number(count)
      if (!ended.ok) fail(`${sourceOf(file)} ended with ${ended.code}`)
    }
  }
  await Promise.all([work(), work()])
  const parts = Object.entries(counts).map(([name, count]) => `${name}: ${count}`)
  console.log(`# { ${parts.join(', ')} }`)
}

async function runAll() {
  await prepareTap()
  const { ok, output } = await tool('tap', ['--reporter=tap', ...flags], { each: failuresOf(console.log) })
  if (!ok) process.exitCode = 1
  if (unloaded().length > 0) fail(`no test loads ${unloaded().join(', ')}`)
  console.log(lastCounts(output))
}

const lastCounts = (output) => output.match(/^# \{ total: .*\}/gm)?.at(-1) ?? '# { total: 0 }'

/** Sources with something to run that no test has loaded: tap's coverage does not know of them. */
function unloaded() {
  const report = join(root, '.tap/report/coverage-summary.json')
  if (!existsSync(report)) return []
  const summary = JSON.parse(readFileSync(report, 'utf8'))
  const loaded = Object.keys(summary).map((file) => file.replaceAll('\\', '/'))
  const sources = ['build/index.js', ...filesIn('build/lib', '.js'), ...filesIn('build/stores', '.js')]
  const empty = /^(\s*export \{\};|\s*\/\/.*|\s*\/\*[\s\S]*?\*\/)*\s*$/
  const runnable = sources.filter((file) => !empty.test(readFileSync(join(root, file), 'utf8')))
  return runnable.map(sourceOf).filter((file) => !loaded.includes(join(root, file).replaceAll('\\', '/')))
}

/** Compiles the tests, and the package too: examples import it by its name. Gives the compiler's complaints. */
async function compile() {
  const both = whole || !existsSync(join(root, 'dist'))
  const runs = await Promise.all([tool('tsc', ['-p', 'tsconfig.json']), ...(both ? [compilePackage()] : [])])
  return runs.map(({ output }) => output).join('')
}

/** One file may do without the servers and drivers: then it says itself what it lacks. */
async function prepareServers() {
  await installServers().catch((error) => {
    if (whole) throw error
    console.error(error.message)
  })
}

async function main() {
  await prepareServers()
  const [errors] = await Promise.all([compile(), ...(whole ? [installSqliteDriver(), installNeighbours(), installConsumers()] : [])])
  if (errors && whole) return fail(errors)
  if (errors) console.error(`${errors}The test runs all the same.`)
  prune()
  if (whole) return await runAll()
  const files = wanted.flatMap(testsNamed)
  // Their programs import the package by its name.
  const [neighbours, consumers, demo] = ['neighbours', 'consumers', 'demo'].map((name) =>
    files.some((file) => file.startsWith(`build/test/${name}/`)),
  )
  if (neighbours || consumers || demo)
    await Promise.all([compilePackage(), neighbours ? installNeighbours() : undefined, consumers ? installConsumers() : undefined])
  await runSome(files)
}

await main().catch((error) => fail(error.message))
