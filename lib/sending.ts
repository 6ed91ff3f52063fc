import type { Failure } from './failure.ts'
import { discard, guardStream, mendResponse } from './reply.ts'
import type { SessionState } from './state.ts'

/** One of two runs at the same time may go on, or they would mix their replies: the error's, which changed status and headers already. */
export function onlyRun<T>(
  state: SessionState,
  payload: unknown,
  sent: (failure: Failure | undefined) => T,
): (failure: Failure | undefined) => T | Promise<never> {
  const { threw } = state
  guardStream(payload)
  return (failure) => {
    if (state.threw === threw) return sent(failure)
    discard(payload)
    return never()
  }
}

/** For a run that must not go on. */
export function never(): Promise<never> {
  return new Promise(() => {})
}

/** The payload, unless it is a Response whose headers would undo what the session said. */
export function mend(payload: unknown, state: SessionState): unknown {
  return typeof payload === 'object' ? mendResponse(payload, state.sentCookie !== undefined) : undefined
}
