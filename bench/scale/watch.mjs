import { createHistogram, monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { sum } from '../runner.mjs'

const LONG_MS = 0.5

/** Watches calls, the event loop and the garbage collector from here to `end()`. */
export class Watch {
  #times = createHistogram()
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
    this.#times.record(Math.max(1, Math.round(duration * 1e6)))
    if (duration > LONG_MS) this.#long.push({ start, duration, cpu: milliseconds(process.cpuUsage(cpu)) })
    return answer
  }

  async end() {
    this.#loop.disable()
    // The collector's entries come in a later turn.
    await sleep(50)
    this.#observer.disconnect()
    const durations = this.#collections.map(({ duration }) => duration)
    const [calls, loop] = [shapeOf(this.#times), shapeOf(this.#loop)]
    return {
      ...{ ...calls, ownMax: this.#ownMax(calls) },
      ...{ loopCount: loop.count, loopP50: loop.p50, loopP99: loop.p99, loopMax: loop.max },
      ...{ gcCount: durations.length, gcMax: Math.max(0, ...durations), gcTotal: sum(durations) },
    }
  }

  /**
   * The most that a call can have worked itself: no longer than it took without the collector, and no longer than the processor was at work,
   * since what else runs on the machine is nobody's pause here.
   */
  #ownMax({ max }) {
    const own = this.#long.map((call) => Math.min(call.cpu, call.duration - this.#collected(call)))
    return Math.max(Math.min(LONG_MS, max), ...own)
  }

  #collected(call) {
    return sum(this.#collections.map((gc) => overlap(call, gc)))
  }
}

/** A histogram of nanoseconds, in milliseconds. */
function shapeOf(histogram) {
  const at = (percent) => histogram.percentile(percent) / 1e6
  return { count: histogram.count, p50: at(50), p99: at(99), max: histogram.max / 1e6 }
}

const spanOf = ({ startTime, duration }) => ({ start: startTime, duration })
const milliseconds = ({ user, system }) => (user + system) / 1000

function overlap(a, b) {
  return Math.max(0, Math.min(a.start + a.duration, b.start + b.duration) - Math.max(a.start, b.start))
}
