import { types } from 'node:util'
import type { OpaqueValue } from '../../data/foreign.ts'
import { ValueError } from '../../errors.ts'
import { entriesOf, fits, placesIn } from './fits.ts'
import { HALF_PAIR, naturalOf } from './natural.ts'
import { elementNotes, keyPart, NOTES, valuePart } from './notes.ts'
import { encodeTime } from './time.ts'
import type { TypeIds } from './type-ids.ts'
import type { BasicType, DefinedType, GoField, GoType, ListType, MapType, Note, StructType } from './types.ts'
import type { GobWriter } from './writer.ts'

type Properties = Readonly<Record<string, unknown>>

/** Encodes the values of one stream. */
export class GobEncoder {
  readonly #writer: GobWriter
  readonly #ids: TypeIds
  /** Of the value that is being written. */
  readonly #path: (string | number)[] = []

  constructor(writer: GobWriter, ids: TypeIds) {
    this.#writer = writer
    this.#ids = ids
  }

  /** Writes a time: with the bytes that it was read from, as long as it is the same. */
  time(at: number, note: Note | undefined): void {
    this.#writer.raw(note?.raw !== undefined && note.same === at ? note.raw : encodeTime(at))
  }

  /** Writes a key and its value. Throws `FST_ERR_SCS_VALUE`, with the path, for one that Go cannot hold. */
  entry(key: string, value: unknown, note: Note | undefined): void {
    this.#path.push(key)
    this.#key(key, note)
    this.#held(value, note)
    this.#path.pop()
  }

  /** Writes what an interface holds: with the type of the note, should the value still fit it, and else with the one that it takes by itself. */
  #held(value: unknown, note: Note | undefined): void {
    const writer = this.#writer
    if (value === null) {
      writer.uint(0)
      return
    }
    const chosen = this.#choose(value, note)
    const type = chosen.type as GoType
    writer.text(chosen.name as string)
    writer.int(this.#ids.of(type))
    const start = writer.begin()
    if (type.kind !== 'struct') writer.uint(0)
    this.#value(value, type, chosen)
    writer.end(start)
  }

  #choose(value: unknown, note: Note | undefined): Note {
    const known = note?.isAsked ? undefined : NOTES.get(value as object)
    if (known?.type !== undefined && fits(value, known.type)) return known
    if (note?.type !== undefined && fits(value, note.type)) return note
    try {
      return naturalOf(value, note)
    } catch (error) {
      throw this.#refuse((error as Error).message)
    }
  }

  #refuse(rule: string): Error {
    const [key, ...steps] = this.#path
    const path = steps.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('')
    return new ValueError(`${key}${path}`, rule)
  }

  #value(value: unknown, type: GoType, note: Note | undefined): void {
    if ('id' in type) this.#basic(value, type, note)
    else this.#defined(value, type, note)
  }

  #basic(value: unknown, { kind }: BasicType, note: Note | undefined): void {
    const writer = this.#writer
    switch (kind) {
      case 'bool':
        writer.uint(value ? 1 : 0)
        break
      case 'int':
        writer.int(value as number | bigint)
        break
      case 'uint':
        writer.uint(value as number | bigint)
        break
      case 'float':
        writer.float(value as number)
        break
      case 'complex':
        for (const part of value as readonly number[]) writer.float(part)
        break
      case 'bytes':
        writer.raw(value as Uint8Array)
        break
      case 'string':
        if (note?.raw !== undefined && note.same === value) writer.raw(note.raw)
        else writer.text(value as string)
        break
      case 'interface':
        this.#held(value, note)
    }
  }

  #defined(value: unknown, type: DefinedType, note: Note | undefined): void {
    switch (type.kind) {
      case 'own':
        if (types.isDate(value)) this.time(value.getTime(), note)
        else this.#writer.raw((value as OpaqueValue).bytes)
        break
      case 'struct':
        this.#struct(value as Properties, type, note)
        break
      case 'map':
        if (type.key.kind === 'string') this.#record(value as Properties, type, note)
        else this.#pairs(value as ReadonlyMap<unknown, unknown>, type, note)
        break
      default:
        this.#list(value as readonly unknown[], type, note)
    }
  }

  #part(step: string | number, value: unknown, type: GoType, note: Note | undefined): void {
    this.#path.push(step)
    this.#value(value, type, note)
    this.#path.pop()
  }

  #list(list: readonly unknown[], { elem }: ListType, note: Note | undefined): void {
    const notes = elementNotes(list, note)
    this.#writer.uint(list.length)
    for (const [i, part] of list.entries()) this.#part(i, part, elem, notes?.get(i))
  }

  /** A field that the value lacks, or has as null, is left out. */
  #struct(value: Properties, type: StructType, note: Note | undefined): void {
    const places = placesIn(type)
    const held = entriesOf(value).filter(([, part]) => part !== null)
    const sorted = held.map(([name]) => places.get(name) as number).sort((a, b) => a - b)
    let last = -1
    for (const i of sorted) {
      const field = type.fields[i] as GoField
      this.#writer.uint(i - last)
      last = i
      this.#part(field.name, value[field.name], field.type, note?.parts?.get(field.name))
    }
    this.#writer.uint(0)
  }

  #record(record: Properties, { elem }: MapType, note: Note | undefined): void {
    const entries = entriesOf(record)
    this.#writer.uint(entries.length)
    for (const [key, part] of entries) {
      const partNote = note?.parts?.get(key)
      this.#path.push(key)
      this.#key(key, partNote)
      this.#value(part, elem, partNote)
      this.#path.pop()
    }
  }

  #pairs(map: ReadonlyMap<unknown, unknown>, { key, elem }: MapType, note: Note | undefined): void {
    this.#writer.uint(map.size)
    for (const [i, [k, v]] of [...map].entries()) {
      this.#part(`key ${i}`, k, key, note?.parts?.get(keyPart(k, i)))
      this.#part(i, v, elem, note?.parts?.get(valuePart(k, i)))
    }
  }

  #key(key: string, note: Note | undefined): void {
    if (note?.rawKey !== undefined) this.#writer.raw(note.rawKey)
    else if (key.isWellFormed()) this.#writer.text(key)
    else throw this.#refuse(`its key: ${HALF_PAIR}`)
  }
}
