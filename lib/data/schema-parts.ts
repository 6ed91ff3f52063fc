import { isPlainObject } from '../options/checks.ts'

/** A schema and all around it: the objects on the way from the root to it, which is the last. */
export type Path = readonly unknown[]

/** Keywords whose value is a map of names to schemas, so that what stands in it are names and no keywords. */
const MAPS = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas', 'dependencies'])

/** Keywords whose value is data, whatever it looks like. */
const DATA = new Set(['const', 'enum', 'default', 'examples'])

/** Whether there may be schemas in it. An instance of a class is left alone. */
export function hasParts(value: unknown): value is Record<string, unknown> {
  return Array.isArray(value) || isPlainObject(value)
}

/** Whether a keyword holds a map of schemas, in a schema; in a map it is but a name. */
export function isMapOf(keyword: string, inMap: boolean): boolean {
  return !inMap && MAPS.has(keyword)
}

/** Whether a keyword holds data, in a schema; in a map it is but a name. */
export function isData(keyword: string, inMap: boolean): boolean {
  return !inMap && DATA.has(keyword)
}

/** The first schema in a tree that passes a test, with the way to it: its own is the end of `path`. Undefined for none. */
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

/** What a JSON pointer leads to (RFC 6901), with the way to it. Undefined for what is no schema. */
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
