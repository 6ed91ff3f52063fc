import { SupersededError } from './errors.ts'

/** What a session could not be saved for: an error with a status for the reply. */
export type Failure = Error & { readonly code: string; readonly statusCode: number }

/** Methods that change nothing by themselves (RFC 9110, 9.2.1). */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

/** Whether a reply may go out as it stands all the same: what a safe method leaves in a session that ended meanwhile is incidental. */
export function isHarmless(error: unknown, method: string): boolean {
  return error instanceof SupersededError && SAFE.has(method)
}

/** The error as a reply can say it. One that is not ours (a codec's, say) is a 500. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Error && 'statusCode' in error && 'code' in error) return error as Failure
  const cause = error instanceof Error ? error : new Error(String(error))
  return Object.assign(new Error('The session could not be saved.', { cause }), { code: 'FST_ERR_SCS_SAVE', statusCode: 500 })
}
