import type { Test } from 'tap'
import { settled } from './app.ts'

/** Time that passes when it is told to, for `Date.now` and for what sets timers. */
export interface VirtualTime {
  /** Lets so many milliseconds pass, each timer at its moment, and what those lead to before the next moment. */
  pass(milliseconds: number): Promise<void>
}

/** A timer that is none of the system's. */
class Timer {
  readonly at: number
  readonly fire: () => void

  constructor(at: number, fire: () => void) {
    this.at = at
    this.fire = fire
  }

  ref = () => this
  unref = () => this
}

/** Stops the time until the test ends. Timers that ran before run on. */
export function virtualTime(t: Test): VirtualTime {
  let now = Date.now()
  const timers = new Set<Timer>()
  const { clearTimeout } = globalThis
  t.intercept(Date, 'now', { value: () => now })
  t.intercept(globalThis, 'setTimeout', {
    value: (fire: (...args: unknown[]) => void, milliseconds = 0, ...args: unknown[]) => {
      const timer = new Timer(now + Math.max(1, milliseconds), () => fire(...args))
      timers.add(timer)
      return timer
    },
  })
  t.intercept(globalThis, 'clearTimeout', {
    value: (timer: Timer) => {
      if (!timers.delete(timer)) clearTimeout(timer as unknown as NodeJS.Timeout)
    },
  })
  return {
    async pass(milliseconds) {
      const end = now + milliseconds
      for (;;) {
        const at = Math.min(...[...timers].map((timer) => timer.at))
        if (at > end) break
        now = at
        for (const timer of timers) if (timer.at === at && timers.delete(timer)) timer.fire()
        await settled()
      }
      now = end
    },
  }
}
