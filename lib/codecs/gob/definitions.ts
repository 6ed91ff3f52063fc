import { PayloadError } from '../../errors.ts'
import type { GobReader } from './reader.ts'
import { BY_ID, type DefinedType, type GoField, type GoType, TIME } from './types.ts'

/** The lowest id of a type that a stream defines. */
const FIRST_ID = 64

/** The forms of a definition, in the order of the fields of gob's wireType, of which one alone is set. */
const FORMS = ['array', 'slice', 'struct', 'map', 'gob', 'binary', 'text'] as const

/** A definition as it is read. What is zero is missing. */
interface Definition {
  form: (typeof FORMS)[number] | undefined
  name: string
  /** Of the elements or, of a map, of the keys and the elements; or the length of an array, as the second. */
  numbers: [number, number]
  fields: { name: string; id: number }[]
}

/** The types that a stream defines. One may name another that is defined after it, or itself. */
export class Definitions {
  /** Made with the first definition: most sessions have none of their own. */
  #types: Map<number, GoType> | undefined = undefined
  readonly #base: Definitions | undefined
  /** The ids that new definitions name. */
  readonly #named: number[] = []

  /** @param base further types, which are shared */
  constructor(base?: Definitions) {
    this.#base = base
  }

  /** Reads the definition of the type with an id. */
  read(id: number, reader: GobReader): void {
    if (id < FIRST_ID || this.#find(id) !== undefined) throw new PayloadError('it defines a type twice')
    this.#types ??= new Map()
    this.#types.set(id, this.#lazy(readDefinition(reader)))
  }

  /** The type of a value, which must be defined by now, with all that it names. */
  typeOf(id: number): GoType {
    for (const named of this.#named) this.#get(named)
    this.#named.length = 0
    return this.#get(id)
  }

  #get(id: number): GoType {
    const type = this.#find(id)
    if (type === undefined) throw new PayloadError('it does not define a type')
    return type
  }

  #find(id: number): GoType | undefined {
    const type = BY_ID.get(id) ?? this.#types?.get(id)
    return type === undefined && this.#base !== undefined ? this.#base.#find(id) : type
  }

  /** What a type names is looked up when it is needed: it may be defined later, or be the type itself. */
  #lazy({ form, name, numbers: [first, second], fields }: Definition): DefinedType {
    const get = (id: number): GoType => this.#get(id)
    switch (form) {
      case 'array':
      case 'slice':
        this.#named.push(first)
        return {
          ...{ kind: form, name, length: second },
          get elem() {
            return get(first)
          },
        }
      case 'map':
        this.#named.push(first, second)
        return {
          ...{ kind: form, name },
          get key() {
            return get(first)
          },
          get elem() {
            return get(second)
          },
        }
      case 'struct':
        // There may be more fields than a call takes arguments.
        for (const { id } of fields) this.#named.push(id)
        return { kind: form, name, fields: fields.map((field) => lazyField(field.name, () => get(field.id))) }
      case undefined:
        throw new PayloadError('it defines a type as nothing')
    }
    return form === 'gob' && name === TIME.name ? TIME : { kind: 'own', name, encoding: form, isTime: false }
  }
}

function lazyField(name: string, get: () => GoType): GoField {
  return {
    name,
    get type() {
      return get()
    },
  }
}

/** Reads a struct: what it has of its fields, each with its distance to the one before. */
function readFields(reader: GobReader, read: (field: number) => void): void {
  let field = -1
  for (let step = reader.small(false); step !== 0; step = reader.small(false)) {
    field += step
    read(field)
  }
}

/** Reads a wireType of gob: a struct with a field for each form, which is a struct as well. */
function readDefinition(reader: GobReader): Definition {
  const definition: Definition = { form: undefined, name: '', numbers: [0, 0], fields: [] }
  readFields(reader, (form) => {
    if (definition.form !== undefined) throw new PayloadError('it defines a type as two things')
    definition.form = FORMS[form]
    readFields(reader, (part) => readPart(reader, definition, part))
  })
  return definition
}

/** The first part of each form is the name of the type, with an id that nobody needs. */
function readPart(reader: GobReader, definition: Definition, part: number): void {
  if (part === 0) definition.name = readNamed(reader).name
  else if (part > 2) throw new PayloadError('it defines a type with too many parts')
  else if (definition.form !== 'struct') definition.numbers[part - 1] = reader.small(true)
  else for (let count = reader.size(1); count > 0; count--) definition.fields.push(readNamed(reader))
}

function readNamed(reader: GobReader): { name: string; id: number } {
  const named = { name: '', id: 0 }
  readFields(reader, (field) => {
    if (field === 0) named.name = reader.text()
    else named.id = reader.small(true)
  })
  return named
}
