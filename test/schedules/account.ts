import type { Operation, Values } from './operations.ts'
import { Story } from './story.ts'

/** A session as it has to be. */
export interface Live {
  readonly values: Values
  readonly expiresAt: number
  /** The key it had at first: renewals keep it. */
  readonly root: string
}

/** What is known of a request before it begins. */
export interface Asked {
  readonly operation: Operation
  /** The key of the token that it came with; '' without one. */
  readonly key: string
  /** The key of a second session's token, for the handler. */
  readonly other?: string
}

/** What is known of a request from its steps alone. */
export interface Account {
  readonly operation: Operation
  /** The session's content when the request loaded it; undefined: it loaded none. */
  loaded?: Values | undefined
  /** The key of the token that it came with; '' without one. */
  readonly key: string
  looked: boolean
  /** What a second session held when the request took it over. */
  other?: Values
  otherKey?: string
  /** Whether the session that it came with was alive at its last step. */
  alive: boolean
  /** Whether a trace of it lived then, and who was renewed before. */
  traced: boolean
  /** Each save that worked, with the key it was saved under. */
  readonly saved: string[]
  /** The key of a new or renewed session of its own. */
  newKey?: string
  died: boolean
  /** Whether one of its calls met a broken connection. */
  failed: boolean
  /** Whether its edits would have changed nothing any more when it looked what became of a call that failed. */
  idle: boolean
  /** When its last call worked, and whether the clock jumped over the time that a request has for its save. */
  seen?: number
  slow: boolean
  /** What the calls of its script come to. */
  readonly story?: Story
}

export function open({ operation, key, other = '' }: Asked): Account {
  const story = operation.isScript ? { story: new Story(key, other) } : {}
  const nothing = { looked: false, alive: false, traced: false, died: false, failed: false, idle: false, slow: false }
  return { operation, key, saved: [], ...nothing, ...story }
}
