import { createHistogram } from 'node:perf_hooks'
import { median } from '../report.mjs'

const whole = (number) => Math.round(number).toLocaleString('en-US')
export const format = { whole, tenths: (number) => number.toFixed(1), hundredths: (number) => number.toFixed(2) }

/** Median, least and most of the rounds, and the median of the ratios to the base, each taken within a round. */
export function compare(samples, base) {
  const ratio = median(samples.map((sample, round) => sample / base[round]))
  return { median: median(samples), min: Math.min(...samples), max: Math.max(...samples), ratio }
}

/** Durations in milliseconds, kept as a histogram. */
export class Times {
  #histogram = createHistogram()

  add(milliseconds) {
    this.#histogram.record(Math.max(1, Math.round(milliseconds * 1e6)))
  }

  get shape() {
    return shapeOf(this.#histogram)
  }
}

/** A histogram of nanoseconds, in milliseconds. */
export function shapeOf(histogram) {
  const at = (percent) => histogram.percentile(percent) / 1e6
  return { count: histogram.count, p50: at(50), p99: at(99), max: histogram.max / 1e6 }
}
