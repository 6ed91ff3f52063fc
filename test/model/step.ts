import type { ScsSession } from '../../index.ts'
import type { fc } from '../support/fc.ts'
import type { Real } from './real.ts'
import type { ModelRequest } from './request.ts'
import { text } from './values.ts'

/** One thing that a handler does to its session, on the site and in the model. What it gives must be the same. */
export interface Step {
  readonly says: string
  real(session: ScsSession, real: Real): unknown
  model(request: ModelRequest): unknown
  /** Whether what it gives or does hangs on what the session shows before. */
  readonly looks?: boolean
  /** Whether it tells of the token and the status, which hang on whether a call is done. */
  readonly isOfToken?: boolean
  /** Which call it is that waits for the store. */
  readonly call?: 'commit' | 'destroy' | 'merge'
  /** Whether nothing more may come in its handler: calls may be under way. */
  readonly isLast?: boolean
}

/** As many steps as a handler does. */
export function untilLast(steps: readonly Step[]): readonly Step[] {
  const last = steps.findIndex(({ isLast }) => isLast)
  return last === -1 ? steps : steps.slice(0, last + 1)
}

export type Steps = fc.Arbitrary<Step>

export const named = (name: string, ...args: readonly unknown[]) => `${name}(${args.map(text).join(', ')})`
