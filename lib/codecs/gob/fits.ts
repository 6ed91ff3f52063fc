import { types } from 'node:util'
import { isOpaque } from '../../data/foreign.ts'
import { isRich } from '../../data/tags.ts'
import type { BasicType, GoType, MapType, StructType } from './types.ts'

/** Whether a value can be written as a type. Of what an interface in it is to hold, nothing is asked. */
export function fits(value: unknown, type: GoType): boolean {
  switch (type.kind) {
    case 'interface':
      return true
    case 'bool':
      return typeof value === 'boolean'
    case 'int':
    case 'uint':
      return isInteger(value) && value >= type.min && value <= type.max
    case 'float':
      return isFloat(value, type)
    case 'complex':
      return Array.isArray(value) && value.length === 2 && isFloat(value[0], type) && isFloat(value[1], type)
    case 'string':
      return typeof value === 'string' && value.isWellFormed()
    case 'bytes':
      return types.isUint8Array(value)
    case 'own':
      return isOpaque(value) ? value.encoding === type.encoding : type.isTime && types.isDate(value)
    case 'map':
      return fitsMap(value, type)
    case 'struct':
      return isRecord(value) && fitsFields(value, type)
  }
  return Array.isArray(value) && (type.kind === 'slice' || value.length === type.length) && value.every((part) => fits(part, type.elem))
}

function isInteger(value: unknown): value is number | bigint {
  return typeof value === 'bigint' || Number.isSafeInteger(value)
}

function isFloat(value: unknown, { min, max }: BasicType): boolean {
  return typeof value === 'number' && (!Number.isFinite(value) || (value >= min && value <= max))
}

/** A map of strings is an object, any other a Map. */
function fitsMap(value: unknown, { key, elem }: MapType): boolean {
  if (key.kind !== 'string') return types.isMap(value) && [...value].every(([k, v]) => fits(k, key) && fits(v, elem))
  return isRecord(value) && entriesOf(value).every(([, v]) => fits(v, elem))
}

/** A field that the value lacks, or has as null, is not written: it is zero, or a pointer to nothing. */
function fitsFields(value: Readonly<Record<string, unknown>>, type: StructType): boolean {
  const places = placesIn(type)
  return entriesOf(value).every(([name, part]) => {
    const field = type.fields[places.get(name) ?? -1]
    return part === null || (field !== undefined && fits(part, field.type))
  })
}

const PLACES = new WeakMap<StructType, ReadonlyMap<string, number>>()

/** The places of the fields of a struct, by name. A value may have a few of many fields. */
export function placesIn(type: StructType): ReadonlyMap<string, number> {
  let places = PLACES.get(type)
  if (places === undefined) {
    places = new Map(type.fields.map(({ name }, i) => [name, i]))
    PLACES.set(type, places)
  }
  return places
}

/** Whether a value is a plain object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isRich(value)
}

/** The properties that have a value. */
export function entriesOf(value: Readonly<Record<string, unknown>>): [key: string, value: unknown][] {
  return Object.entries(value).filter(([, part]) => part !== undefined)
}
