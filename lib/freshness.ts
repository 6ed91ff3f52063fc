import type { Duration } from '../types/options.ts'
import { authenticatedAt } from './data/login.ts'
import type { DataSettings, Values } from './data/record.ts'
import { ArgumentError, NotFreshError } from './errors.ts'
import { MAX_DURATION, parseDuration } from './options/durations.ts'

/** A unit of work, as far as logins are concerned. @internal */
interface Visited {
  readonly settings: DataSettings & { readonly clock: () => number }
  readonly values: Values
  readonly unsavedDraft: { readonly authenticatedAt: number | undefined } | undefined
}

/** When the owner of a session last logged in; undefined when nobody did. @internal */
export function loggedInAt({ settings, values, unsavedDraft }: Visited): number | undefined {
  return unsavedDraft === undefined ? authenticatedAt(settings, values, values, undefined) : unsavedDraft.authenticatedAt
}

function durationIn(within: Duration, call: string): number {
  const duration = parseDuration(within)
  if (duration !== undefined) return duration
  throw new ArgumentError(call, `needs milliseconds or a string such as '10m', at least 1 ms and at most ${MAX_DURATION} ms`)
}

/**
 * Whether the last login is no longer ago than that. One in the future, by another machine's clock, counts as far ahead as it would behind.
 * @internal
 */
export function isFresh(work: Visited, within: Duration): boolean {
  const duration = durationIn(within, 'isFresh(within)')
  const at = loggedInAt(work)
  return at !== undefined && Math.abs(work.settings.clock() - at) <= duration
}

/** What {@link requireFresh} asks of a session. */
export interface FreshSession {
  /** Whether the last login is no longer ago than `within`. */
  isFresh(within: Duration): boolean
}

/** A hook such as `preHandler`, which goes on or ends with an error. */
export type FreshHook<R> = (request: R, reply: unknown, done: (error?: Error) => void) => void

/**
 * A `preHandler` that lets a request go on only when its session's last login is no longer ago than `within`. Otherwise it ends with
 * `FST_ERR_SCS_NOT_FRESH`, status 401, which an error handler can turn into a page that asks for the password (OWASP ASVS 5.0, 7.5.1). Give the
 * option `owner` as well: a login is then its owner's.
 */
export function requireFresh(within: Duration): FreshHook<{ readonly session: FreshSession }>
/** The same for the session that `of` returns, for example that of a `defineSession`: `requireFresh('10m', admin.of)`. */
export function requireFresh<R>(within: Duration, of: (request: R) => FreshSession): FreshHook<R>
export function requireFresh(
  within: Duration,
  of: (request: never) => FreshSession = ({ session }: { readonly session: FreshSession }) => session,
): FreshHook<never> {
  durationIn(within, 'requireFresh(within)')
  if (typeof of !== 'function') throw new ArgumentError('requireFresh(within, of)', 'needs a function (request) => session')
  return (request, _reply, done) => {
    let error: Error | undefined
    try {
      if (!of(request).isFresh(within)) error = new NotFreshError()
    } catch (refusal) {
      // Whatever was thrown, nobody goes on.
      error = refusal instanceof Error ? refusal : new NotFreshError()
    }
    done(error)
  }
}
