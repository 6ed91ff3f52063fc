import { PayloadError } from '../errors.ts'

/** How every payload of JsonCodec begins: with the deadline, a number. Cut off, it may end anywhere in that. */
const JSON_START = '{"deadline":'
const NUMBER = /^[-\d]?$/

/** An error for bytes that another codec wrote: see `ForeignPayload`. */
export function foreignPayload(foreign: string): Error {
  return Object.assign(new PayloadError(foreign), { foreign })
}

/** Why bytes that a codec cannot read are not its own to remove; undefined where nothing says so. */
export function foreignCause(error: unknown): string | undefined {
  const { foreign } = Object(error) as { foreign?: unknown }
  return typeof foreign === 'string' ? foreign : undefined
}

/** Whether JsonCodec may have written these bytes, which may have been cut off or changed since. */
export function isJsonPayload(data: Uint8Array): boolean {
  const start = Buffer.from(data.subarray(0, JSON_START.length + 1)).toString('latin1')
  return start.length <= JSON_START.length ? JSON_START.startsWith(start) : start.startsWith(JSON_START) && NUMBER.test(start.slice(-1))
}

/** How many bytes the definition of a type has at least. */
const MIN_DEFINITION = 10

/**
 * Whether these bytes begin as a stream of encoding/gob does: with the length of a message, which defines a type by its number. That is 65 or
 * more and negative, so it takes two or three bytes, of which the first says how many follow, negated, and the last is odd.
 */
export function isGobPayload(data: Uint8Array): boolean {
  const [first = 0] = data
  const size = first < 128 ? 0 : 256 - first
  if (size > 2) return false
  const length = size === 0 ? first : data.subarray(1, size + 1).reduce((sum, byte) => sum * 256 + byte, 0)
  const [id = 0, high = 0, low = 0] = data.subarray(size + 1)
  if (length < MIN_DEFINITION || size + 1 + length >= data.length) return false
  return (id === 0xff && high > 128 && high % 2 === 1) || (id === 0xfe && high > 0 && low % 2 === 1)
}
