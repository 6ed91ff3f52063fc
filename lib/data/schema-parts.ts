import { isPlainObject } from '../options/checks.ts'

/** The objects on the way from the root of a schema to a part of it, which is the last. */
export type Path = readonly unknown[]

/** Keywords whose value is a map of names to schemas: its keys are names and no keywords. */
const MAPS = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas', 'dependencies'])

/** Keywords whose value is data, even when it looks like a schema. */
const DATA = new Set(['const', 'enum', 'default', 'examples'])

/** Whether there may be schemas in a value. An instance of a class is not searched. */
export function hasParts(value: unknown): value is Record<string, unknown> {
  return Array.isArray(value) || isPlainObject(value)
}

/** Whether a key holds a map of schemas. In a map every key is a name, and none is a keyword. */
export function isMapOf(keyword: string, inMap: boolean): boolean {
  return !inMap && MAPS.has(keyword)
}

/** Whether a key holds data. In a map every key is a name, and none is a keyword. */
export function isData(keyword: string, inMap: boolean): boolean {
  return !inMap && DATA.has(keyword)
}

/** The way to the first schema at or beneath the end of `path` that passes a test. Undefined for none. */
export function findPart(path: Path, test: (part: Record<string, unknown>) => boolean, inMap = false): Path | undefined {
  const part = path.at(-1)
  if (!hasParts(part)) return undefined
  if (!inMap && test(part)) return path
  for (const [keyword, each] of Object.entries(part)) {
    if (isData(keyword, inMap)) continue
    const found = findPart([...path, each], test, isMapOf(keyword, inMap))
    if (found !== undefined) return found
  }
  return undefined
}

/** The way to the schema that a JSON pointer (RFC 6901) leads to. Undefined when there is no schema. */
export function followPointer(path: Path, pointer: string): Path | undefined {
  let at: Path = path
  for (const name of pointer.split('/').slice(1)) {
    const part = at.at(-1)
    const key = name.replaceAll('~1', '/').replaceAll('~0', '~')
    if (!hasParts(part) || !Object.hasOwn(part, key)) return undefined
    at = [...at, part[key]]
  }
  const target = at.at(-1)
  return typeof target === 'boolean' || (hasParts(target) && !Array.isArray(target)) ? at : undefined
}
