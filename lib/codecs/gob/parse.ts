import { ArgumentError } from '../../errors.ts'
import { ANY, ANY_MAP, BY_NAME, type GoField, type GoType, INT64, type Note, sliceOf, TIME } from './types.ts'

/** The next word of a type: a bracket, the beginning of a map or a struct, or a name, which may have type arguments of its own. */
const TOKEN = /\s*(map\[|struct\s*\{|interface\s*\{\s*\}|\[\d*\]|[\]};*]|[\p{L}_][\p{L}\p{N}_./-]*(?:\[[^\s{]*\])?)/uy

/** The named types of Go's library that are known here. */
const LIBRARY: ReadonlyMap<string, GoType> = new Map<string, GoType>([
  ['time.Time', TIME],
  ['time.Duration', { ...INT64, name: 'time.Duration' }],
  ['any', ANY],
  ['byte', BY_NAME.get('uint8') as GoType],
  ['rune', BY_NAME.get('int32') as GoType],
])

/** Longer than anybody writes, and nested less deep than the stack is. */
const MAX_LENGTH = 1000

/** A type as it is written in Go, with its name as Go prints it. Behind the name of an application's type stands what it is: `main.Level uint8`. */
export function parseType(source: string): Note {
  const parser = new Parser(source)
  const { name, type } = parser.type()
  parser.end()
  return { name, type, isAsked: true }
}

interface Named {
  readonly name: string
  readonly type: GoType
}

class Parser {
  readonly #source: string
  #at = 0

  constructor(source: string) {
    this.#source = source
    if (source.length > MAX_LENGTH) throw this.#wrong('is too long')
  }

  type(): Named {
    const token = this.#next()
    const size = /^\[(\d*)\]$/.exec(token)
    if (size !== null) return size[1] === '' ? this.#slice() : this.#array(Number(size[1]))
    if (token === '*') return this.#pointer()
    if (token === 'map[') return this.#map()
    if (token.startsWith('interface')) return { name: ANY.name, type: ANY }
    if (/^struct\s*\{$/.test(token)) return this.#struct()
    if (/^[\p{L}_]/u.test(token)) return this.#named(token)
    throw this.#wrong(`has ${token || 'an end'} where a type must be`)
  }

  end(): void {
    if (this.#source.slice(this.#at).trim() !== '') throw this.#wrong('has something behind the type')
  }

  #slice(): Named {
    const elem = this.type()
    const name = `[]${elem.name}`
    return { name, type: sliceOf(elem.type, name) }
  }

  #array(length: number): Named {
    const elem = this.type()
    const name = `[${length}]${elem.name}`
    return { name, type: { kind: 'array', name, elem: elem.type, length } }
  }

  /** A pointer is written like what it points to. */
  #pointer(): Named {
    const { name, type } = this.type()
    return { name: `*${name}`, type }
  }

  #map(): Named {
    const key = this.type()
    this.#expect(']')
    const elem = this.type()
    const name = `map[${key.name}]${elem.name}`
    return { name, type: name === ANY_MAP.name ? ANY_MAP : { kind: 'map', name, key: key.type, elem: elem.type } }
  }

  #struct(): Named {
    const fields: GoField[] = []
    const texts: string[] = []
    for (let name = this.#next(); name !== '}'; name = this.#next()) {
      if (!/^[\p{L}_]/u.test(name)) throw this.#wrong('has a struct without a closing brace')
      const field = this.type()
      fields.push({ name, type: field.type })
      texts.push(`${name} ${field.name}`)
      if (this.#peek() !== '}') this.#expect(';')
    }
    const name = texts.length === 0 ? 'struct {}' : `struct { ${texts.join('; ')} }`
    return { name, type: { kind: 'struct', name: '', fields } }
  }

  /** A name, and behind it what it stands for where that is not known. */
  #named(name: string): Named {
    const known = BY_NAME.get(name) ?? LIBRARY.get(name)
    if (known !== undefined) return { name: LIBRARY.has(name) && !name.includes('.') ? known.name : name, type: known }
    const next = this.#peek()
    if (['', ';', '}', ']'].includes(next))
      throw this.#wrong(`names ${name}: write behind it what it is, for example '${name} struct { ID int64 }'`)
    const { type } = this.type()
    return { name, type: { ...type, name: name.slice(name.lastIndexOf('.') + 1) } as GoType }
  }

  #next(): string {
    TOKEN.lastIndex = this.#at
    const token = TOKEN.exec(this.#source)?.[1] ?? ''
    if (token === '' && this.#source.slice(this.#at).trim() !== '') throw this.#wrong('is no type of Go')
    if (token !== '') this.#at = TOKEN.lastIndex
    return token
  }

  #peek(): string {
    const at = this.#at
    const token = this.#next()
    this.#at = at
    return token
  }

  #expect(token: string): void {
    if (this.#next() !== token) throw this.#wrong(`lacks a ${token}`)
  }

  #wrong(rule: string): Error {
    return new ArgumentError('goType(type, value)', `needs a type as Go writes it, for example 'map[string]int64'; this one ${rule}`)
  }
}
