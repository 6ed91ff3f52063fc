import { SupersededError } from './errors.ts'
import { type Failure, failureOf, isHarmless } from './failure.ts'
import { withdrawCookie } from './headers.ts'
import type { SessionState } from './state.ts'

/** What an error means for the reply. A safe method's edits are incidental: when the session ended meanwhile they are dropped, and the reply stands. */
export function verdict(state: SessionState, error: unknown, method: string): Failure | undefined {
  // A cookie that an earlier commit() put on the reply is that of a session which ended.
  if (error instanceof SupersededError && state.reply !== undefined && state.sentCookie !== undefined)
    withdrawCookie(state.reply, state.sentCookie)
  if (!isHarmless(error, method)) return failureOf(error)
  state.log.warn({ method }, 'the session was ended or renewed by another request; the changes of this one were dropped')
  return undefined
}
