import { setImmediate as turn } from 'node:timers/promises'
import { fc } from '../support/fc.ts'
import { visible } from './content.ts'
import { Refused } from './model.ts'
import type { ModelRequest } from './request.ts'
import type { Step } from './step.ts'
import { text } from './values.ts'

/** A step, and how many turns the handler waits before it: the calls that are under way come further meanwhile. */
interface Timed {
  readonly step: Step
  readonly turns: number
}

const timed = (steps: fc.Arbitrary<Step>) => fc.record({ step: steps, turns: fc.nat(4) })

/**
 * Calls that are not awaited at once, and what is done while they are under way. All of it takes effect in the order of the calls, so the model
 * does one after the other.
 *
 * @param calls those that wait for the store
 * @param show what takes the place of a look at what only shows when a call is done
 */
export function underWay(calls: fc.Arbitrary<Step>, changes: fc.Arbitrary<Step>, show: fc.Arbitrary<Step>): fc.Arbitrary<Step> {
  const shown = fc.tuple(changes, show).map(([change, show]) => (change.isOfToken ? show : change))
  const meanwhile = fc.oneof({ weight: 4, arbitrary: shown }, { weight: 1, arbitrary: calls })
  return fc
    .record({ first: calls, others: fc.array(timed(meanwhile), { minLength: 1, maxLength: 4 }), isAwaited: fc.boolean() })
    .map(({ first, others, isAwaited }) => stepOf([{ step: first, turns: 0 }, ...others], isAwaited))
}

function stepOf(parts: readonly Timed[], isAwaited: boolean): Step {
  // What the session shows before a call is done may be what it was before another request changed it.
  let skipped: ReadonlySet<Timed> = new Set()
  const said = parts.map(({ step, turns }) => `${'… '.repeat(turns)}${step.call === undefined ? '' : 'start '}${step.says}`)
  return {
    says: `${isAwaited ? 'await' : 'without await'} { ${said.join('; ')} }`,
    isLast: !isAwaited,
    model(request) {
      const blind = new Set<Timed>()
      // At once: what the model refuses ends it before it returns, and the site must skip the same.
      skipped = blind
      const { given, refusal } = foresee(request, parts, blind)
      if (isAwaited && refusal !== undefined) throw refusal
      return given
    },
    real: (session, real) => perform(parts, skipped, isAwaited, (step) => step.real(session, real)),
  }
}

/** What comes of it, and the steps that look at what cannot be told. */
function foresee(request: ModelRequest, parts: readonly Timed[], blind: Set<Timed>) {
  request.model.meet('something was done while a call was under way')
  const given: unknown[] = []
  let refusal: Refused | undefined
  let isBlind = false
  for (const part of parts) {
    const { step } = part
    if (step.call !== undefined) {
      const before = shown(request)
      const refused = start(request, step)
      refusal ??= refused
      isBlind = step.call === 'destroy' ? false : isBlind || step.call === 'merge' || shown(request) !== before
    } else if (isBlind && step.looks) blind.add(part)
    else given.push(step.model(request))
  }
  return { given, refusal }
}

const shown = ({ view, deadline }: ModelRequest) => text([visible(view), deadline])

function start(request: ModelRequest, step: Step): Refused | undefined {
  try {
    step.model(request)
    return undefined
  } catch (error) {
    if (error instanceof Refused) return error
    throw error
  }
}

async function perform(
  parts: readonly Timed[],
  skipped: ReadonlySet<Timed>,
  isAwaited: boolean,
  run: (step: Step) => unknown,
): Promise<unknown[]> {
  const given: unknown[] = []
  const calls: Promise<unknown>[] = []
  for (const part of parts) {
    const { step, turns } = part
    for (let i = 0; i < turns; i++) await turn()
    if (step.call !== undefined) calls.push(watched(run(step)))
    else if (!skipped.has(part)) given.push(await run(step))
  }
  if (isAwaited) await Promise.all(calls)
  return given
}

/** A promise that nobody may await. */
function watched(call: unknown): Promise<unknown> {
  const promise = Promise.resolve(call)
  promise.catch(() => {})
  return promise
}
