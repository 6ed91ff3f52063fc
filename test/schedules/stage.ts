import { setImmediate as turn } from 'node:timers/promises'
import type { Noted } from './facts.ts'
import { type Actor, actors, type Fate, type GatedStore, type Verb } from './gated-store.ts'
import type { Job, Jobs } from './scheduler.ts'

/** Something that the schedule may let go on. */
export interface Waiting {
  readonly name: string
  readonly label: string
  go(): void
}

/** How far a job is. */
interface Way {
  /** How many store calls it has made so far. */
  made: number
  /** How many of them wait, how many points between its session calls do, and how many session calls are under way. */
  stored: number
  paused: number
  calling: number
}

/** Longer than anything takes that goes on at all. */
const STUCK_MS = 30_000

/** The jobs of one run, and which of their steps wait. */
export class Stage {
  readonly waiting: Waiting[] = []
  readonly facts: Noted[] = []
  readonly #store: GatedStore
  readonly #jobs: Jobs
  readonly #ways = new Map<string, Way>()
  /** Whether something of a job may go on while something else of it waits. */
  #isThreaded = false
  #wake = () => {}

  constructor(store: GatedStore, jobs: Jobs) {
    this.#store = store
    this.#jobs = jobs
    store.arrive = (name, verb) => this.#arrive(name, verb)
    store.died = ({ name }) => this.#died(name)
  }

  start(name: string, job: Job): void {
    const way: Way = { made: 0, stored: 0, paused: 0, calling: 0 }
    this.#ways.set(name, way)
    const run = actors.run(this.#actor(name, way), () => job.run())
    if (run === undefined) this.#ways.delete(name)
    else void run.finally(() => this.#ways.delete(name) && this.#changed())
  }

  /** Resolves when nothing goes on any more before the schedule lets it. */
  async quiet(): Promise<void> {
    do {
      await this.#allWait()
      if (this.#isThreaded) await turn()
    } while (!this.#isQuiet())
  }

  #allWait(): Promise<void> {
    return new Promise((resolve, reject) => {
      const stuck = setTimeout(() => reject(new Error(`nothing goes on: ${JSON.stringify([...this.#ways])}`)), STUCK_MS)
      this.#wake = () => {
        clearTimeout(stuck)
        resolve()
      }
      this.#changed()
    })
  }

  #changed(): void {
    if (this.#isQuiet()) this.#wake()
  }

  /** Session calls that are under way come to a store call, or to an end. */
  #isQuiet(): boolean {
    for (const { stored, paused, calling } of this.#ways.values()) {
      if (stored === 0 && (paused === 0 || calling > 0)) return false
    }
    return true
  }

  #actor(name: string, way: Way): Actor {
    return {
      name,
      dead: false,
      pause: () => this.#pause(name, way),
      calls: (call) => {
        this.#isThreaded = true
        way.calling++
        void call.finally(() => {
          way.calling--
          this.#changed()
        })
      },
      note: (fact) => void this.facts.push({ actor: name, after: this.#store.steps.length, fact }),
    }
  }

  #pause(name: string, way: Way): Promise<void> {
    this.#isThreaded = true
    way.paused++
    return new Promise((resolve) => {
      const go = () => {
        way.paused--
        resolve()
      }
      this.#wait({ name, label: `${name}:inside`, go })
    })
  }

  #arrive(name: string, verb: Verb): Promise<Fate> {
    const way = this.#ways.get(name) ?? { made: 0, stored: 0, paused: 0, calling: 0 }
    const fate = fateOf(this.#jobs[name], way.made++)
    way.stored++
    return new Promise((resolve) => {
      const go = () => {
        way.stored--
        resolve(fate)
      }
      this.#wait({ name, label: `${name}:${verb}${fate === 'work' ? '' : `(${fate})`}`, go })
    })
  }

  #wait(waiting: Waiting): void {
    this.waiting.push(waiting)
    this.#changed()
  }

  /** Who is dead is waited for no more. */
  #died(name: string): void {
    this.#ways.delete(name)
    this.waiting.splice(0, this.waiting.length, ...this.waiting.filter((each) => each.name !== name))
    this.#changed()
  }
}

function fateOf(job: Job | undefined, call: number): Fate {
  const { fault } = job ?? {}
  if (fault === undefined) return 'work'
  return call === fault.at || (fault.lasts === true && call > fault.at) ? fault.fate : 'work'
}
