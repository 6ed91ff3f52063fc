import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const APP = fileURLToPath(new URL('app.mjs', import.meta.url))
/** After its close a process has this long to end by itself before it is killed. */
const LONGEST_END_MS = 5000

/** The application in its process. */
export class Site {
  #child
  #asked = new Map()
  #ids = 0
  port = 0
  /** What kept the process alive a second after its close. */
  held

  static async start(settings, owner) {
    const site = new Site()
    // Without what a test runner puts there for Node.
    const { NODE_OPTIONS: _, NODE_V8_COVERAGE: __, ...rest } = process.env
    const env = { ...rest, NODE_ENV: 'production' }
    const child = fork(APP, [JSON.stringify(settings)], { execArgv: ['--expose-gc'], env })
    site.#child = child
    owner.teardown(() => child.kill('SIGKILL'))
    child.on('message', (message) => site.#hear(message))
    const ended = once(child, 'exit').then(([code, signal]) => site.#fail(new Error(`the application ended with ${code ?? signal}`)))
    await Promise.race([once(child, 'message'), ended])
    return site
  }

  #hear({ id, answer, error, port, held }) {
    if (port !== undefined) this.port = port
    if (held !== undefined) this.held = held
    const asked = this.#asked.get(id)
    this.#asked.delete(id)
    if (error === undefined) asked?.resolve(answer)
    else asked?.reject(new Error(error))
  }

  #fail(error) {
    for (const { reject } of this.#asked.values()) reject(error)
    this.#asked.clear()
    if (this.port === 0) throw error
  }

  ask(ask, more = {}) {
    const id = ++this.#ids
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject })
      this.#child.send({ id, ask, ...more })
    })
  }

  /** Closes the application. Returns how long the process lived on, in milliseconds; undefined when it had to be killed. */
  async close() {
    const ended = once(this.#child, 'exit')
    await this.ask('close')
    const start = performance.now()
    const clean = await Promise.race([ended, sleep(LONGEST_END_MS, undefined, { ref: false })])
    return clean === undefined ? undefined : Math.round(performance.now() - start)
  }
}
