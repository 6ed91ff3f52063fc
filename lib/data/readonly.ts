import { types } from 'node:util'
import { ReadonlyError } from '../errors.ts'
import { isOpaque } from './foreign.ts'

/** Properties that replace mutators by functions that throw: `Object.freeze` alone stops neither a Date's nor a Map's. */
function guard(kind: string, names: readonly string[]): PropertyDescriptorMap {
  const value = () => {
    throw new ReadonlyError(kind)
  }
  return Object.fromEntries(names.map((name) => [name, { value }]))
}

const DATE_SETTERS = Object.getOwnPropertyNames(Date.prototype).filter((name) => name.startsWith('set'))
export const DATE_GUARD = guard('Date', DATE_SETTERS)
export const MAP_GUARD = guard('Map', ['set', 'delete', 'clear'])
export const SET_GUARD = guard('Set', ['add', 'delete', 'clear'])

/** Whether the prototype chain of a value has `depth` prototypes at most. Tells a plain value from an instance of a class, in any realm. */
export function isDirect(value: object, depth: number): boolean {
  let prototype: unknown = Object.getPrototypeOf(value)
  for (let i = 0; i < depth && prototype !== null; i++) prototype = Object.getPrototypeOf(prototype)
  return prototype === null
}

/** Freezes a value and replaces its mutators. */
export function makeReadonly<T extends object>(value: T, with_: PropertyDescriptorMap): T {
  return Object.isFrozen(value) ? value : Object.freeze(Object.defineProperties(value, with_))
}

/** Whether the mutators of this value can be replaced, or have been already. */
export function canMakeReadonly(value: object, mutator: string): boolean {
  return Object.isExtensible(value) || Object.hasOwn(value, mutator)
}

/** A copy that can be changed in place, of a value that a session handed out. What is opaque stays the same object: nothing can change it. */
export function thawed(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || isOpaque(value)) return value
  if (Array.isArray(value)) return value.map(thawed)
  if (types.isMap(value)) return new Map([...value].map(([k, v]) => [thawed(k), thawed(v)]))
  if (types.isSet(value)) return new Set([...value].map(thawed))
  if (types.isDate(value) || types.isUint8Array(value)) return structuredClone(value)
  const copy = Object.fromEntries(Object.entries(value).map(([key, part]) => [key, thawed(part)]))
  return Object.setPrototypeOf(copy, Object.getPrototypeOf(value))
}

/** The value with new copies of all bytes in it; the rest is shared. */
export function freshBytes(value: unknown): unknown {
  if (types.isUint8Array(value)) return new Uint8Array(value)
  if (typeof value !== 'object' || value === null || types.isDate(value) || isOpaque(value)) return value
  if (Array.isArray(value)) return Object.freeze(value.map(freshBytes))
  if (types.isMap(value)) return makeReadonly(new Map([...value].map(([k, v]) => [freshBytes(k), freshBytes(v)])), MAP_GUARD)
  if (types.isSet(value)) return makeReadonly(new Set([...value].map(freshBytes)), SET_GUARD)
  return Object.freeze(Object.fromEntries(Object.entries(value).map(([k, v]) => [k, freshBytes(v)])))
}

/**
 * Freezes a value that plain JSON decodes to. It takes a tenth of the time of sealing, which checks each property. Returns false when the
 * value holds anything else or is nested deeper than `depth`; parts of it may be frozen then.
 */
export function freezePlain(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return isLeaf(value)
  if (depth === 0) return false
  const prototype = Object.getPrototypeOf(value)
  if (Array.isArray(value)) {
    if (prototype !== Array.prototype) return false
    for (const part of value) if (!freezePlain(part, depth - 1)) return false
  } else {
    if (prototype !== Object.prototype) return false
    for (const key in value) if (!freezePlain((value as Record<string, unknown>)[key], depth - 1)) return false
  }
  Object.freeze(value)
  return true
}

function isLeaf(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'boolean' || value === null || Number.isFinite(value)
}
