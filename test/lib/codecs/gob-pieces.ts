import { GobWriter } from '../../../lib/codecs/gob/writer.ts'
import { GobCodec } from '../../../lib/codecs/gob.ts'

export const AT = Date.UTC(2030, 0, 2)
export const codec = new GobCodec()
/** The definitions that every payload of ours begins with: ids 65 to 67. */
const PREFIX = codec.encode(AT, {}).slice(0, 96)

/** Writes a piece of a payload. */
export type Write = (writer: GobWriter) => void

function message(writer: GobWriter, write: Write): void {
  const start = writer.begin()
  write(writer)
  writer.end(start)
}

/** A payload of messages; without a prefix, whole. */
export function payload(messages: readonly Write[], prefix = PREFIX): Uint8Array {
  const writer = new GobWriter(64)
  writer.append(prefix)
  for (const write of messages) message(writer, write)
  return Buffer.from(writer.bytes)
}

export const uints =
  (...numbers: readonly (number | bigint | string | Write)[]): Write =>
  (writer) => {
    for (const part of numbers) {
      if (typeof part === 'string') writer.text(part)
      else if (typeof part === 'function') part(writer)
      else writer.uint(part)
    }
  }

export const int =
  (number: number): Write =>
  (writer) =>
    writer.int(number)

/** A session of one value under the key k: after its count, what the interface holds. */
export const session = (...held: readonly (number | bigint | string | Write)[]): Write => uints(int(65), 2, 1, 'k', ...held)
/** The definition of a type by its form, in the order of gob's wireType, and by what follows the name. */
export const define = (id: number, form: number, ...rest: readonly (number | Write)[]): Write =>
  uints(int(-id), form, 1, 1, 'T', 0, ...rest)
