import type { Answer } from '../types/store.ts'
import { chain } from './answers.ts'
import type { Gate } from './gate.ts'
import type { Settings } from './options.ts'
import type { SessionState } from './state.ts'
import { traceKey } from './token.ts'
import { readTrace } from './trace.ts'

/** A session renewed so often within a minute is not one that anybody waits for. */
const MOST_RENEWALS = 16

/** Ends sessions, wherever renewals have moved them: log-out wins. */
export class Ender {
  readonly #settings: Settings
  readonly #gate: Gate

  constructor(settings: Settings, gate: Gate) {
    this.#settings = settings
    this.#gate = gate
  }

  /** Ends the session of a request in the store. */
  end(state: SessionState, until = this.#until()): Answer<void> {
    this.#settings.recent.forget(state.token)
    const own = state.key === '' ? false : this.endKey(state.key, until)
    const ended = state.strangers.reduce<Answer<unknown>>((before, key) => chain(before, () => this.#endSuccessor(key, until, 0)), own)
    return chain(ended, () => state.ended())
  }

  /** Whether a living session was ended. */
  endKey(key: string, until = this.#until(), renewals = 0): Answer<boolean> {
    return chain(this.#gate.delete(key, undefined, until), (was) => was || this.#endSuccessor(key, until, renewals))
  }

  /** The session that this one became ends as well, and then the trace, from which nothing may start any more. */
  #endSuccessor(key: string, until: number, renewals: number): Answer<boolean> {
    return chain(this.renewedTo(key, until), (newKey) => {
      if (newKey === undefined || renewals === MOST_RENEWALS) return false
      return chain(this.endKey(newKey, until, renewals + 1), (was) => chain(this.#gate.delete(traceKey(key), undefined, until), () => was))
    })
  }

  /** The key that a session moved to in the last minute. */
  renewedTo(key: string, until: number): Answer<string | undefined> {
    return chain(this.#gate.find(traceKey(key), { expiry: false }, until), (trace) =>
      trace === undefined ? undefined : readTrace(this.#settings, trace.data),
    )
  }

  #until(): number {
    return this.#settings.clock() + this.#settings.storeTimeout
  }
}
