import { SchemaError } from './errors.ts'
import type { UnitOfWork } from './unit-of-work.ts'

/** The warning in the log when a reply went past Fastify, which then saves nothing. */
export const UNSAVED =
  'the session was changed and never saved: call await session.commit() before the first byte of a reply that is written past Fastify ' +
  '(by reply.hijack(), reply.sse of @fastify/sse or @Sse() of Nest), and after each later change there or in a WebSocket'

/** Sets a value. A refusal is noted too, because plugins such as @fastify/passport may swallow what is thrown. */
export function write(work: UnitOfWork, key: string, value: unknown, counts?: boolean): void {
  try {
    work.draft.write(key, value, counts)
  } catch (error) {
    work.exchange.refused ??= error as Error
    throw error
  }
}

/** Warns of a refused value when the reply is a success, so that nobody else tells that the value is missing. */
export function warnOfRefused({ exchange: { refused }, log }: UnitOfWork, statusCode: number): void {
  if (refused === undefined || statusCode >= 400) return
  const advice = refused instanceof SchemaError ? ' Its type in the option schema must accept what the plugin or handler puts.' : ''
  log.warn({ err: refused }, `a value was not put into the session, but the reply is a success. ${refused.message}${advice}`)
}

/** Why late edits could not be made. */
export interface Refusal {
  readonly error: unknown
}

/** Makes late edits, and catches what refuses them: the reply that is leaving must be replaced. */
export function refusalOf(lateEdits: () => void): Refusal | undefined {
  try {
    lateEdits()
    return undefined
  } catch (error) {
    return { error }
  }
}
