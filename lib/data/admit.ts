import { inspect, types } from 'node:util'
import { ArgumentError, KeyError, ValueError } from '../errors.ts'
import { type DataSettings, isReserved, MAX_DEADLINE, ownerText, type Values } from './record.ts'
import { seal } from './values.ts'

/** Seals a value, or throws why the session cannot hold it. Undefined, which removes, is always accepted. */
export function admit(settings: DataSettings, key: string, value: unknown): unknown {
  if (value === undefined) return undefined
  if (!isReserved(key)) check(settings, key, value)
  return seal(value, key, settings.maxBytes).value
}

function check({ owner, schema }: DataSettings, key: string, value: unknown): void {
  // A session without a readable owner would be missed when all sessions of that owner are ended.
  if (key === owner && ownerText(value) === undefined) throw new ValueError(key, 'it names the owner: a string, a number or a bigint')
  schema?.check(key, value)
}

/** The keys that an application sees, sorted. */
export function visibleKeys(values: Values): string[] {
  return Object.keys(values)
    .filter((key) => !isReserved(key))
    .sort()
}

function shown(key: unknown): string {
  if (key === undefined) return '(none)'
  return Object(key) === key ? `(${typeof key})` : inspect(key)
}

/** Throws `FST_ERR_SCS_KEY` for what an application cannot have as a key. */
export function mustBeKey(key: unknown): void {
  // An object may hold a secret, so the message does not show it.
  if (typeof key !== 'string') throw new KeyError(shown(key), 'is not a string')
  if (isReserved(key)) throw new KeyError(JSON.stringify(key), 'is reserved, as is every key with two leading underscores')
}

/** What the function of an `update` returned. Throws for a promise, which comes too late: the value must be there when the session is saved. */
export function mustBeAnswer(answer: unknown): unknown {
  if (!types.isPromise(answer)) return answer
  void Promise.allSettled([answer])
  throw new ArgumentError('update(key, fn)', 'needs a function that returns the value, not a promise: await first, and update then')
}

/** The moment of a date that is to be a deadline. Throws `FST_ERR_SCS_ARGUMENT` for what is none. */
export function deadlineAt(date: unknown): number {
  const at = types.isDate(date) ? date.getTime() : Number.NaN
  if (at <= MAX_DEADLINE) return at
  throw new ArgumentError('setDeadline(date)', 'needs a valid Date, up to the year 9999')
}
