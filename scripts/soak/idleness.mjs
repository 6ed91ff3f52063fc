import { cpus } from 'node:os'

const total = (times) => times.user + times.nice + times.sys + times.idle + times.irq

/** How much of the machine's time nobody used since this was last called, from 0 to 1, where that is known: without any, times say little about the application. */
export function watchIdleness() {
  let [idle, all] = [0, 0]
  const take = () => {
    const [idleBefore, allBefore] = [idle, all]
    idle = cpus().reduce((sum, { times }) => sum + times.idle, 0)
    all = cpus().reduce((sum, { times }) => sum + total(times), 0)
    return all === allBefore ? undefined : (idle - idleBefore) / (all - allBefore)
  }
  take()
  return take
}
