import { AsyncLocalStorage } from 'node:async_hooks'
import { setImmediate as turn } from 'node:timers/promises'
import type { SpyStore } from '../support/spy-store.ts'

/** Who made a store call. */
const actor = new AsyncLocalStorage<string>()

interface Waiting {
  readonly name: string
  go(): void
}

/** One way in which the store calls of several requests followed one another: which of those waiting went on, step by step. */
interface Run {
  readonly taken: readonly number[]
  readonly choices: readonly number[]
  readonly trail: string
}

type Jobs = Readonly<Record<string, () => Promise<unknown>>>

/** Runs jobs at once; each store call waits until the schedule lets it work. After the given prefix the first one waiting goes. */
async function runOnce(store: SpyStore, jobs: Jobs, prefix: readonly number[]): Promise<Run> {
  const waiting: Waiting[] = []
  const taken: number[] = []
  const choices: number[] = []
  const trail: string[] = []
  store.gate = (verb) => {
    const name = actor.getStore() ?? '?'
    return new Promise<void>((go) => waiting.push({ name: `${name}:${verb}`, go }))
  }
  let running = Object.keys(jobs).length
  const all = Object.entries(jobs).map(([name, job]) => actor.run(name, () => job().finally(() => running--)))
  while (running > 0) {
    while (waiting.length < running) await turn()
    if (running === 0) break
    // In the order of the names, so that a schedule means the same in every run.
    waiting.sort((a, b) => (a.name < b.name ? -1 : 1))
    const choice = prefix[taken.length] ?? 0
    choices.push(waiting.length)
    taken.push(choice)
    const [next] = waiting.splice(choice, 1)
    trail.push(next?.name ?? '')
    next?.go()
    await turn()
  }
  store.gate = undefined
  await Promise.all(all)
  return { taken, choices, trail: trail.join(' ') }
}

/** The next schedule in depth-first order, or undefined after the last. */
function nextPrefix({ taken, choices }: Run): number[] | undefined {
  for (let i = taken.length - 1; i >= 0; i--) {
    const choice = (taken[i] ?? 0) + 1
    if (choice < (choices[i] ?? 0)) return [...taken.slice(0, i), choice]
  }
  return undefined
}

/** Every interleaving of the store calls of some requests. `begin` makes the jobs of one run, and what looks at its outcome. */
export async function everySchedule(
  store: SpyStore,
  begin: () => Promise<{ jobs: Jobs; check: (trail: string) => Promise<void> }>,
): Promise<number> {
  let runs = 0
  for (let prefix: number[] | undefined = []; prefix !== undefined; runs++) {
    const { jobs, check } = await begin()
    const run = await runOnce(store, jobs, prefix)
    await check(run.trail)
    prefix = nextPrefix(run)
  }
  return runs
}
