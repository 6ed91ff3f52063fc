import type { Noted } from './facts.ts'
import type { Fate, GatedStore } from './gated-store.ts'
import { Stage } from './stage.ts'

/** Something that happens in a schedule: a request, or a moment at which the clock jumps. */
export interface Job {
  /** A request's way, which the store's gate interrupts; or something done at once. */
  run(): Promise<unknown> | undefined
  /** Whether it may begin; without it, it begins at once. */
  ready?(): boolean
  readonly fault?: Fault
}

/** What goes wrong with one of a request's store calls, counted from 0. */
export interface Fault {
  readonly at: number
  readonly fate: Exclude<Fate, 'work'>
  /** Whether every later call goes the same way. */
  readonly lasts?: boolean
}

export type Jobs = Readonly<Record<string, Job>>

/** The way that one run took: at each point which of those that could go on did. */
export interface Run {
  readonly taken: readonly number[]
  readonly choices: readonly number[]
  readonly trail: string
  /** What scripts did and saw. */
  readonly facts: readonly Noted[]
}

/** Runs jobs, one store call at a time: whenever all of them wait, `choose` says which goes on. */
export async function play(store: GatedStore, jobs: Jobs, choose: (options: number, point: number) => number): Promise<Run> {
  const stage = new Stage(store, jobs)
  const { waiting, facts } = stage
  const idle = new Map(Object.entries(jobs))
  const start = (name: string, job: Job) => {
    idle.delete(name)
    stage.start(name, job)
  }
  for (const [name, job] of idle) if (job.ready === undefined) start(name, job)
  const taken: number[] = []
  const choices: number[] = []
  const trail: string[] = []
  for (;;) {
    await stage.quiet()
    const begins = [...idle].filter(([, job]) => job.ready?.())
    const count = waiting.length + begins.length
    if (count === 0) break
    // By name, so that a schedule means the same in every run.
    waiting.sort((a, b) => Number(a.label > b.label) - Number(a.label < b.label))
    const choice = choose(count, taken.length)
    taken.push(choice)
    choices.push(count)
    const [next] = choice < waiting.length ? waiting.splice(choice, 1) : []
    const [name, job] = begins[choice - waiting.length] ?? []
    trail.push(next?.label ?? name ?? '')
    if (next !== undefined) next.go()
    else if (name !== undefined && job !== undefined) start(name, job)
  }
  store.arrive = undefined
  return { taken, choices, trail: trail.join(' '), facts }
}

/** The next schedule in depth-first order, or undefined after the last. */
export function nextPrefix({ taken, choices }: Pick<Run, 'taken' | 'choices'>): number[] | undefined {
  for (let i = taken.length - 1; i >= 0; i--) {
    const choice = (taken[i] ?? 0) + 1
    if (choice < (choices[i] ?? 0)) return [...taken.slice(0, i), choice]
  }
  return undefined
}
