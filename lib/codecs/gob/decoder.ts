import { OpaqueValue } from '../../data/foreign.ts'
import { MAX_DEPTH } from '../../data/sealer.ts'
import { PayloadError } from '../../errors.ts'
import { isAlike, isNatural, keyPart, NOTES, noted, setProperty, valuePart } from './notes.ts'
import { GobReader } from './reader.ts'
import { GobStream } from './stream.ts'
import { distinctText } from './text.ts'
import { isDateMoment, isPlainTime, momentOf } from './time.ts'
import { BUILT_IN, type DefinedType, type GoType, type ListType, type MapType, type Note, type OwnType, type StructType } from './types.ts'

/** Decodes the values of one stream, each with a note on what JavaScript has no place for. */
export class GobDecoder {
  readonly #reader: GobReader
  readonly #stream: GobStream
  /** On the value that was decoded last. */
  #note: Note | undefined = undefined

  constructor(data: Uint8Array) {
    this.#reader = new GobReader(data)
    this.#stream = new GobStream(this.#reader)
  }

  /** The first value of the stream, a struct, and the note on it. */
  decodeStruct(): { readonly type: StructType; readonly value: Readonly<Record<string, unknown>>; readonly note: Note | undefined } {
    const type = this.#stream.firstType()
    if (type.kind !== 'struct') throw new PayloadError('it is no struct')
    // A session is a struct with a map, and each value may be as deep as any; a complex number is an array of its own.
    const value = this.#struct(type, MAX_DEPTH + 1)
    return { type, value, note: this.#note }
  }

  #value(type: GoType, depth: number, name: string): unknown {
    const reader = this.#reader
    this.#note = undefined
    switch (type.kind) {
      case 'bool':
        return reader.uint() !== 0
      case 'int':
        return reader.int()
      case 'uint':
        return reader.uint()
      case 'float':
        return reader.float()
      case 'string':
        return this.#string()
      case 'bytes':
        return new Uint8Array(reader.raw())
      case 'complex':
        return [reader.float(), reader.float()]
      case 'interface':
        return this.#held(depth)
      default:
        if (depth === 0) throw new PayloadError('it is nested too deep')
        return this.#object(type, depth, name)
    }
  }

  #object(type: DefinedType, depth: number, name: string): unknown {
    switch (type.kind) {
      case 'own':
        return this.#own(type, this.#reader.raw(), name)
      case 'map':
        return this.#map(type, depth - 1)
      case 'struct':
        return this.#struct(type, depth)
      default:
        return this.#list(type, depth - 1)
    }
  }

  #string(): string {
    const text = this.#reader.text()
    const { lossy } = this.#reader
    if (lossy !== undefined) this.#note = { raw: new Uint8Array(lossy), same: text }
    return text
  }

  #own({ encoding, isTime }: OwnType, raw: Buffer, name: string): unknown {
    const at = isTime ? momentOf(raw) : undefined
    if (at === undefined || !isDateMoment(at)) return new OpaqueValue(name, raw, encoding)
    if (!isPlainTime(raw)) this.#note = { raw: new Uint8Array(raw), same: at }
    return new Date(at)
  }

  #list(type: ListType, depth: number): unknown[] {
    const count = this.#reader.size(1)
    if (type.kind === 'array' && count !== type.length) throw new PayloadError('an array has another length')
    const { elem } = type
    const list: unknown[] = []
    let parts: Map<unknown, Note> | undefined
    for (let i = 0; i < count; i++) {
      list.push(this.#value(elem, depth, elem.name))
      if (this.#note !== undefined) parts = noted(parts, i, this.#note)
    }
    this.#note = parts && { parts, list }
    return list
  }

  #struct({ fields }: StructType, depth: number): Record<string, unknown> {
    const value = {}
    let parts: Map<unknown, Note> | undefined
    let index = -1
    for (let step = this.#reader.small(false); step !== 0; step = this.#reader.small(false)) {
      index += step
      const field = fields[index]
      if (field === undefined) throw new PayloadError('it has a field that its type lacks')
      const part = this.#value(field.type, depth - 1, field.type.name)
      // Go sends no nil here, which is a field at its zero value.
      if (part !== null) setProperty(value, field.name, part)
      if (this.#note !== undefined) parts = noted(parts, field.name, this.#note)
    }
    this.#note = parts && { parts }
    return value
  }

  #map(type: MapType, depth: number): unknown {
    const count = this.#reader.size(2)
    return type.key.kind === 'string' ? this.#record(type, count, depth) : this.#pairs(type, count, depth)
  }

  /** A map of strings becomes an object. */
  #record({ elem }: MapType, count: number, depth: number): object {
    const record = {}
    let parts: Map<unknown, Note> | undefined
    for (let i = 0; i < count; i++) {
      let key = this.#reader.text()
      const { lossy } = this.#reader
      if (lossy !== undefined && Object.hasOwn(record, key)) key = distinctText(lossy)
      setProperty(record, key, this.#value(elem, depth, elem.name))
      const note = lossy === undefined ? this.#note : { ...this.#note, rawKey: new Uint8Array(lossy) }
      if (note !== undefined) parts = noted(parts, key, note)
    }
    this.#note = parts && { parts }
    return record
  }

  /** Any other map stays one. Notes on keys have no place: a key is what it looks like. */
  #pairs({ key, elem }: MapType, count: number, depth: number): Map<unknown, unknown> {
    const map = new Map<unknown, unknown>()
    let parts: Map<unknown, Note> | undefined
    for (let i = 0; i < count; i++) {
      const k = this.#value(key, depth, key.name)
      if (this.#note !== undefined) parts = noted(parts, keyPart(k, i), this.#note)
      map.set(k, this.#value(elem, depth, elem.name))
      if (this.#note !== undefined) parts = noted(parts, valuePart(k, i), this.#note)
    }
    this.#note = parts && { parts }
    return map
  }

  /** What an interface holds: the name of its type, the type, a length that nobody needs, and the value. */
  #held(depth: number): unknown {
    const reader = this.#reader
    const name = reader.text()
    if (name === '') return null
    const type = this.#stream.heldType()
    const known = BUILT_IN.get(name)
    if (type.kind === 'interface' || (known !== undefined && !isAlike(known.type as GoType, type)))
      throw new PayloadError('a type has a wrong name')
    reader.uint()
    if (type.kind !== 'struct' && reader.uint() !== 0) throw new PayloadError('a value begins wrongly')
    const value = this.#value(type, depth, name)
    const inner = this.#note
    if (inner === undefined && isNatural(name, type, value)) return value
    const note = inner === undefined && known !== undefined ? known : { ...inner, name, type: known?.type ?? type }
    if (typeof value === 'object' && value !== null) NOTES.set(value, note)
    this.#note = note
    return value
  }
}
