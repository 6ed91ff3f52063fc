import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fail, inTemporaryFolder, root, run, tool } from '../test/support/processes.mjs'
import { failuresOf } from './failures.mjs'
import { applyMutant, killerFile, problemOf, readMutants } from './mutant-lists.mjs'
import { installServers } from './servers.mjs'

// Puts known faults back, one after the other, each into a copy of the checkout, and sees that the tests which it names fail.
// `node scripts/mutants.mjs [--check] [NAME...]`: all of test/mutants, or those whose names have one of these parts, or of a list (cookies.txt).
// --check runs nothing: it says which of them do not apply to the checkout as it is.

const WORKERS = 2
const COPIED = ['index.ts', 'lib', 'stores', 'types', 'test', 'scripts', 'package.json', 'tsconfig.json']

/** What a fault leaves unused is no reason not to compile. */
const COMPILE = ['-p', 'tsconfig.json', '--incremental', '--tsBuildInfoFile', 'build/.tsbuildinfo', '--noUnusedLocals', 'false']

const compiled = (killer) => `build/${killerFile(killer).replace(/\.ts$/, '.js')}`

const filter = (path) => !path.endsWith('node_modules')

/** A copy of the checkout that is compiled and can be broken. */
async function prepare(folder) {
  for (const name of COPIED) cpSync(join(root, name), join(folder, name), { recursive: true, filter })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  await compile(folder)
  return folder
}

async function compile(folder) {
  const { ok, output } = await tool('tsc', [...COMPILE, '--noUnusedParameters', 'false'], { cwd: folder })
  if (!ok) throw new Error(`it does not compile\n${output.trimEnd()}`)
}

/** Runs a test file. Gives the names of the assertion that failed first, if any did, and whether the file ended well. */
async function runTest(folder, killer) {
  const failures = []
  const told = (line) =>
    line.startsWith('\nFAILED ') ? failures.push({ title: line.slice('\nFAILED '.length), lines: [] }) : failures.at(-1)?.lines.push(line)
  const { ok, output } = await run(process.execPath, ['--enable-source-maps', compiled(killer)], { cwd: folder, each: failuresOf(told) })
  return { ok, output, assertion: failures.find(isAssertion)?.title }
}

/** A test that threw or hung may have done so for any reason: that is no verdict. */
function isAssertion({ title, lines }) {
  return !lines.some((line) => /^ *(tapCaught|expired|signal): /.test(line)) && !/timeout!|test unfinished|left in queue/.test(title)
}

/** Puts a fault into a copy, and takes it out again. */
async function mutate(folder, mutant) {
  const { name, kills } = mutant
  const before = new Map()
  const changed = applyMutant(mutant, (file) => {
    const text = readFileSync(join(folder, file), 'utf8')
    before.set(file, text)
    return text
  })
  try {
    for (const [file, text] of changed) writeFileSync(join(folder, file), text)
    await compile(folder)
    return await verdict(folder, name, kills)
  } finally {
    for (const [file, text] of before) writeFileSync(join(folder, file), text)
  }
}

async function verdict(folder, name, kills) {
  const others = []
  for (const killer of kills) {
    const { ok, assertion, output } = await runTest(folder, killer)
    if (assertion !== undefined) return { name, killed: true, text: `killed by ${killer}: ${assertion}` }
    if (!ok) others.push(`${killer} ended without a failed assertion:\n${output.slice(-1500)}`)
  }
  return { name, killed: false, text: ['SURVIVED', ...others].join('\n') }
}

/** The killers, on the checkout as it is: a test that fails there kills nothing. */
async function checkUnbroken(folder, killers) {
  for (const killer of killers) {
    if ((await runTest(folder, killer)).ok) continue
    // Once more: a machine that is busy may have been too slow for a server.
    const { ok, output } = await runTest(folder, killer)
    if (!ok) throw new Error(`${killerFile(killer)} fails on the checkout as it is\n${output.slice(-3000)}`)
  }
}

/** Works through the mutants with its own copy, until none is left. */
async function work(folder, mutants, results) {
  for (let mutant = mutants.shift(); mutant; mutant = mutants.shift()) {
    const start = Date.now()
    const { name } = mutant
    const result = await mutate(folder, mutant).catch((error) => ({ name, killed: false, text: `ERROR: ${error.message}` }))
    results.push(result)
    console.log(`${name}: ${result.text} (${((Date.now() - start) / 1000).toFixed(1)} s)`)
  }
}

function wanted(names) {
  const mutants = readMutants().filter(({ name, list }) => names.length === 0 || names.some((part) => name.includes(part) || list === part))
  if (mutants.length === 0) throw new Error(`no mutant is called ${names.join(' or ')}`)
  return mutants
}

function check(mutants) {
  const problems = mutants.map(problemOf).filter((problem) => problem !== undefined)
  if (problems.length > 0) fail(problems.join('\n'))
  console.log(`${mutants.length - problems.length} apply, ${problems.length} do not`)
}

async function main() {
  const names = process.argv.slice(2)
  const mutants = wanted(names.filter((name) => name !== '--check'))
  if (names.includes('--check')) check(mutants)
  else await runAll(mutants)
}

async function runAll(mutants) {
  const killers = [...new Set(mutants.flatMap(({ kills }) => kills))]
  await installServers().catch((error) => console.error(error.message))
  const results = []
  await inTemporaryFolder(async (top) => {
    const folders = await Promise.all(Array.from({ length: Math.min(WORKERS, mutants.length) }, (_, i) => prepare(join(top, String(i)))))
    const halves = folders.map((_, i) => killers.filter((_, k) => k % folders.length === i))
    await Promise.all(folders.map((folder, i) => checkUnbroken(folder, halves[i])))
    console.log(`${killers.length} test files pass on the checkout as it is`)
    await Promise.all(folders.map((folder) => work(folder, mutants, results)))
  })
  const survived = results.filter(({ killed }) => !killed)
  for (const { name } of survived) console.log(`survived: ${name}`)
  console.log(`${results.length - survived.length} killed, ${survived.length} survived`)
  if (survived.length > 0) process.exitCode = 1
}

await main().catch((error) => fail(error.message))
