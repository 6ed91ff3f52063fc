import { isOpaque } from '../../data/foreign.ts'
import { ANY_MAP, type GoType, type Note } from './types.ts'

/** The notes on what was in an interface, by the object that it became, so that an object keeps its type under another key too. */
export const NOTES = new WeakMap<object, Note>()

/** Adds a note on a part. */
export function noted(parts: Map<unknown, Note> | undefined, part: unknown, note: Note): Map<unknown, Note> {
  return (parts ?? new Map<unknown, Note>()).set(part, note)
}

/** Sets a property, whatever its name is. */
export function setProperty(target: object, key: string, value: unknown): void {
  // An assignment would set the prototype.
  if (key === '__proto__') Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true })
  else (target as Record<string, unknown>)[key] = value
}

/** Where the note on a key, or on the value under it, is in those on a map: an object is told by its place. */
export const keyPart = (key: unknown, index: number): unknown => `key ${index} ${typeof key}`
export const valuePart = (key: unknown, index: number): unknown => (typeof key === 'object' ? `value ${index}` : key)

/** Whether a built-in type is the one that the stream says. */
export function isAlike(known: GoType, type: GoType): boolean {
  return known.kind === 'slice' ? type.kind === 'slice' && known.elem.kind === type.elem.kind : known.kind === type.kind
}

/** Whether a value without a note would get this type again. */
export function isNatural(name: string, type: GoType, value: unknown): boolean {
  switch (type.kind) {
    case 'bool':
    case 'string':
    case 'bytes':
      return name === type.name
    case 'int':
      return name === 'int' && typeof value === 'number'
    case 'own':
      return isOpaque(value) || name === 'time.Time'
    case 'map':
      return name === ANY_MAP.name
    case 'slice':
      return name === '[]string' && (value as unknown[]).length > 0
  }
  return false
}
