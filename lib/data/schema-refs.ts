import { OptionError } from '../errors.ts'
import { findPart, followPointer, hasParts, isData, isMapOf, type Path } from './schema-parts.ts'

/** Keywords that name a schema or hold definitions. A copy leaves them out: its references all lead to definitions of its own. */
const IDS_AND_DEFINITIONS = new Set(['$id', '$anchor', '$dynamicAnchor', '$recursiveAnchor', '$schema', '$defs', 'definitions'])

const isRef = (part: Record<string, unknown>) => ['$ref', '$dynamicRef', '$recursiveRef'].some((name) => typeof part[name] === 'string')

/**
 * The schema of one key, ready to be compiled alone: as it is, or, when it has references, a copy with definitions of its own for all of
 * them. Throws `FST_ERR_SCS_OPTION` for a reference to something that does not exist.
 *
 * @param root the schema of the session
 * @param keywords the way to the schema of the key
 */
export function standAlone(root: object, keywords: readonly string[]): object {
  const path = [root]
  let schema = root
  for (const keyword of keywords) {
    schema = Reflect.get(schema, keyword)
    path.push(schema)
  }
  return findPart([schema], isRef) === undefined ? schema : new Bundle(path, keywords.join('.')).made()
}

class Bundle {
  readonly #path: Path
  readonly #option: string
  /** The schemas that were referred to. Each is known by the way to it, because the same name may mean another schema elsewhere. */
  readonly #found: Path[] = []
  readonly #definitions: unknown[] = []

  constructor(path: Path, option: string) {
    this.#path = path
    this.#option = option
  }

  made(): object {
    const copy = this.#copy(this.#path, false) as object
    return Object.assign(copy, { $defs: { ...this.#definitions } })
  }

  /** A copy with other references. It has the hidden properties too, because TypeBox keeps its marks in them. */
  #copy(path: Path, inMap: boolean): unknown {
    const part = path.at(-1)
    if (!hasParts(part)) return part
    if (Array.isArray(part)) return part.map((each) => this.#copy([...path, each], false))
    const copy = {}
    for (const key of Reflect.ownKeys(part)) {
      const keyword = String(key)
      const value: unknown = Reflect.get(part, key)
      if (!inMap && IDS_AND_DEFINITIONS.has(keyword)) continue
      const made = isData(keyword, inMap) ? value : this.#part(path, keyword, value, inMap)
      const enumerable = Object.prototype.propertyIsEnumerable.call(part, key)
      Object.defineProperty(copy, key, { value: made, enumerable, writable: true, configurable: true })
    }
    return copy
  }

  #part(path: Path, keyword: string, value: unknown, inMap: boolean): unknown {
    if (inMap || typeof value !== 'string') return this.#copy([...path, value], isMapOf(keyword, inMap))
    if (keyword === '$ref') return `#/$defs/${this.#define(value, path)}`
    if (keyword === '$dynamicRef' || keyword === '$recursiveRef') throw this.#refusal(`uses ${keyword}, which a session schema cannot`)
    return value
  }

  /** The name that a definition has in the copy. */
  #define(ref: string, from: Path): number {
    const target = resolve(ref, from, this.#path)
    if (target === undefined) {
      const rule = 'which nothing in the schema defines (what stands under $defs is referred to as "#/$defs/NAME", or by its $id)'
      throw this.#refusal(`refers to ${JSON.stringify(ref)}, ${rule}`)
    }
    const known = this.#found.findIndex((each) => each.length === target.length && each.every((part, i) => part === target[i]))
    if (known !== -1) return known
    const name = this.#found.push(target) - 1
    // Known before it is looked into: it may refer to itself.
    this.#definitions[name] = this.#copy(target, false)
    return name
  }

  #refusal(rule: string): Error {
    return new OptionError(`schema.${this.#option}`, rule)
  }
}

/**
 * The way to the schema that a reference means. One that begins with `#` is looked up in the nearest enclosing schema with an `$id`, then in
 * the root, then in the schema of the key. Any other names the `$id` of a schema, of which the nearest is taken.
 */
function resolve(ref: string, from: Path, key: Path): Path | undefined {
  const [id = '', fragment = ''] = ref.split('#', 2)
  if (id === '') {
    const resource = from.findLastIndex((part) => typeof (part as { $id?: unknown }).$id === 'string')
    return first([from.slice(0, Math.max(0, resource) + 1), from.slice(0, 1), key], (way) => within(way, fragment))
  }
  const around = from.map((_, i) => from.slice(0, i + 1)).reverse()
  return first(around, (way) => {
    const found = findPart(way, ({ $id }) => $id === id)
    return found && within(found, fragment)
  })
}

function first<T>(paths: readonly Path[], look: (path: Path) => T | undefined): T | undefined {
  for (const path of paths) {
    const found = look(path)
    if (found !== undefined) return found
  }
  return undefined
}

/** What a fragment means in a schema: itself, a pointer, or an anchor. */
function within(path: Path, fragment: string): Path | undefined {
  if (fragment === '') return path
  if (fragment.startsWith('/')) return followPointer(path, decodeURIComponent(fragment))
  return findPart(path, ({ $id, $anchor, $dynamicAnchor }) => [$anchor, $dynamicAnchor].includes(fragment) || $id === `#${fragment}`)
}
