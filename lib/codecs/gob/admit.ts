import { types } from 'node:util'
import type { AdmittedValue } from '../../../types/codec.ts'
import { isOpaque, isTypedValue, type TypedValue } from '../../data/foreign.ts'
import { sameValue } from '../../data/same-value.ts'
import { ValueError } from '../../errors.ts'
import { GobEncoder } from './encoder.ts'
import { fits } from './fits.ts'
import { naturalOf } from './natural.ts'
import { elementNotes, keyPart, valuePart } from './notes.ts'
import { TypeIds } from './type-ids.ts'
import { BUILT_IN, type GoType, type Note } from './types.ts'
import { GobWriter } from './writer.ts'

/** A value as it will be read again, and the types that were asked for in it. */
interface Taken {
  readonly value: unknown
  readonly note: Note | undefined
}

/**
 * Takes apart the value and its types: a bigint that is a safe integer becomes a number, as it will be read, and what was given with a type
 * loses its wrapper. Throws `FST_ERR_SCS_VALUE` for what Go cannot hold, or not with the type that was asked for.
 *
 * @param known what is known of the value that the key has now
 */
export function admitValue(key: string, given: unknown, known: Note | undefined): AdmittedValue {
  const { value, note } = take(given, [key])
  const type = note === undefined ? renewed(known, value) : simplest(note, known, value)
  // The encoder knows best what it refuses, and where.
  new GobEncoder(new GobWriter(64), new TypeIds()).entry(key, value, type)
  return { value, type }
}

/** What is known of a list, of which the next change may move the elements of this one. To put an equal one is no change. */
function renewed(known: Note | undefined, value: unknown): Note | undefined {
  if (!Array.isArray(value) || known?.list === undefined || sameValue(value, known.list)) return known
  // A list that is known has notes.
  const notes = [...(elementNotes(value, known) as ReadonlyMap<unknown, Note | undefined>)]
  return { ...known, parts: new Map(notes.filter((each): each is [unknown, Note] => each[1] !== undefined)), list: value }
}

/** What says the same as a note: to put an equal value again is no change then. */
function simplest(note: Note, known: Note | undefined, value: unknown): Note | undefined {
  if (note.parts !== undefined || known?.parts !== undefined) return note
  if (note.name === known?.name) return known
  return types.isMap(value) || note.name !== naturalOf(value).name ? note : undefined
}

type Path = readonly (string | number)[]

function take(value: unknown, path: Path): Taken {
  if (isTypedValue(value)) return takeTyped(value, path)
  if (typeof value === 'bigint' && Number.isSafeInteger(Number(value))) return { value: Number(value), note: BUILT_IN.get('int64') }
  if (typeof value !== 'object' || value === null) return { value, note: undefined }
  if (Array.isArray(value)) return takeList(value, path)
  if (types.isMap(value)) return takeMap(value, path)
  const isLeaf = types.isDate(value) || types.isUint8Array(value) || types.isSet(value) || isOpaque(value)
  return isLeaf ? { value, note: undefined } : takeObject(value, path)
}

function takeTyped({ value: given, type }: TypedValue, path: Path): Taken {
  const { value, note } = take(given, path)
  const asked = type as Note
  if (fits(value, asked.type as GoType)) return { value, note: { ...note, ...asked } }
  const [key, ...steps] = path
  const where = steps.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('')
  throw new ValueError(`${key}${where}`, `it is no ${asked.name}`)
}

function takeList(list: readonly unknown[], path: Path): Taken {
  const taken = list.map((part, i) => take(part, [...path, i]))
  if (list.length > 0 && list.every((part) => typeof part === 'bigint'))
    return { value: taken.map(({ value }) => value), note: longs(list) }
  const parts = notesOf(taken.map(({ note }, i) => [i, note]))
  if (parts === undefined) return { value: list, note: undefined }
  const value = taken.map((part) => part.value)
  return { value, note: { parts, list: value } }
}

/** The type of a list of bigints, so that it does not depend on how large they are. */
function longs(list: readonly unknown[]): Note | undefined {
  const note = BUILT_IN.get('[]int64')
  return fits(list, note?.type as GoType) ? note : undefined
}

function takeObject(object: object, path: Path): Taken {
  const taken = Object.entries(object).map(([key, part]): [string, Taken] => [key, take(part, [...path, key])])
  const parts = notesOf(taken.map(([key, { note }]) => [key, note]))
  if (parts === undefined) return { value: object, note: undefined }
  return { value: Object.fromEntries(taken.map(([key, { value }]) => [key, value])), note: { parts } }
}

function takeMap(map: ReadonlyMap<unknown, unknown>, path: Path): Taken {
  const keys = [...map.keys()].map((key, i) => take(key, [...path, `key ${i}`]))
  const values = [...map.values()].map((value, i) => take(value, [...path, i]))
  const parts = notesOf(
    keys.flatMap(({ value, note }, i): [unknown, Note | undefined][] => [
      [keyPart(value, i), note],
      [valuePart(value, i), values[i]?.note],
    ]),
  )
  if (parts === undefined) return { value: map, note: undefined }
  return { value: new Map(keys.map(({ value }, i) => [value, values[i]?.value])), note: { parts } }
}

/** The notes on parts that have one; undefined when none has, and so no part was changed. */
function notesOf(entries: readonly (readonly [unknown, Note | undefined])[]): ReadonlyMap<unknown, Note> | undefined {
  const noted = entries.filter((entry): entry is readonly [unknown, Note] => entry[1] !== undefined)
  return noted.length === 0 ? undefined : new Map(noted)
}
