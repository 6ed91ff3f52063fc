/** From the zero time of Go, the beginning of the year 1, to that of Unix. */
const UNIX_SECONDS = 62_135_596_800
/** The last moment that a Date can name (ECMA-262, 21.4.1.1). */
const LAST_DATE = 8.64e15
/** The zone of a time in UTC; one of a zone that happens to have no offset is 0. */
const UTC = -1

/** The zero time of Go, in epoch milliseconds. */
export const ZERO_TIME = -UNIX_SECONDS * 1000

/**
 * The moment of a `time.Time` as Go's `MarshalBinary` writes it, in epoch milliseconds; undefined when these bytes are no time. They are: a
 * version, 8 bytes of seconds since the year 1, 4 of nanoseconds, 2 of the zone's minutes, and in version 2 one of its seconds.
 */
export function momentOf(raw: Buffer): number | undefined {
  if ((raw.length !== 15 && raw.length !== 16) || raw.length !== 14 + (raw[0] as number)) return undefined
  const nanoseconds = raw.readInt32BE(9)
  if (nanoseconds < 0 || nanoseconds >= 1e9) return undefined
  const seconds = raw.readInt32BE(1) * 2 ** 32 + raw.readUInt32BE(5) - UNIX_SECONDS
  return seconds * 1000 + Math.floor(nanoseconds / 1e6)
}

/** Whether a Date can name a moment. */
export const isDateMoment = (at: number): boolean => Math.abs(at) <= LAST_DATE

/** Whether a Date says all that these bytes do, which {@link momentOf} understood: whole milliseconds in UTC. */
export function isPlainTime(raw: Buffer): boolean {
  return raw.length === 15 && raw.readInt16BE(13) === UTC && raw.readInt32BE(9) % 1e6 === 0
}

/** A moment as a `time.Time` in UTC. The bytes are good until the next call. */
export function encodeTime(at: number): Buffer {
  const seconds = Math.floor(at / 1000)
  const sinceYear1 = seconds + UNIX_SECONDS
  const high = Math.floor(sinceYear1 / 2 ** 32)
  SCRATCH.writeInt32BE(high, 1)
  SCRATCH.writeUInt32BE(sinceYear1 - high * 2 ** 32, 5)
  SCRATCH.writeInt32BE((at - seconds * 1000) * 1e6, 9)
  return SCRATCH
}

const SCRATCH = Buffer.alloc(15)
SCRATCH[0] = 1
SCRATCH.writeInt16BE(UTC, 13)
