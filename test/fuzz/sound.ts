import { MAX_BIGINT_BITS, MAX_DEPTH } from '../../lib/data/values.ts'

/**
 * Whether a value could have been put into a session: what a codec gives for bytes that it did not write must be nothing else, or the
 * session breaks later than where it is read. Says it in other words than lib/data/values.ts, and follows the nesting however deep it is.
 */
export function isSound(value: unknown): boolean {
  let level: unknown[] = [value]
  for (let depth = 0; level.length > 0; depth++) {
    if (!level.every((each) => isSoundLeaf(each))) return false
    const containers = level.filter((each) => typeof each === 'object' && each !== null && !(each instanceof Uint8Array))
    if (containers.length > 0 && depth >= MAX_DEPTH) return false
    level = containers.flatMap((each) => partsOf(each as object))
  }
  return true
}

function isSoundLeaf(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value === 'bigint') return BigInt.asIntN(MAX_BIGINT_BITS, value) === value
  if (value instanceof Date) return !Number.isNaN(value.getTime())
  return ['string', 'boolean', 'object'].includes(typeof value)
}

function partsOf(value: object): unknown[] {
  if (value instanceof Map) return [...value].flat()
  if (value instanceof Set) return [...value]
  if (value instanceof Date) return []
  // What a put takes may have undefined in an object; it goes with the encoding.
  return Array.isArray(value) ? value : Object.values(value).filter((part) => part !== undefined)
}
