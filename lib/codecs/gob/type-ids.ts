import { ANY_MAP, type DefinedType, type GoType, TIME } from './types.ts'
import type { GobWriter } from './writer.ts'

/** The ids of the session itself, a struct of a time and a map. */
const SESSION = { id: 65, time: 66, map: 67 }

/** The number of the field of gob's wireType that describes a type. */
const FORMS = { array: 1, slice: 2, struct: 3, map: 4, gob: 5, binary: 6, text: 7 }

/** The ids of the types of one stream, and their definitions, which all go before the value. */
export class TypeIds {
  #ids: Map<GoType, number> | undefined = undefined
  readonly #new: DefinedType[] = []
  #next = SESSION.map + 1

  /** The id of a type, which is defined with the others. */
  of(type: GoType): number {
    if ('id' in type) return type.id
    if (type === TIME) return SESSION.time
    if (type === ANY_MAP) return SESSION.map
    this.#ids ??= new Map()
    const known = this.#ids.get(type)
    if (known !== undefined) return known
    const id = this.#next++
    this.#ids.set(type, id)
    this.#new.push(type)
    return id
  }

  /** Writes the definitions of the types that were asked for, and of those that they name, which may be themselves. */
  define(writer: GobWriter): void {
    for (let i = 0; i < this.#new.length; i++) {
      const type = this.#new[i] as DefinedType
      const start = writer.begin()
      writer.int(-this.of(type))
      this.#form(writer, type)
      writer.end(start)
    }
  }

  #form(writer: GobWriter, type: DefinedType): void {
    writer.uint(type.kind === 'own' ? FORMS[type.encoding] : FORMS[type.kind])
    writer.uint(1)
    this.#nameAndId(writer, type.name, this.of(type))
    switch (type.kind) {
      case 'array':
      case 'slice':
        this.#numbers(writer, this.of(type.elem), type.length)
        break
      case 'map':
        this.#numbers(writer, this.of(type.key), this.of(type.elem))
        break
      case 'struct':
        if (type.fields.length === 0) break
        writer.uint(1)
        writer.uint(type.fields.length)
        for (const field of type.fields) this.#nameAndId(writer, field.name, this.of(field.type))
    }
    writer.uint(0)
    writer.uint(0)
  }

  /** Two fields that follow each other; one that is zero is left out. */
  #numbers(writer: GobWriter, ...numbers: readonly number[]): void {
    for (const number of numbers.filter((each) => each !== 0)) {
      writer.uint(1)
      writer.int(number)
    }
  }

  #nameAndId(writer: GobWriter, name: string, id: number): void {
    if (name !== '') {
      writer.uint(1)
      writer.text(name)
    }
    writer.uint(name === '' ? 2 : 1)
    writer.int(id)
    writer.uint(0)
  }
}
