import type { Failure } from '../types/errors.ts'
import type { SessionLogger } from '../types/options.ts'
import { SaveError, SupersededError } from './errors.ts'

/** Methods that change nothing by themselves (RFC 9110, 9.2.1). */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

/** Whether a reply may go out as it stands all the same: what a safe method leaves in a session that ended meanwhile is incidental. */
export function isHarmless(error: unknown, method: string): boolean {
  return error instanceof SupersededError && SAFE.has(method)
}

/** What is needed of the request whose session could not be saved. */
interface Failing {
  readonly log: SessionLogger
  readonly exchange: { withdrawCookie(): void }
}

/** What an error means for the reply; undefined when that stands all the same. */
export function replyFailure(work: Failing, error: unknown, method: string): Failure | undefined {
  // A cookie that an earlier commit() put on the reply is that of a session which ended.
  if (error instanceof SupersededError) work.exchange.withdrawCookie()
  if (!isHarmless(error, method)) return toFailure(error)
  work.log.warn({ method }, 'the session was ended or renewed by another request; the changes of this one were dropped')
  return undefined
}

/** The error as a reply can say it. One that was not made to be said (a codec's, say) is the cause of one that is. */
export function toFailure(error: unknown): Failure {
  if (isFailure(error)) return error
  return new SaveError({ cause: error instanceof Error ? error : new Error(String(error)) }) as Failure
}

function isFailure(error: unknown): error is Failure {
  if (!(error instanceof Error) || !('code' in error) || !('statusCode' in error)) return false
  const { code, statusCode } = error
  return typeof code === 'string' && typeof statusCode === 'number' && statusCode >= 400 && statusCode <= 599
}
