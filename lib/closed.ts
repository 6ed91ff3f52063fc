import { ReadonlyError } from './errors.ts'

/** What takes the place of a mutator: `Object.freeze` alone stops neither a Date nor a Map. */
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

/** Closes the mutators of something, which nothing then changes in place. */
export function close<T extends object>(value: T, with_: PropertyDescriptorMap): T {
  return Object.isFrozen(value) ? value : Object.freeze(Object.defineProperties(value, with_))
}

/** Whether the mutators can be closed on the thing itself, or are closed already. */
export function canClose(value: object, mutator: string): boolean {
  return Object.isExtensible(value) || Object.hasOwn(value, mutator)
}
