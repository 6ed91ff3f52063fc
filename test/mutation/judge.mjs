import { fork } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { copy } from './instrument.mjs'

const VERDICTS = { failed: 'killed', uncaught: 'killed', timeout: 'timeout' }
/** How many files a mutant of the loading meets before it meets all. */
const FIRST_FILES = 3

/** The tests that are likely to kill a mutant: those that killed its neighbours, then those of the file's own unit tests, then the quick. */
class Killers {
  #kills = []

  note({ file, line }, test) {
    this.#kills.push({ file, line, test })
  }

  #score(mutant, suits) {
    const near = this.#kills.filter(({ file, test }) => file === mutant.file && suits(test))
    return near.reduce((sum, { line }) => sum + 1 / (1 + Math.abs(line - mutant.line)), 0)
  }

  tests(mutant, tests) {
    const scored = tests.map((test) => {
      const kills = this.#score(mutant, (killer) => killer === test)
      return { test, score: kills + (isOwn(mutant, test.file) ? 0.5 : 0) - test.ms / 1e4 }
    })
    return scored.sort((a, b) => b.score - a.score).map(({ test }) => test)
  }

  files(mutant, files) {
    const scored = files.map((file) => {
      const kills = this.#score(mutant, (killer) => killer.file === file)
      return { file, score: kills + (isOwn(mutant, file) ? 1 : 0) }
    })
    return scored.sort((a, b) => b.score - a.score).map(({ file }) => file)
  }
}

function isOwn(mutant, file) {
  return file.endsWith(join('test', mutant.file.replace(/\.ts$/, '.test.js')))
}

/** Judges mutants, one at a time, in a process of its own that it replaces when a mutant breaks it. */
export class Judge {
  #bench
  #worker

  constructor(bench) {
    this.#bench = bench
  }

  async judge(mutant) {
    const verdict = await (this.#bench.loads.has(mutant.id) ? this.#ofLoading(mutant) : this.#ofRunning(mutant))
    if (verdict.test) this.#bench.killers.note(mutant, verdict.test)
    return { status: verdict.status, by: verdict.test?.name }
  }

  async #ofRunning(mutant) {
    let left = this.#bench.killers.tests(
      mutant,
      this.#bench.tests.filter(({ reaches }) => reaches.has(mutant.id)),
    )
    if (left.length === 0) return { status: 'no coverage' }
    // A test that fails without a mutant as well proves nothing: a new process, and then without that test.
    for (let unsure = 0; ; unsure++) {
      const worker = await this.#ready()
      const { answer, late, at } = await worker.ask({ what: 'judge', id: mutant.id, tests: left.map(({ index }) => index) })
      const test = this.#bench.tests[answer?.by ?? at]
      if (answer === undefined) return { status: late ? 'timeout' : 'killed', test }
      if (answer.kind !== 'unsure') return { status: VERDICTS[answer.kind] ?? 'survived', test: answer.kind && test }
      worker.kill()
      if (unsure > 0) left = left.filter((each) => each !== test)
    }
  }

  async #ready() {
    if (this.#worker === undefined || this.#worker.gone) {
      this.#worker = new Worker()
      await loaded(this.#worker, testFiles())
      await this.#worker.ask({ what: 'times', times: this.#bench.tests.map(({ ms }) => ms) })
    }
    return this.#worker
  }

  /** What happens while the modules load can be seen in a new process only. */
  async #ofLoading(mutant) {
    const files = this.#bench.killers.files(mutant, testFiles())
    for (const some of [files.slice(0, FIRST_FILES), files]) {
      const worker = new Worker({ __STRYKER_ACTIVE_MUTANT__: mutant.id })
      const { error, late } = await worker.ask({ what: 'load', files: some })
      const { answer } = error || late ? {} : await worker.ask({ what: 'all' })
      worker.kill()
      if (late) return { status: 'timeout' }
      if (answer === undefined) return { status: 'killed' }
      const test = this.#bench.tests.find(({ file, name }) => file === answer.file && name === answer.name)
      if (answer.kind !== undefined) return { status: VERDICTS[answer.kind], test }
    }
    return { status: 'survived' }
  }

  close() {
    this.#worker?.kill()
  }
}

async function loaded(worker, files) {
  const { answer, error } = await worker.ask({ what: 'load', files })
  if (answer === undefined) throw new Error(`the tests do not load: ${error}`)
}

/** Runs every test once with all mutants asleep: how long each takes, and which mutants it reaches. One that fails so reaches none. */
export async function prepareBench() {
  const worker = new Worker()
  await loaded(worker, testFiles())
  const { answer, error, late, at } = await worker.ask({ what: 'measure' })
  worker.kill()
  if (answer === undefined) throw new Error(`the tests do not run: ${late ? `test ${at} is silent` : error}`)
  const tests = answer.measured.map((test) => ({ ...test, reaches: new Set(test.failure ? [] : test.reaches) }))
  for (const { name, failure } of tests)
    if (failure) console.log(`left out, for it fails without a mutant: ${name} (${failure.message ?? failure.kind})`)
  return { tests, loads: new Set(answer.loads), killers: new Killers() }
}

const WORKER = fileURLToPath(new URL('worker.mjs', import.meta.url))

/** The compiled test files of lib/, which need no server. */
function testFiles() {
  const built = join(copy, 'build/test')
  const below = (folder) => readdirSync(join(built, folder), { recursive: true }).map((name) => join(folder, name))
  const names = ['lib', 'http', 'fastify'].flatMap(below)
  return names.filter((name) => name.endsWith('.test.js')).map((name) => join(built, name))
}

/** How long a process may be silent, which tells the test it is at before it runs it. */
const SILENCE = 6000

/** A process that holds test files. When it is silent for too long it is ended. */
class Worker {
  #child
  #asked
  #at
  #timer
  gone = false

  constructor(env = {}) {
    const execArgv = ['--max-old-space-size=1500']
    this.#child = fork(WORKER, [], { cwd: copy, env: { ...process.env, ...env }, execArgv, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
    this.#child.on('message', (message) => this.#hear(message))
    this.#child.on('exit', () => this.#end({ error: 'the process ended' }))
  }

  #hear({ at, ms = 10_000, ...reply }) {
    if (at === undefined) return this.#asked?.resolve(reply)
    this.#at = at
    this.#wait(SILENCE + 10 * ms)
  }

  #wait(limit) {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#end({ late: true })
      this.kill()
    }, limit)
  }

  #end(reply) {
    this.gone = true
    this.#asked?.resolve({ ...reply, at: this.#at })
  }

  /** `{ answer }`; or `{ error }` or `{ late: true }` when there is none, with the number of the test that it was at. */
  async ask(message) {
    if (this.gone) return { error: 'the process ended' }
    const promise = new Promise((resolve) => {
      this.#asked = { resolve }
    })
    this.#at = undefined
    this.#wait(10 * SILENCE)
    this.#child.send(message, () => {})
    const reply = await promise
    clearTimeout(this.#timer)
    return reply
  }

  kill() {
    this.gone = true
    this.#child.kill('SIGKILL')
  }
}
