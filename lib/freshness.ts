import type { Duration } from '../types/options.ts'
import { AUTHENTICATED_AT, momentAt } from './data/history.ts'
import { type DataSettings, ownerOf, type Values } from './data/record.ts'
import { ArgumentError, NotFreshError } from './errors.ts'
import { MAX_DURATION, parseDuration } from './options/durations.ts'

/** When the owner of a session with these values last logged in; undefined when nobody did. Without an owner the login is over. */
export function authenticatedAt({ settings, values }: { readonly settings: DataSettings; readonly values: Values }): number | undefined {
  const isOver = settings.owner !== undefined && ownerOf(settings, values) === undefined
  return isOver ? undefined : momentAt(values, AUTHENTICATED_AT)
}

function durationIn(within: Duration, call: string): number {
  const duration = parseDuration(within)
  if (duration !== undefined) return duration
  throw new ArgumentError(call, `needs milliseconds or a string such as '10m', at least 1 ms and at most ${MAX_DURATION} ms`)
}

/** Whether the last login is no longer ago than that. One in the future, by another machine's clock, counts as far ahead as it would behind. */
export function isFresh(
  work: { readonly settings: DataSettings & { readonly clock: () => number }; readonly values: Values },
  within: Duration,
): boolean {
  const duration = durationIn(within, 'isFresh(within)')
  const at = authenticatedAt(work)
  return at !== undefined && Math.abs(work.settings.clock() - at) <= duration
}

/** What is needed of a session to ask for a login. */
interface Asked {
  isFresh(within: Duration): boolean
}

/** A hook such as `preHandler`, which goes on or ends with an error. */
export type FreshHook<R> = (request: R, reply: unknown, done: (error?: Error) => void) => void

/**
 * A `preHandler` that lets a request go on only when its session's last login is no longer ago than `within`. Otherwise it ends with
 * `FST_ERR_SCS_NOT_FRESH`, status 401, which an error handler can turn into a page that asks for the password (OWASP ASVS 5.0, 7.5.1).
 *
 * @param of the session of a request; default: `request.session`. For another one: `requireFresh('10m', admin.of)`
 */
export function requireFresh(within: Duration): FreshHook<{ readonly session: Asked }>
export function requireFresh<R>(within: Duration, of: (request: R) => Asked): FreshHook<R>
export function requireFresh(
  within: Duration,
  of: (request: never) => Asked = ({ session }: { readonly session: Asked }) => session,
): FreshHook<never> {
  durationIn(within, 'requireFresh(within)')
  return (request, _reply, done) => {
    let error: Error | undefined
    try {
      if (!of(request).isFresh(within)) error = new NotFreshError()
    } catch (refusal) {
      error = refusal as Error
    }
    done(error)
  }
}
