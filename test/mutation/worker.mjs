import { pathToFileURL } from 'node:url'
import { defined, Run } from './tap.mjs'

/**
 * Holds test files, loaded once, and runs their tests with one mutant awake after another. A failure counts only when right after it the
 * same test passes with every mutant asleep, and fails again with this one awake: neither what another mutant left behind nor a busy machine
 * may count against a mutant.
 */

globalThis.__stryker__ ??= {}
const stryker = globalThis.__stryker__
/** Awake from the start, for what happens only while the modules load. */
const always = process.env.__STRYKER_ACTIVE_MUTANT__
/** Quiet neighbours: a test may take so much longer than it took. */
const limitOf = ({ ms = 10_000 }) => 2000 + 5 * ms

let current
for (const event of ['uncaughtException', 'unhandledRejection']) process.on(event, () => current?.fail({ kind: 'uncaught' }))

async function runTest(test) {
  process.send({ at: defined.indexOf(test), ms: test.ms })
  current = new Run()
  const failure = await current.go(test.work, limitOf(test))
  current = undefined
  return failure
}

const turns = async (count) => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** Undefined: it passes. */
async function verdictOf(id, test) {
  stryker.activeMutant = id
  const failure = await runTest(test)
  if (failure === undefined) return undefined
  if (always !== undefined) return (await runTest(test))?.kind
  stryker.activeMutant = undefined
  await turns(5)
  if ((await runTest(test)) !== undefined) return 'unsure'
  stryker.activeMutant = id
  return (await runTest(test))?.kind
}

async function judge({ id, tests }) {
  for (const index of tests) {
    const kind = await verdictOf(id, defined[index])
    if (kind !== undefined) return { kind, by: index, file: defined[index].file, name: defined[index].name }
  }
  return {}
}

/** How long each test takes, and which mutants it reaches. */
async function measure() {
  const measured = []
  for (const [index, test] of defined.entries()) {
    stryker.currentTestId = String(index)
    const started = performance.now()
    const failure = await runTest(test)
    const { perTest = {} } = stryker.mutantCoverage ?? {}
    const reaches = Object.keys(perTest[index] ?? {})
    test.ms = performance.now() - started
    measured.push({ index, file: test.file, name: test.name, ms: test.ms, reaches, failure })
  }
  stryker.currentTestId = undefined
  return { measured, loads: Object.keys(stryker.mutantCoverage?.static ?? {}) }
}

async function load(files) {
  for (const file of files) {
    const before = defined.length
    await import(pathToFileURL(file).href)
    for (const test of defined.slice(before)) test.file = file
  }
  return { count: defined.length }
}

async function setTimes(times) {
  for (const [index, ms] of times.entries()) defined[index].ms = ms
  return {}
}

const answers = {
  times: ({ times }) => setTimes(times),
  load: ({ files }) => load(files),
  measure,
  judge,
  all: () => judge({ id: always, tests: defined.map((_, index) => index) }),
}
process.on('message', (message) => {
  answers[message.what](message).then(
    (answer) => process.send({ answer }),
    (error) => process.send({ error: String(error?.stack ?? error) }),
  )
})
