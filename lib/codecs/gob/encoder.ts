import { types } from 'node:util'
import type { OpaqueValue } from '../../data/foreign.ts'
import { ValueError } from '../../errors.ts'
import { keyPart, NOTES, valuePart } from './decoder.ts'
import { entriesOf, fits } from './fits.ts'
import { naturalOf } from './natural.ts'
import { encodeTime } from './time.ts'
import type { TypeIds } from './type-ids.ts'
import type { GoType, ListType, MapType, Note, StructType } from './types.ts'
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

  /** Writes the deadline with its field's number. */
  time(at: number, note: Note | undefined): void {
    this.#writer.raw(note?.raw !== undefined && note.same === at ? note.raw : encodeTime(at))
  }

  /** Writes a key and its value, of the kind that any interface holds. Throws `FST_ERR_SCS_VALUE` for one that Go cannot hold. */
  entry(key: string, value: unknown, note: Note | undefined): void {
    this.#key(key, note)
    this.#path.push(key)
    this.#held(value, note)
    this.#path.pop()
  }

  /** Writes with the type of the note, should the value still fit it, and else with the one that it takes by itself. */
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
      return naturalOf(value)
    } catch (error) {
      const [key, ...steps] = this.#path
      const path = steps.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('')
      throw new ValueError(`${key}${path}`, (error as Error).message)
    }
  }

  #value(value: unknown, type: GoType, note: Note | undefined): void {
    const writer = this.#writer
    switch (type.kind) {
      case 'bool':
        return writer.uint(value ? 1 : 0)
      case 'int':
        return writer.int(value as number | bigint)
      case 'uint':
        return writer.uint(value as number | bigint)
      case 'float':
        return writer.float(value as number)
      case 'bytes':
        return writer.raw(value as Uint8Array)
      case 'string':
        return note?.raw !== undefined && note.same === value ? writer.raw(note.raw) : writer.text(value as string)
      case 'own':
        return types.isDate(value) ? this.time(value.getTime(), note) : writer.raw((value as OpaqueValue).bytes)
      case 'interface':
        return this.#held(value, note)
      case 'complex':
        return (value as readonly number[]).forEach((part) => writer.float(part))
      case 'struct':
        return this.#struct(value as Properties, type, note)
      case 'map':
        return type.key.kind === 'string'
          ? this.#record(value as Properties, type, note)
          : this.#pairs(value as ReadonlyMap<unknown, unknown>, type, note)
    }
    return this.#list(value as readonly unknown[], type, note)
  }

  #part(step: string | number, value: unknown, type: GoType, note: Note | undefined): void {
    this.#path.push(step)
    this.#value(value, type, note)
    this.#path.pop()
  }

  #list(list: readonly unknown[], { elem }: ListType, note: Note | undefined): void {
    this.#writer.uint(list.length)
    for (const [i, part] of list.entries()) this.#part(i, part, elem, note?.parts?.get(i))
  }

  /** A field that the value lacks, or has as null, is left out. */
  #struct(value: Properties, { fields }: StructType, note: Note | undefined): void {
    let last = -1
    for (const [i, { name, type }] of fields.entries()) {
      const part = Object.hasOwn(value, name) ? value[name] : undefined
      if (part === undefined || part === null) continue
      this.#writer.uint(i - last)
      last = i
      this.#part(name, part, type, note?.parts?.get(name))
    }
    this.#writer.uint(0)
  }

  #record(record: Properties, { elem }: MapType, note: Note | undefined): void {
    const entries = entriesOf(record)
    this.#writer.uint(entries.length)
    for (const [key, part] of entries) {
      const partNote = note?.parts?.get(key)
      this.#key(key, partNote)
      this.#part(key, part, elem, partNote)
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
    if (note?.rawKey === undefined) this.#writer.text(key)
    else this.#writer.raw(note.rawKey)
  }
}
