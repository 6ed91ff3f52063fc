import { types } from 'node:util'
import { isOpaque } from './foreign.ts'
import { isRich } from './tags.ts'

type Properties = Readonly<Record<string, unknown>>

/**
 * Whether two sealed values would be the same when read from a payload. The order of an object's keys makes no difference, nor does a
 * property that is undefined, which no payload has; the order of a Map or a Set does, and so does the sign of zero.
 */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return false
  if (Array.isArray(a)) return Array.isArray(b) && sameList(a, b)
  if (types.isDate(a)) return types.isDate(b) && a.getTime() === b.getTime()
  if (types.isUint8Array(a)) return types.isUint8Array(b) && Buffer.compare(a, b) === 0
  if (types.isMap(a)) return types.isMap(b) && sameList([...a].flat(), [...b].flat())
  if (types.isSet(a)) return types.isSet(b) && sameList([...a], [...b])
  if (isOpaque(a)) return isOpaque(b) && sameProperties({ ...a }, { ...b })
  return !Array.isArray(b) && !isRich(b) && sameProperties(a as Properties, b as Properties)
}

function sameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((part, i) => sameValue(part, b[i]))
}

function sameProperties(a: Properties, b: Properties): boolean {
  const keys = keysOf(a)
  return keys.length === keysOf(b).length && keys.every((key) => Object.hasOwn(b, key) && sameValue(a[key], b[key]))
}

function keysOf(value: Properties): string[] {
  return Object.keys(value).filter((key) => value[key] !== undefined)
}
