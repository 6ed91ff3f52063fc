import { setImmediate as turn } from 'node:timers/promises'
import { actor } from './apps.mjs'

/**
 * Runs requests at once; each store call waits until the schedule lets it work. After the given prefix the first one waiting goes.
 * Returns which of how many went on, step by step.
 */
async function runOnce(network, jobs, prefix) {
  const [waiting, taken, choices] = [[], [], []]
  const running = new Set(Object.keys(jobs))
  network.gate = (verb) => new Promise((go) => waiting.push({ name: actor.getStore() ?? '', verb, go }))
  const all = Object.entries(jobs).map(([name, job]) => job().finally(() => running.delete(name)))
  const isSettled = () => [...running].every((name) => waiting.some((call) => call.name === name))
  while (running.size > 0) {
    // Until every request waits at the store or has its answer.
    while (!isSettled()) await turn()
    if (running.size === 0) break
    waiting.sort((a, b) => (a.name + a.verb < b.name + b.verb ? -1 : 1))
    const choice = prefix[taken.length] ?? 0
    choices.push(waiting.length)
    taken.push(choice)
    waiting.splice(choice, 1)[0].go()
    await turn()
  }
  network.gate = undefined
  for (const { go } of waiting) go()
  await Promise.all(all)
  return { taken, choices }
}

/** The next schedule in depth-first order, or undefined after the last. */
function nextPrefix({ taken, choices }) {
  const last = taken.findLastIndex((choice, i) => choice + 1 < choices[i])
  return last < 0 ? undefined : [...taken.slice(0, last), taken[last] + 1]
}

/** Every order in which the store calls of some requests can follow one another. `begin` makes the jobs of one run and a look at its outcome. */
export async function everyOrder(network, begin) {
  for (let prefix = []; prefix !== undefined; ) {
    const { jobs, look } = await begin()
    const run = await runOnce(network, jobs, prefix)
    await look()
    prefix = nextPrefix(run)
  }
}
