import { PayloadError } from '../errors.ts'

/** How every payload of JsonCodec begins. */
const JSON_START = Buffer.from('{"deadline":')

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
  return JSON_START.subarray(0, data.length).equals(data.subarray(0, JSON_START.length))
}

/**
 * Whether these bytes begin as a stream of encoding/gob does: with the length of a message, which defines a type. Its number is 65 or more and
 * negative, so it takes several bytes, of which the first says how many, negated, and the last is odd.
 */
export function isGobPayload(data: Uint8Array): boolean {
  const [length = 0] = data
  const type = data.subarray(length < 128 ? 1 : 257 - length)
  const [size = 0] = type
  return size >= 128 && Number(type[256 - size]) % 2 === 1
}
