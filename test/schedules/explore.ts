import { setImmediate as turn } from 'node:timers/promises'
import { hashToken } from '../../lib/token.ts'
import type { Noted } from './facts.ts'
import type { Step } from './gated-store.ts'
import { type Answered, brokenLaws, type Outcome } from './laws.ts'
import { Ledger } from './ledger.ts'
import { OTHER } from './operations.ts'
import { type Fault, type Job, type Jobs, nextPrefix, play, type Run } from './scheduler.ts'
import { MERGED, merges, operationOf } from './script.ts'
import type { Sent, World } from './world.ts'

type Choose = (options: number, point: number) => number

/** What a run left behind, and the laws that it broke. */
export interface Checked extends Run {
  readonly outcome: Outcome
  /** The token that the requests came with. */
  readonly token: string
  /** What the requests were, for who reads of it. */
  readonly kinds: string
  readonly broken: readonly string[]
}

/** A set of requests that begin at once, each with the token of one session; something may go wrong with the first. */
export interface Scene {
  readonly kinds: readonly string[]
  readonly fault?: Fault
}

export const NAMES = 'ABCDEFGH'

/** A request of a schedule, and its reply once it came. */
export interface Request extends Sent {
  answer?: Answered
}

/** Sends a request, with what it carries at that moment. */
export async function ask(world: World, request: Request): Promise<void> {
  request.answer = await world.send(request)
}

/** Runs some jobs in the order that `choose` says, and holds what came of it against the laws. */
export async function check(
  world: World,
  tokens: readonly string[],
  requests: readonly Request[],
  jobs: Jobs,
  choose: Choose,
): Promise<Checked> {
  const start = new Map(await Promise.all(tokens.map((token) => world.live(token))))
  const began = world.clock()
  world.store.steps = []
  const run = await play(world.store, jobs, choose)
  const asked = requests.map(({ name, kind, token = '', other = '' }) => {
    const [key = '', otherKey = ''] = [token, other].map((each) => (each === '' ? '' : keyOf(each)))
    return [name, { operation: operationOf(kind), key, other: otherKey }] as const
  })
  const ledger = new Ledger(start, new Map(asked))
  followAll(ledger, world.store.steps, run.facts)
  const traces = [...ledger.traces.keys()]
  ledger.expire(world.clock())
  const rows = await world.sweep(traces)
  // A store in memory lets nothing else have its turn, and what a finished request held is let go of then.
  await turn()
  // A process that died answers nobody, though here, on a slow machine, its time may run out and so give an answer.
  const heard = requests.filter(({ name }) => ledger.accounts.get(name)?.died === false)
  const answers = new Map(heard.flatMap(({ name, answer }) => (answer === undefined ? [] : [[name, answer] as const])))
  const outcome = { ledger, known: new Set(start.keys()), answers, rows, ticked: world.clock() !== began }
  return { ...run, outcome, token: tokens[0] ?? '', kinds: requests.map(({ kind }) => kind).join(', '), broken: brokenLaws(outcome) }
}

function followAll(ledger: Ledger, steps: readonly Step[], facts: readonly Noted[]): void {
  const rest = [...facts]
  const notes = (after: number) => {
    while (rest[0] !== undefined && rest[0].after <= after) ledger.note(rest.shift() as Noted)
  }
  for (const [i, step] of steps.entries()) {
    notes(i)
    ledger.follow(step)
  }
  notes(steps.length)
}

/** One run of some requests on one session. */
export async function runOne(world: World, { kinds, fault }: Scene, choose: Choose): Promise<Checked> {
  const other = kinds.some(merges) ? await world.start(kinds.includes('merge') ? OTHER : MERGED) : undefined
  const token = await world.start()
  const requests: Request[] = kinds.map((kind, i) => ({ name: NAMES.charAt(i), kind, token, ...(other === undefined ? {} : { other }) }))
  const job = (request: Request, i: number): [string, Job] => {
    const run = () => ask(world, request)
    return [request.name, { run, ...(i === 0 && fault !== undefined ? { fault } : {}) }]
  }
  const jobs = Object.fromEntries(requests.map(job))
  return await check(world, other === undefined ? [token] : [token, other], requests, jobs, choose)
}

/** What a set of runs came to. */
export interface Findings {
  runs: number
  readonly broken: string[]
}

/** Every order of the store calls of some requests. `look` sees each run. */
export async function everyOrder(world: World, scene: Scene, findings: Findings, look: (run: Checked) => readonly string[] = () => []) {
  for (let prefix: number[] | undefined = []; prefix !== undefined; findings.runs++) {
    const taken: readonly number[] = prefix
    const run = await runOne(world, scene, (_options, point) => taken[point] ?? 0)
    const broken = [...run.broken, ...look(run)]
    if (broken.length > 0) findings.broken.push(`${scene.kinds.join(', ')} [${run.trail}]: ${broken.join('; ')}`)
    prefix = nextPrefix(run)
  }
}

/** Every set of so many of these kinds, in which one may come more than once. */
export function setsOf(kinds: readonly string[], size: number): string[][] {
  if (size === 0) return [[]]
  return kinds.flatMap((kind, i) => setsOf(kinds.slice(i), size - 1).map((others) => [kind, ...others]))
}

/** The key of a token, for who looks at outcomes. */
export const keyOf = hashToken
