import type { ManagerOptions, RememberOptions, SessionLogger } from '../../types/options.ts'
import { OptionError } from '../errors.ts'
import { check, readOptions } from './checks.ts'
import { parseDuration } from './durations.ts'
import { REMEMBER_RULES } from './rules.ts'

/** The durations among the options, in milliseconds. */
export interface Times {
  readonly lifetime: number
  /** Undefined: no idle timeout. */
  readonly idleTimeout: number | undefined
  /** What holds instead for a session that is remembered. Undefined: the same. */
  readonly remember: { readonly lifetime: number; readonly idleTimeout: number | undefined } | undefined
  /** The longer of the idle timeouts. Undefined: there is none. */
  readonly longestIdle: number | undefined
  readonly touchInterval: number
  readonly storeTimeout: number
}

/** NIST SP 800-63B-4 and OWASP give no figure for this. One write a minute is a small load. */
const MAX_TOUCH_DEFAULT = 60_000

/** Fills in the defaults, and checks the durations against each other. Throws `FST_ERR_SCS_OPTION`. */
export function settleTimes(options: ManagerOptions): Times {
  const lifetime = parseDuration(options.lifetime) ?? 86_400_000
  const idleTimeout = parseDuration(options.idleTimeout)
  const remember = options.remember === undefined ? undefined : rememberTimes(options.remember, lifetime, idleTimeout)
  const idle = [idleTimeout, remember?.idleTimeout].filter((timeout) => timeout !== undefined)
  const longestIdle = idle.length === 0 ? undefined : Math.max(...idle)
  const shorter = Math.min(...idle)
  const touchInterval = parseDuration(options.touchInterval) ?? (longestIdle ? Math.min(MAX_TOUCH_DEFAULT, Math.floor(shorter / 10)) : 0)
  if (options.touchInterval !== undefined && longestIdle === undefined) throw new OptionError('touchInterval', 'needs an idleTimeout')
  if (touchInterval >= shorter)
    throw new OptionError('touchInterval', `must be less than ${shorter === idleTimeout ? '' : 'remember.'}idleTimeout`)
  return { lifetime, idleTimeout, remember, longestIdle, touchInterval, storeTimeout: parseDuration(options.storeTimeout) ?? 5000 }
}

function rememberTimes(given: RememberOptions, lifetime: number, idleTimeout: number | undefined): Times['remember'] {
  const options = readOptions(given, 'remember.')
  check(options, REMEMBER_RULES, 'remember.')
  return { lifetime: parseDuration(options.lifetime) ?? lifetime, idleTimeout: parseDuration(options.idleTimeout) ?? idleTimeout }
}

/** Other libraries count in seconds. A number of whole minutes in seconds, which is no number of seconds in milliseconds, looks like one of those. */
export function tellOfSeconds({ lifetime, idleTimeout }: ManagerOptions, log: SessionLogger): void {
  for (const [name, value] of Object.entries({ lifetime, idleTimeout }))
    if (typeof value === 'number' && value % 60 === 0 && value % 1000 !== 0)
      log.warn({}, `the option ${name} is ${value} milliseconds: if these are seconds, write '${value}s'`)
}
