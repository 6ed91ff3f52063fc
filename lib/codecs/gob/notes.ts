import { isOpaque } from '../../data/foreign.ts'
import { sameValue } from '../../data/same-value.ts'
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
export const keyPart = (key: unknown, index: number): string => `key ${typeof key} ${typeof key === 'object' ? index : String(key)}`
export const valuePart = (key: unknown, index: number): unknown => (typeof key === 'object' ? `value ${index}` : key)

type Notes = (Note | undefined)[]

/**
 * The notes on the elements of a list as it is now. In one that is as long as it was, and where no more elements were moved than replaced, they are
 * told by their places. In any other, one that was read has its own wherever it is; equal ones are told apart by their order while they are as many
 * as they were. What is new there replaces what was at its place, unless the list is shorter or that is elsewhere; an object else takes the type
 * that all had. Objects that were copied are told by the order of a list to which elements were only added, or from which they were only taken.
 */
export function elementNotes(list: readonly unknown[], note: Note | undefined): ReadonlyMap<unknown, Note | undefined> | undefined {
  const { parts, list: old } = note ?? {}
  if (parts === undefined || old === undefined || old === list) return old && parts
  const kept = keptNotes(list, old, parts)
  const moved = list.reduce((sum: number, value, i) => sum + (kept.has(value) ? Number(!Object.is(value, old[i])) : -1), 0)
  if (list.length === old.length && moved <= 0) return parts
  const isCopied = list.some((value) => typeof value === 'object' && !kept.has(value))
  const [shorter, longer] = list.length < old.length ? [list, old] : [old, list]
  const places = isCopied ? placesIn(longer, shorter) : undefined
  const told = places && new Map(places.map((place, i) => (shorter === list ? [i, parts.get(place)] : [place, parts.get(i)])))
  const [first] = parts.values()
  const shared = parts.size === old.length && areAlike([...parts.values()]) ? { name: first?.name, type: first?.type } : undefined
  const noteOf = (value: unknown, i: number) => {
    if (told?.has(i)) return told.get(i)
    if (told === undefined && kept.has(value)) return kept.get(value)?.pop()
    const replaced = told !== undefined || list.length < old.length || kept.has(old[i]) ? undefined : parts.get(i)
    return replaced ?? (typeof value === 'object' ? shared : undefined)
  }
  return new Map(list.map((value, i) => [i, noteOf(value, i)]))
}

/** Where the elements of a list are in a longer one, in the same order. Undefined when one is not. */
function placesIn(longer: readonly unknown[], shorter: readonly unknown[]): number[] | undefined {
  let place = -1
  const places = shorter.map((value) => {
    do place++
    while (place < longer.length && !sameValue(longer[place], value))
    return place
  })
  return place < longer.length ? places : undefined
}

/** The notes on the elements that were read and are still there, the last first. */
function keptNotes(list: readonly unknown[], old: readonly unknown[], parts: ReadonlyMap<unknown, Note>): Map<unknown, Notes> {
  const [before, kept] = [notesByValue(old, parts), new Map<unknown, Notes>()]
  for (const [value, { length }] of notesByValue(list, parts)) {
    const notes = before.get(value) ?? []
    if (notes.length === length || (notes.length > length && areAlike(notes))) kept.set(value, notes.reverse())
  }
  return kept
}

function notesByValue(list: readonly unknown[], parts: ReadonlyMap<unknown, Note>): Map<unknown, Notes> {
  const notes = new Map<unknown, Notes>()
  for (const [i, value] of list.entries()) {
    const equal = notes.get(value) ?? []
    equal.push(parts.get(i))
    notes.set(value, equal)
  }
  return notes
}

const areAlike = (notes: Notes): boolean => new Set(notes.map((note) => `${note?.name} ${note?.raw}`)).size === 1

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
