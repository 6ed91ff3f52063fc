import { types } from 'node:util'
import { isOpaque, type OpaqueEncoding } from '../../data/foreign.ts'
import { fits } from './fits.ts'
import { elementNotes } from './notes.ts'
import { ANY_LIST, ANY_MAP, BUILT_IN, type GoType, INT64, type Note, type OwnType, TIME } from './types.ts'

/** What Go itself has no type for, and what to put instead. */
export class Unsayable extends Error {}

export const HALF_PAIR = 'it has half a surrogate pair, which is no UTF-8'

const known = (name: string): Note => BUILT_IN.get(name) as Note
const [STRING, BOOL, INT, FLOAT, BYTES] = ['string', 'bool', 'int', 'float64', '[]uint8'].map(known) as [Note, Note, Note, Note, Note]
const [LONG, UNSIGNED_LONG] = [known('int64'), known('uint64')]
const ANYTHING: Note = { name: ANY_LIST.name, type: ANY_LIST }
const OBJECT: Note = { name: ANY_MAP.name, type: ANY_MAP }
const DATE: Note = { name: 'time.Time', type: TIME }

/** The slices that Go has registered by itself, which are tried in this order. Of an empty list no other is known to be understood. */
const LISTS = ['[]string', '[]bool', '[]int', '[]int64', '[]float64'].map(known)

/** Of integers, which have no -0. */
const INTS = ['[]int', '[]int64']

const own = (encoding: OpaqueEncoding): OwnType => ({ kind: 'own', name: 'Opaque', encoding, isTime: false })
const OPAQUE = { gob: own('gob'), binary: own('binary'), text: own('text') }

/**
 * The Go type that a value takes by itself. Throws {@link Unsayable}.
 *
 * @param note what is known of its parts
 */
export function naturalOf(value: unknown, note?: Note): Note {
  switch (typeof value) {
    case 'string':
      if (value.isWellFormed()) return STRING
      throw new Unsayable(HALF_PAIR)
    case 'boolean':
      return BOOL
    case 'number':
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? INT : FLOAT
    case 'bigint':
      return integer(value)
  }
  const natural = naturalOfObject(value as object, note)
  return note?.parts === undefined ? natural : { ...note, ...natural }
}

function integer(value: bigint): Note {
  if (value >= INT64.min && value <= INT64.max) return LONG
  if (value > 0n && BigInt.asUintN(64, value) === value) return UNSIGNED_LONG
  throw new Unsayable('it has more than 64 bits: put its digits as a string')
}

function naturalOfObject(value: object, note: Note | undefined): Note {
  if (types.isUint8Array(value)) return BYTES
  if (Array.isArray(value)) return list(value, note)
  if (types.isDate(value)) return DATE
  if (isOpaque(value)) return { name: value.type, type: OPAQUE[value.encoding] }
  if (types.isSet(value)) throw new Unsayable('it is a Set, which Go has no type for: put an array')
  if (types.isMap(value)) throw new Unsayable("it is a Map: put an object, or say its type, for example goType('map[int]string', map)")
  return OBJECT
}

/** Of parts with types of their own a slice of anything is made. */
function list(value: readonly unknown[], note: Note | undefined): Note {
  if ([...(elementNotes(value, note)?.values() ?? [])].some((part) => part?.name !== undefined)) return ANYTHING
  const unfit = value.some((part) => Object.is(part, -0)) ? INTS : value.some((part) => typeof part === 'bigint') ? ['[]int'] : []
  return LISTS.find(({ name, type }) => !unfit.includes(name as string) && fits(value, type as GoType)) ?? ANYTHING
}
