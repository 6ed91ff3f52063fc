import { types } from 'node:util'
import { PayloadError, ValueError } from '../errors.ts'
import { isOpaque, OPAQUE } from './foreign.ts'
import { MAX_BIGINT_BITS, MAX_DEPTH } from './sealer.ts'

/**
 * The tagged form of what JSON lacks: an object with the key `$` that names the kind, and `v` for the value. An object of the application
 * that has a key `$` is wrapped as well, so that nothing it holds can be mistaken for a tag. The outermost object is never a tag.
 */
const TAG = '$'

/** Whether a value is an object with keys, as opposed to an array or null. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether plain JSON would lose something of a value. */
export function needsTags(value: unknown): boolean {
  if (typeof value === 'number') return value === 0 && Object.is(value, -0)
  if (typeof value !== 'object' || value === null) return typeof value === 'bigint'
  if (Array.isArray(value)) return value.some(needsTags)
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== null && prototype !== Object.prototype && isRich(value)) return true
  for (const key in value) {
    const part = (value as Record<string, unknown>)[key]
    // Most are strings, and a call for each would cost more than the look.
    if (typeof part !== 'string' && needsTags(part)) return true
  }
  return false
}

/** Whether a value is of a kind that JSON lacks: no array and no object with keys. */
export function isRich(value: object): boolean {
  return types.isDate(value) || types.isUint8Array(value) || types.isMap(value) || types.isSet(value) || isOpaque(value)
}

/** A value in the tagged form. Throws `FST_ERR_SCS_VALUE` for one that only another codec keeps. */
export function tag(value: unknown, outermost = false): unknown {
  if (typeof value === 'bigint') return { [TAG]: 'bigint', v: String(value) }
  if (Object.is(value, -0)) return { [TAG]: '-0' }
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((part) => tag(part))
  if (types.isDate(value)) return { [TAG]: 'date', v: value.getTime() }
  if (types.isUint8Array(value)) return { [TAG]: 'bytes', v: Buffer.from(value).toString('base64') }
  if (types.isMap(value)) return { [TAG]: 'map', v: [...value].map((pair) => pair.map((part) => tag(part))) }
  if (types.isSet(value)) return { [TAG]: 'set', v: [...value].map((part) => tag(part)) }
  if (isOpaque(value)) throw new ValueError(value.type, OPAQUE)
  const entries = Object.entries(value)
    .filter(([, part]) => part !== undefined)
    .map(([key, part]): [string, unknown] => [key, tag(part)])
  return !outermost && Object.hasOwn(value, TAG) ? { [TAG]: 'object', v: entries } : Object.fromEntries(entries)
}

/**
 * Whether a parsed value without tags could have been put into a session. JSON can have infinite numbers and any depth, and such a value
 * would fail later, when it is read or saved.
 */
export function isPlain(value: unknown, depth = MAX_DEPTH): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || value === null) return true
  if (depth === 0) return false
  const less = depth - 1
  if (Array.isArray(value)) return value.every((part) => isPlain(part, less))
  for (const key in value) {
    const part = (value as Record<string, unknown>)[key]
    if (typeof part !== 'string' && !isPlain(part, less)) return false
  }
  return true
}

/** The values of a session, whose parts are in the tagged form. Throws for what {@link tag} does not write. */
export function untagAll(values: Readonly<Record<string, unknown>>, depth = MAX_DEPTH): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([key, part]) => [key, untag(part, depth)]))
}

/** The value of a tagged form, nested at most `depth` deep. Throws for what {@link tag} does not write. */
export function untag(value: unknown, depth = MAX_DEPTH): unknown {
  if (typeof value === 'number') return finite(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return untagList(value, depth)
  if (!Object.hasOwn(value, TAG)) return untagAll(value as Record<string, unknown>, below(depth))
  const { [TAG]: kind, v } = value as Record<string, unknown>
  const read = READERS[String(kind)]
  if (read === undefined || !Object.hasOwn(READERS, String(kind))) throw new PayloadError('it has an unknown tag')
  return read(v, depth)
}

const READERS: Readonly<Record<string, (value: unknown, depth: number) => unknown>> = {
  '-0': () => -0,
  bigint: (value) => boundedBigInt(match(value, /^-?\d{1,2467}$/)),
  date: (value, depth) => {
    below(depth)
    return validDate(value)
  },
  bytes: (value) => new Uint8Array(Buffer.from(match(value, /^[A-Za-z0-9+/]*={0,2}$/), 'base64')),
  map: (value, depth) => new Map(pairs(value).map((pair) => untagList(pair, depth) as [unknown, unknown])),
  set: (value, depth) => new Set(untagList(list(value), depth)),
  object: (value, depth) => Object.fromEntries(pairs(value).map(([key, part]) => [match(key, /^/), untag(part, below(depth))])),
}

function untagList(list: readonly unknown[], depth: number): unknown[] {
  const less = below(depth)
  return list.map((part) => untag(part, less))
}

/** The depth that is left for the parts of a value. */
function below(depth: number): number {
  if (depth > 0) return depth - 1
  throw new PayloadError('it is nested too deep')
}

function finite(value: number): number {
  if (Number.isFinite(value)) return value
  throw new PayloadError('it has an infinite number')
}

function boundedBigInt(digits: string): bigint {
  const value = BigInt(digits)
  if (BigInt.asIntN(MAX_BIGINT_BITS, value) === value) return value
  throw new PayloadError('a tag has a wrong value')
}

function match(value: unknown, shape: RegExp): string {
  if (typeof value === 'string' && shape.test(value)) return value
  throw new PayloadError('a tag has a wrong value')
}

function validDate(value: unknown): Date {
  const date = new Date(typeof value === 'number' ? value : Number.NaN)
  if (Number.isNaN(date.getTime())) throw new PayloadError('a tag has a wrong value')
  return date
}

function list(value: unknown): unknown[] {
  if (Array.isArray(value)) return value
  throw new PayloadError('a tag has a wrong value')
}

function pairs(value: unknown): [unknown, unknown][] {
  return list(value).map((pair) => {
    if (Array.isArray(pair) && pair.length === 2) return [pair[0], pair[1]]
    throw new PayloadError('a tag has a wrong value')
  })
}
