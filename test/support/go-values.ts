import { OpaqueValue } from '../../lib/codecs/gob.ts'

/** A value with its Go type, as test/go/gob/describe.go says it: null for nil. */
export type Typed = null | {
  readonly go: string
  readonly value?: unknown
  /** What a pointer points to. */
  readonly to?: Typed
}

type Moment = { readonly unix: string; readonly nano: number }

/** Whether a decoded value is what Go has. */
export function isWhatGoHas(value: unknown, typed: Typed): boolean {
  if (typed === null) return value === null || value === undefined
  if (typed.to !== undefined) return isWhatGoHas(value, typed.to)
  // A field at its zero value is in no payload.
  if (value === undefined) return isZero(typed)
  return isSame(value, typed.value)
}

function isSame(value: unknown, has: unknown): boolean {
  if (value instanceof OpaqueValue) return value.base64 === has
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64') === (has ?? '')
  if (value instanceof Date) return value.getTime() === momentOf(has as Moment)
  if (value instanceof Map) return isSameMap(value, (has ?? []) as readonly [Typed, Typed][])
  if (Array.isArray(value)) return isSameList(value, (has ?? []) as readonly unknown[])
  if (typeof value === 'object') return isSameObject(value as Record<string, unknown>, has)
  return typeof value === 'number' && typeof has === 'number' ? Object.is(value, has) : text(value) === text(has)
}

/** Integers are strings there, and so is what JSON lacks. */
function text(value: unknown): string {
  if (Object.is(value, -0)) return '-0'
  return value === Number.POSITIVE_INFINITY ? '+Inf' : value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value)
}

const momentOf = ({ unix, nano }: Moment): number => Number(unix) * 1000 + Math.floor(nano / 1e6)

function isSameList(list: readonly unknown[], has: readonly unknown[]): boolean {
  const isComplex = has.length === 2 && has.every((part) => typeof part !== 'object')
  return list.length === has.length && list.every((part, i) => (isComplex ? isSame(part, has[i]) : isWhatGoHas(part, has[i] as Typed)))
}

function isSameMap(map: ReadonlyMap<unknown, unknown>, has: readonly [Typed, Typed][]): boolean {
  const entries = [...map]
  return map.size === has.length && has.every(([key, value]) => entries.some(([k, v]) => isWhatGoHas(k, key) && isWhatGoHas(v, value)))
}

function isSameObject(object: Readonly<Record<string, unknown>>, has: unknown): boolean {
  const fields = Array.isArray(has)
    ? (has as [{ value: string }, Typed][]).map(([key, value]): [string, Typed] => [key.value, value])
    : Object.entries(has ?? {})
  const names = new Set(fields.map(([name]) => name))
  return (
    Object.keys(object).every((name) => names.has(name)) && fields.every(([name, value]) => isWhatGoHas(propertyOf(object, name), value))
  )
}

const propertyOf = (object: object, name: string): unknown => Object.getOwnPropertyDescriptor(object, name)?.value

/** Go's zero value of any type; of an array or a struct, which are always sent, this is not asked. */
function isZero(typed: Typed): boolean {
  if (typed === null || (typed.to ?? null) !== null) return typed === null || isZero(typed.to as Typed)
  const { value } = typed
  if (Array.isArray(value)) return value.every((part) => part === 0 || part === '-0')
  if (typeof value === 'object' && value !== null) return (value as Partial<Moment>).unix === '-62135596800'
  return [null, false, '', '0', 0, '-0'].includes(value as null)
}
