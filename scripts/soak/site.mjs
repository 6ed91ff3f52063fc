import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const APP = fileURLToPath(new URL('app.mjs', import.meta.url))
/** After its close a process has this long to end by itself before it is ended. */
const PATIENCE_MS = 5000

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
    await site.#start(settings, owner)
    return site
  }

  async #start(settings, owner) {
    // Without what a test runner puts there for Node.
    const { NODE_OPTIONS: _, NODE_V8_COVERAGE: __, ...rest } = process.env
    const env = { ...rest, NODE_ENV: 'production' }
    const child = spawn(process.execPath, ['--expose-gc', APP, JSON.stringify(settings)], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env,
    })
    owner.teardown(() => child.kill('SIGKILL'))
    this.#child = child
    child.on('message', (message) => this.#hear(message))
    const ended = once(child, 'exit').then(([code, signal]) => this.#fail(new Error(`the application ended with ${code ?? signal}`)))
    await Promise.race([once(child, 'message'), ended])
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

  /** Closes the application. How long the process lived on, in milliseconds; undefined when it had to be ended. */
  async close() {
    const ended = once(this.#child, 'exit')
    await this.ask('close')
    const start = performance.now()
    const clean = await Promise.race([ended, sleep(PATIENCE_MS, undefined, { ref: false })])
    return clean === undefined ? undefined : Math.round(performance.now() - start)
  }
}
