import { setTimeout as sleep } from 'node:timers/promises'

const TICK_MS = 5
/** Who comes while so many wait is turned away. */
const MAX_AT_ONCE = 64

/** Lets so many people a second come, however long each of them takes, until the moment; waits for the last. */
export async function load(crowd, rate, until) {
  let [running, due, last] = [0, 0, performance.now()]
  const start = () => {
    running++
    crowd
      .act()
      .catch((error) => crowd.complain(String(error.stack)))
      .finally(() => running--)
  }
  while (Date.now() < until()) {
    const now = performance.now()
    due = Math.min(due + ((now - last) * rate) / 1000, rate / 10)
    last = now
    for (; due >= 1 && running < MAX_AT_ONCE; due--) start()
    await sleep(TICK_MS)
  }
  while (running > 0) await sleep(TICK_MS)
}
