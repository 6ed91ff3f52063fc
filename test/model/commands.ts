import { fc } from '../support/fc.ts'
import { management } from './management.ts'
import { CLIENTS, type Client, MINUTE, type Model } from './model.ts'
import type { Method, Real } from './real.ts'
import { type Step, untilLast } from './step.ts'
import { steps } from './steps.ts'
import { text } from './values.ts'
import { type Action, meanwhile, type Visit, visiting } from './visit.ts'

type Actions = fc.Arbitrary<Action>

/** An action as fast-check runs it: done to both, and what the two give compared. */
class Command implements fc.AsyncCommand<Model, Real> {
  readonly #action: Action

  constructor(action: Action) {
    this.#action = action
  }

  check(): boolean {
    return true
  }

  async run(model: Model, real: Real): Promise<void> {
    const foreseen = text(this.#action.foresee(model))
    const seen = text(await this.#action.perform(real))
    if (foreseen !== seen) throw new Error(`${this.#action}\n  the model has ${foreseen}\n  the site has  ${seen}`)
  }

  toString(): string {
    return `\n  ${this.#action}`
  }
}

const client: fc.Arbitrary<Client> = fc.constantFrom(...CLIENTS)
const sometimes = (weight: number) => fc.integer({ min: 1, max: weight }).map((n) => n === weight)

/** A step, once it is known whose request it is in. */
type StepOf = (client: Client) => Step

const plainVisit = (step: fc.Arbitrary<StepOf>) =>
  fc.record({
    client,
    method: fc.constantFrom<Method>('GET', 'POST', 'POST'),
    quiet: sometimes(8),
    steps: fc.array(step, { maxLength: 4 }),
    fails: sometimes(10),
  })

const plainStep = (grain: number): fc.Arbitrary<StepOf> => steps(grain).map((step) => () => step)

/** While a request is at work another comes to its end: every second time one with the same cookie, as of a double click. */
function meeting(grain: number): fc.Arbitrary<StepOf> {
  const requests = fc.tuple(plainVisit(plainStep(grain)), fc.boolean()).map(([visit, isSame]) => {
    return (client: Client) => meanwhile(visiting(visitOf({ ...visit, client: isSame ? client : visit.client })))
  })
  const others = fc.oneof(management, passing(grain)).map((action) => () => meanwhile(action))
  return fc.oneof({ weight: 3, arbitrary: requests }, { weight: 1, arbitrary: others })
}

function visitOf({ steps, ...visit }: Omit<Visit, 'steps'> & { readonly steps: readonly StepOf[] }): Visit {
  return { ...visit, steps: untilLast(steps.map((step) => step(visit.client))) }
}

function visits(grain: number): Actions {
  const step = fc.oneof({ weight: 4, arbitrary: plainStep(grain) }, { weight: 1, arbitrary: meeting(grain) })
  return plainVisit(step).map((visit) => visiting(visitOf(visit)))
}

/** Time passes: a little, or up to the end of a client's session, or just not. */
function passing(grain: number): Actions {
  const steps = fc
    .constantFrom(0.5, 1, 1, 2, 3, 4, 10, 19, 20, 91)
    .map((minutes) => Math.max(grain, minutes * MINUTE))
    .map((ms) => () => ms)
  const ends = fc.tuple(client, fc.constantFrom(-grain, 0)).map(
    ([client, off]) =>
      (model: Model) =>
        untilEnd(model, client) + off,
  )
  return fc.oneof({ weight: 2, arbitrary: steps }, { weight: 1, arbitrary: ends }).map((choose) => {
    let ms = 0
    return {
      foresee(model) {
        ms = Math.max(0, choose(model))
        return model.pass(ms)
      },
      perform: async ({ subject }) => await subject.pass(ms),
      toString: () => `expire: ${ms / MINUTE} minutes pass`,
    }
  })
}

function untilEnd({ sessions, jars, now }: Model, client: Client): number {
  return (sessions.get(jars.get(client) ?? '')?.expiresAt ?? now) - now
}

/** Another window of the same browser, or one whose cookie is an old one by now. */
const sharing: Actions = fc.tuple(client, client).map(([from, to]) => {
  const share = <T>(jars: Map<Client, T>) => {
    const token = jars.get(from)
    if (token === undefined) jars.delete(to)
    else jars.set(to, token)
  }
  return {
    foresee: ({ jars }) => share(jars),
    perform: async ({ jars }) => share(jars),
    toString: () => `${to} has the cookie of ${from}`,
  }
})

/** What a server's clock can tell apart, `grain`, is the smallest step of time. */
export function commands(grain: number): fc.Arbitrary<Iterable<fc.AsyncCommand<Model, Real>>> {
  const all: [number, Actions][] = [
    [10, visits(grain)],
    [2, management],
    [3, passing(grain)],
    [2, sharing],
  ]
  // Of commands fast-check draws each kind as often: the more common ones are there several times.
  const kinds = all.flatMap(([weight, actions]) => Array.from({ length: weight }, () => actions.map((action) => new Command(action))))
  return fc.commands(kinds, { maxCommands: 40, size: 'max' })
}
