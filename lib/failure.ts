import type { Failure } from '../types/errors.ts'
import type { SessionLogger } from '../types/options.ts'
import { LimitError, SaveError, SupersededError } from './errors.ts'

/** Methods that change nothing by themselves (RFC 9110, 9.2.1). */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

/**
 * Whether a reply may go out in spite of an error: a safe method has no changes that matter to a session that ended meanwhile, and did not ask for an
 * adopted session, which may be one too many.
 */
export function isHarmless(error: unknown, method: string, isAdopted = false): boolean {
  return SAFE.has(method) && (error instanceof SupersededError || (isAdopted && error instanceof LimitError))
}

/** The part of a unit of work that is needed here. */
interface Failing {
  readonly log: SessionLogger
  readonly exchange: { withdrawCookie(): void }
  readonly oldSession: { readonly bringsOwner: boolean } | undefined
  /** The changes that were not saved. */
  readonly unsavedDraft: { readonly isPristine: boolean } | undefined
}

/** The failure for which the reply is to be replaced; undefined when it may go out as it is. */
export function replyFailure(work: Failing, error: unknown, method: string): Failure | undefined {
  // An earlier commit() may have put a cookie on the reply, and its session has ended.
  if (error instanceof SupersededError) work.exchange.withdrawCookie()
  // To note that the cookie was sent is no change of the application's.
  if (error instanceof SupersededError && work.unsavedDraft?.isPristine === true) return undefined
  if (!isHarmless(error, method, work.oldSession?.bringsOwner)) return toFailure(error)
  if (error instanceof LimitError) work.log.warn({ method }, 'an adopted session was not saved: its owner has as many as the limit allows')
  else work.log.warn({ method }, 'the session was ended or renewed by another request; the changes of this one were dropped')
  return undefined
}

/** An error with a code and a status. One without them, for example a codec's, becomes the cause of an `FST_ERR_SCS_SAVE`. */
export function toFailure(error: unknown): Failure {
  if (isFailure(error)) return error
  return new SaveError({ cause: error instanceof Error ? error : new Error(String(error)) }) as Failure
}

function isFailure(error: unknown): error is Failure {
  if (!(error instanceof Error) || !('code' in error) || !('statusCode' in error)) return false
  const { code, statusCode } = error
  return typeof code === 'string' && typeof statusCode === 'number' && statusCode >= 400 && statusCode <= 599
}
