import { readdirSync, readFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setImmediate as turn } from 'node:timers/promises'

/** What is read from /proc where there is one; undefined elsewhere. */
function fromProc(read) {
  try {
    return read()
  } catch {
    return undefined
  }
}

const descriptors = () => fromProc(() => readdirSync('/proc/self/fd').length)
/** Without the pages of files: those of a mapped database are the cache's. */
const ownMemory = () => fromProc(() => Number(/RssAnon:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024)

function countsOf(kinds) {
  const counts = {}
  for (const kind of kinds.sort()) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}

/** Takes the measure of this process. */
export class Sampler {
  #delay = monitorEventLoopDelay({ resolution: 5 })

  constructor() {
    this.#delay.enable()
  }

  /** The collection that precedes the measure is no delay of the application's. */
  async take() {
    const loop99 = this.#delay.percentile(99) / 1e6
    const { user, system } = process.cpuUsage()
    this.#delay.disable()
    globalThis.gc()
    await turn()
    globalThis.gc()
    const { heapUsed, external, arrayBuffers, rss } = process.memoryUsage()
    const memory = ownMemory()
    this.#delay.reset()
    this.#delay.enable()
    const memories = { heap: heapUsed, external, arrayBuffers, rss, memory: memory ?? rss }
    return { ...memories, loop99, cpu: user + system, handles: this.handles(), files: descriptors() }
  }

  /** What keeps this process alive, counted by kind. */
  handles() {
    return countsOf(process.getActiveResourcesInfo())
  }

  stop() {
    this.#delay.disable()
  }
}
