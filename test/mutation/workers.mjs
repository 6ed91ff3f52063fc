import { fork } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { copy } from './instrument.mjs'

const WORKER = fileURLToPath(new URL('worker.mjs', import.meta.url))

/** Takes longer than all others together, and finds what `concurrency-schedules` finds. */
const TOO_LONG = new Set(['http/concurrency-triples.test.js'])

/** The compiled test files of lib/, which need no server. */
export function testFiles() {
  const built = join(copy, 'build/test')
  const below = (folder) => readdirSync(join(built, folder), { recursive: true }).map((name) => join(folder, name))
  const names = ['lib', 'http', 'fastify'].flatMap(below)
  return names.filter((name) => name.endsWith('.test.js') && !TOO_LONG.has(name)).map((name) => join(built, name))
}

/** How long a process may be silent, which tells the test it is at before it runs it. */
const SILENCE = 6000

/** A process that holds test files. When it is silent for too long it is ended. */
export class Worker {
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

  #hear({ at, ms = 1000, ...reply }) {
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
