import { randomOf } from '../support/random.ts'
import { Browser } from './browser.ts'
import { ask, type Checked, check, keyOf, NAMES, type Request } from './explore.ts'
import { BASE, OPERATIONS, OTHER } from './operations.ts'
import type { Job } from './scheduler.ts'
import { MERGED } from './script.ts'
import type { World } from './world.ts'

const KINDS = Object.keys(OPERATIONS)
const FATES = ['drop', 'lose', 'refuse', 'break'] as const
/** Past a request's budget, a trace's end, an idle timeout's, a deadline's. */
const JUMPS = [30_000, 61_000, 6 * 60_000, 21 * 60_000, 25 * 3_600_000]

export type Roll = (sides: number) => number

/** A die of any number of sides, whose throws a seed decides. */
function dice(seed: number): Roll {
  const random = randomOf(seed)
  return (sides) => Math.floor(random() * sides)
}

/** What a random schedule may do besides choosing who goes on. */
export interface Limits {
  readonly most: number
  /** Whether the clock jumps; a store with a clock of its own would not follow. */
  readonly jumps: boolean
  /** The kind of each request. Default: any that has a name. */
  kind?(roll: Roll): string
}

/**
 * One random schedule: up to so many requests of a browser, some begun only after the replies of others came, each with the cookie that the
 * browser has then; replies come in any order; a second session of the same user; the clock jumps.
 */
export async function runRandom(world: World, seed: number, { most, jumps, kind }: Limits): Promise<Checked> {
  const roll = dice(seed)
  const other = await world.start(kind === undefined ? OTHER : MERGED)
  const token = await world.start(BASE)
  const browser = new Browser(token)
  const requests: Request[] = []
  let delivered = 0
  const jobs: Record<string, Job> = {}
  // Few more often than many: they meet at the same places, and there are fewer orders of them to hit.
  const count = 2 + Math.min(roll(most - 1), roll(most - 1))
  for (let i = 0; i < count; i++) {
    const request: Request = { name: NAMES.charAt(i), kind: (kind ?? anyKind)(roll), token: undefined, other }
    const after = roll(2) === 0 ? 0 : roll(i + 1)
    requests.push(request)
    jobs[request.name] = { run: () => begin(request), ready: () => delivered >= after, ...fault(roll) }
    jobs[`${request.name}'`] = { run: () => deliver(request), ready: () => request.answer !== undefined }
  }
  for (let i = jumps ? roll(4) - 1 : 0; i > 0; i--) jobs[`+${i}`] = { run: jump, ready: () => true }
  const checked = await check(world, [token, other], requests, jobs, roll)
  const lost = leftBehind(checked, browser.token)
  return { ...checked, broken: lost ? [...checked.broken, 'a browser has a dead token or none, and nobody logged out'] : checked.broken }

  function begin(request: Request): Promise<void> {
    request.token = browser.token
    return ask(world, request)
  }

  function deliver({ answer }: Request): undefined {
    delivered++
    browser.take(answer?.cookies ?? [])
  }

  function jump(): undefined {
    world.clock.advance(JUMPS[roll(JUMPS.length)] ?? 0)
  }
}

export function anyKind(roll: Roll): string {
  return KINDS[roll(KINDS.length)] ?? ''
}

/** One call in many goes wrong. */
function fault(roll: Roll): Pick<Job, 'fault'> {
  return roll(8) === 0 ? { fault: { at: roll(5), fate: FATES[roll(FATES.length)] ?? 'drop' } } : {}
}

function leftBehind({ outcome }: Checked, token: string | undefined): boolean {
  const { ledger, rows, ticked } = outcome
  const excused = [...ledger.accounts.values()].some(({ operation, died, failed }) => operation.ends || died || failed)
  if (ticked || excused) return false
  return token === undefined || !rows.has(keyOf(token))
}
