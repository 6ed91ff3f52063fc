import type { OpaqueEncoding } from '../../data/foreign.ts'

/** A type of Go, as far as gob knows it: what a name stands for is lost, but for what an interface holds. */
export type GoType = BasicType | DefinedType

/** A type that a stream has to define. */
export type DefinedType = ListType | MapType | StructType | OwnType

/** A type that gob knows by itself. It tells integers and floats by kind alone; the size is known where the name is. */
export interface BasicType {
  readonly kind: 'bool' | 'int' | 'uint' | 'float' | 'bytes' | 'string' | 'complex' | 'interface'
  readonly name: string
  /** By which gob knows it. */
  readonly id: number
  /** What the numbers may be. */
  readonly min: number | bigint
  readonly max: number | bigint
}

export interface ListType {
  readonly kind: 'slice' | 'array'
  readonly name: string
  readonly elem: GoType
  /** Of an array. */
  readonly length: number
}

export interface MapType {
  readonly kind: 'map'
  readonly name: string
  readonly key: GoType
  readonly elem: GoType
}

export interface StructType {
  readonly kind: 'struct'
  readonly name: string
  readonly fields: readonly GoField[]
}

export interface GoField {
  readonly name: string
  readonly type: GoType
}

/** A type that encodes itself. Of these, `time.Time` is understood. */
export interface OwnType {
  readonly kind: 'own'
  readonly name: string
  readonly encoding: OpaqueEncoding
  readonly isTime: boolean
}

/**
 * What is to be remembered of a value that was read, or asked for with `goType`: all that JavaScript has no place for. Most values need none.
 */
export interface Note {
  /** Of what an interface holds: the name under which Go has it registered, and its type. */
  readonly name?: string | undefined
  readonly type?: GoType | undefined
  /** Whether it was asked for, and so goes before what else is known of the value. */
  readonly isAsked?: boolean
  /** Notes on the parts: by index, by the name of a field, by the key of a map. */
  readonly parts?: ReadonlyMap<unknown, Note> | undefined
  /** The list that the parts are of. */
  readonly list?: readonly unknown[] | undefined
  /** The bytes of a time or of a string that is no UTF-8, which are good as long as the value is `same`: milliseconds, or the string. */
  readonly raw?: Uint8Array | undefined
  readonly same?: number | string | undefined
  /** The bytes of the key under which it is, when these are no UTF-8. */
  readonly rawKey?: Uint8Array
}

const basic = (kind: BasicType['kind'], name: string, id: number, min: number | bigint = 0, max: number | bigint = 0): BasicType => ({
  ...{ kind, name, id, min, max },
})

const int = (name: string, bits: bigint): BasicType => basic('int', name, 2, -(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n)
const uint = (name: string, bits: bigint): BasicType => basic('uint', name, 3, 0, 2n ** bits - 1n)

/** The largest float32. */
const MAX_FLOAT32 = 2 ** 128 - 2 ** 104
const MAX_FLOAT64 = Number.MAX_VALUE

export const ANY = basic('interface', 'interface {}', 8)
export const BYTES = basic('bytes', '[]uint8', 5)
export const INT64 = int('int64', 64n)

const BOOL = basic('bool', 'bool', 1)
const INT = int('int', 64n)
const UINT = uint('uint', 64n)
const FLOAT = basic('float', 'float64', 4, -MAX_FLOAT64, MAX_FLOAT64)
const STRING = basic('string', 'string', 6)
const COMPLEX = basic('complex', 'complex128', 7, -MAX_FLOAT64, MAX_FLOAT64)

/** The basic types by the ids that gob gives them. */
export const BY_ID: ReadonlyMap<number, BasicType> = new Map(
  [BOOL, INT, UINT, FLOAT, BYTES, STRING, COMPLEX, ANY].map((type) => [type.id, type]),
)

/** The basic types by name, those of which gob does not tell the size among them. */
export const BY_NAME: ReadonlyMap<string, BasicType> = new Map(
  [
    ...[BOOL, STRING, INT, int('int8', 8n), int('int16', 16n), int('int32', 32n), INT64],
    ...[UINT, uint('uint8', 8n), uint('uint16', 16n), uint('uint32', 32n), uint('uint64', 64n), uint('uintptr', 64n)],
    ...[basic('float', 'float32', 4, -MAX_FLOAT32, MAX_FLOAT32), FLOAT],
    ...[basic('complex', 'complex64', 7, -MAX_FLOAT32, MAX_FLOAT32), COMPLEX],
  ].map((type) => [type.name, type]),
)

export const TIME: OwnType = { kind: 'own', name: 'Time', encoding: 'gob', isTime: true }
export const ANY_LIST: ListType = { kind: 'slice', name: '[]interface {}', elem: ANY, length: 0 }
export const ANY_MAP: MapType = { kind: 'map', name: 'map[string]interface {}', key: STRING, elem: ANY }

/** A slice of a type; one of bytes, by whatever name, is a type of its own. */
export function sliceOf(elem: GoType, name: string): ListType | BasicType {
  return elem.kind === 'uint' && elem.max === 255n ? BYTES : { kind: 'slice', name, elem, length: 0 }
}

/** What Go's gob has registered by itself: the basic types and slices of them. No application needs to register these. */
export const BUILT_IN: ReadonlyMap<string, Note> = new Map(
  [...BY_NAME.values()].flatMap((type) => [type, sliceOf(type, `[]${type.name}`)]).map((type) => [type.name, { name: type.name, type }]),
)
