import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { shapeOf, Times } from './figures.mjs'

const LONG_MS = 0.5

/** Watches calls, the event loop and the garbage collector from here to `end()`. */
export class Watch {
  #times = new Times()
  #long = []
  #collections = []
  #loop = monitorEventLoopDelay({ resolution: 1 })
  #observer = new PerformanceObserver((list) => this.#collections.push(...list.getEntries().map(spanOf)))

  constructor() {
    this.#observer.observe({ entryTypes: ['gc'] })
    this.#loop.enable()
  }

  call(work) {
    const cpu = process.cpuUsage()
    const start = performance.now()
    const answer = work()
    const duration = performance.now() - start
    this.#times.add(duration)
    if (duration > LONG_MS) this.#long.push({ start, duration, cpu: milliseconds(process.cpuUsage(cpu)) })
    return answer
  }

  async end() {
    this.#loop.disable()
    // The collector's entries come in a later turn.
    await sleep(50)
    this.#observer.disconnect()
    const collections = this.#collections
    const longest = Math.max(0, ...collections.map(({ duration }) => duration))
    const total = collections.reduce((sum, { duration }) => sum + duration, 0)
    return {
      calls: this.#times.shape,
      ownMax: this.#ownMax(),
      loop: shapeOf(this.#loop),
      gc: { count: collections.length, max: longest, total },
    }
  }

  /**
   * The most that a call can have worked itself: no longer than it took without the collector, and no longer than the processor was at work,
   * since what else runs on the machine is nobody's pause here.
   */
  #ownMax() {
    const own = this.#long.map((call) => Math.min(call.cpu, call.duration - this.#collected(call)))
    return Math.max(Math.min(LONG_MS, this.#times.shape.max), ...own)
  }

  #collected(call) {
    return this.#collections.reduce((sum, gc) => sum + overlap(call, gc), 0)
  }
}

const spanOf = ({ startTime, duration }) => ({ start: startTime, duration })
const milliseconds = ({ user, system }) => (user + system) / 1000

function overlap(a, b) {
  return Math.max(0, Math.min(a.start + a.duration, b.start + b.duration) - Math.max(a.start, b.start))
}
