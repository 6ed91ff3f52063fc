import type { Definitions } from './definitions.ts'
import type { GobReader } from './reader.ts'

/**
 * The definitions of `struct { Deadline time.Time; Values map[string]interface {} }`, as Go writes them in a program that defines nothing
 * before, and as we write them.
 */
export const PREFIX = Buffer.from(
  '26ff81030102ff820001020108446561646c696e6501ff8400010656616c75657301ff86000000' +
    '10ff830501010454696d6501ff8400000027ff85040101176d61705b737472696e675d696e74657266616365207b7d01ff8600010c01100000',
  'hex',
)

/** How many beginnings are kept: a program writes one and the same as long as it runs. */
const MAX_PREFIXES = 4
const MAX_BYTES = 512

/** How payloads began that were read last, and the types that are defined there. To read these takes more time than the rest of a small session. */
const SEEN: { readonly bytes: Buffer; readonly types: Definitions }[] = []

/** The types that a payload begins with, should it begin like one before; they are skipped then. */
export function seenPrefix(reader: GobReader): Definitions | undefined {
  for (const { bytes, types } of SEEN) if (reader.skipStart(bytes)) return types
  return undefined
}

/** Keeps how a payload began, unless that is long. From then on the types must not change. Returns whether it did. */
export function keepPrefix(bytes: Buffer, types: Definitions): boolean {
  if (bytes.length > MAX_BYTES) return false
  SEEN.unshift({ bytes: Buffer.from(bytes), types })
  SEEN.length = Math.min(SEEN.length, MAX_PREFIXES)
  return true
}
