import type { OpaqueEncoding } from '../../data/foreign.ts'
import { PayloadError } from '../../errors.ts'
import { BY_ID, type GoField, type GoType, type ListType, type StructType, TIME } from './types.ts'

/** The lowest id of a type that a stream defines. */
const FIRST_ID = 64

const basic = (id: number): GoType => BY_ID.get(id) as GoType
const field = (name: string, type: GoType): GoField => ({ name, type })
const struct = (...fields: GoField[]): StructType => ({ kind: 'struct', name: '', fields })
const list = (elem: GoType): ListType => ({ kind: 'slice', name: '', elem, length: 0 })

const [INT, STRING] = [basic(2), basic(6)]
const COMMON = field('CommonType', struct(field('Name', STRING), field('Id', INT)))
const OWN = struct(COMMON)

/** How gob writes the definition of a type: its own wireType. */
export const WIRE_TYPE = struct(
  field('ArrayT', struct(COMMON, field('Elem', INT), field('Len', INT))),
  field('SliceT', struct(COMMON, field('Elem', INT))),
  field('StructT', struct(COMMON, field('Field', list(struct(field('Name', STRING), field('Id', INT)))))),
  field('MapT', struct(COMMON, field('Key', INT), field('Elem', INT))),
  field('GobEncoderT', OWN),
  field('BinaryMarshalerT', OWN),
  field('TextMarshalerT', OWN),
)

/** What is decoded of a definition; each part is missing where it is zero. */
interface Definition {
  readonly CommonType?: { readonly Name?: string }
  readonly Elem?: number
  readonly Key?: number
  readonly Len?: number
  readonly Field?: readonly { readonly Name?: string; readonly Id?: number }[]
}

/** The types that a stream defines. One may name another that is defined after it, or itself. */
export class Definitions {
  readonly #types = new Map<number, GoType>()
  readonly #base: Definitions | undefined
  /** The ids that the definitions name. */
  readonly #named: (number | undefined)[] = []

  /** @param base further types, which are shared */
  constructor(base?: Definitions) {
    this.#base = base
  }

  /** Whether no definition names a type that is not defined yet. */
  get isComplete(): boolean {
    return this.#named.every((id) => this.#find(id) !== undefined)
  }

  /** Adds what was decoded as a {@link WIRE_TYPE}. */
  add(id: number, decoded: Readonly<Record<string, Definition>>): void {
    const [entry, ...more] = Object.entries(decoded)
    if (entry === undefined || more.length > 0 || id < FIRST_ID || this.#find(id) !== undefined)
      throw new PayloadError('it defines a type wrongly')
    this.#types.set(id, this.#typeFrom(...entry))
  }

  /** The type with an id. */
  typeOf(id: number | undefined): GoType {
    const type = this.#find(id)
    if (type === undefined) throw new PayloadError('it does not define a type')
    return type
  }

  #find(id: number | undefined): GoType | undefined {
    const type = BY_ID.get(id as number) ?? this.#types.get(id as number)
    return type === undefined && this.#base !== undefined ? this.#base.#find(id) : type
  }

  #typeFrom(kind: string, { CommonType, Elem, Key, Len = 0, Field = [] }: Definition): GoType {
    const typeOf = (id: number | undefined): GoType => this.typeOf(id)
    this.#named.push(...[Elem, Key].filter((id) => id !== undefined), ...Field.map(({ Id }) => Id))
    const name = CommonType?.Name ?? ''
    switch (kind) {
      case 'ArrayT':
      case 'SliceT':
        return {
          ...{ kind: kind === 'ArrayT' ? 'array' : 'slice', name, length: Len },
          get elem() {
            return typeOf(Elem)
          },
        }
      case 'MapT':
        return {
          ...{ kind: 'map', name },
          get key() {
            return typeOf(Key)
          },
          get elem() {
            return typeOf(Elem)
          },
        }
      case 'StructT':
        return { kind: 'struct', name, fields: Field.map(({ Name = '', Id }) => lazyField(Name, () => typeOf(Id))) }
    }
    const encoding = ENCODINGS[kind] as OpaqueEncoding
    return encoding === 'gob' && name === TIME.name ? TIME : { kind: 'own', name, encoding, isTime: false }
  }
}

const ENCODINGS: Readonly<Record<string, OpaqueEncoding>> = { GobEncoderT: 'gob', BinaryMarshalerT: 'binary', TextMarshalerT: 'text' }

function lazyField(name: string, typeOf: () => GoType): GoField {
  return {
    name,
    get type() {
      return typeOf()
    },
  }
}
