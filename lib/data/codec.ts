import { isUtf8 } from 'node:buffer'
import type { DecodedSession, SessionCodec, SessionValues } from '../../types/codec.ts'
import { PayloadError } from '../errors.ts'
import { foreignPayload, isGobPayload, isJsonPayload } from './other-codec.ts'
import { MAX_DEPTH } from './sealer.ts'
import { isPlain, isRecord, needsTags, tag, untagAll } from './tags.ts'

/** The last moment that a Date can name (ECMA-262, 21.4.1.1); JSON can name later ones. */
const LAST_DATE = 8.64e15

/**
 * The default codec: JSON. `{"deadline":1767225600000,"values":{…}}` for plain data, which is all that most sessions hold and which takes one
 * `JSON.stringify` or one `JSON.parse`. When a session holds what JSON lacks (Date, Uint8Array, bigint, Map, Set, -0), the JSON has
 * `"tagged":true` and those values are wrapped.
 */
export class JsonCodec implements SessionCodec {
  /** The payload, in UTF-8. */
  encode(deadline: number, values: SessionValues): Uint8Array {
    return needsTags(values)
      ? Buffer.from(`{"deadline":${deadline},"tagged":true,"values":${JSON.stringify(tag(values, true))}}`)
      : Buffer.from(`{"deadline":${deadline},"values":${JSON.stringify(values)}}`)
  }

  /** Throws `FST_ERR_SCS_PAYLOAD` for bytes that {@link JsonCodec.encode} does not write; a {@link ForeignPayload} when it cannot have written them. */
  decode(data: Uint8Array): DecodedSession {
    try {
      return decoded(data)
    } catch (error) {
      throw isJsonPayload(data) ? error : foreignPayload(isGobPayload(data) ? BY_GO : BY_OTHERS)
    }
  }
}

const BY_GO = "SCS's GobCodec wrote its payload, in Go: set the option codec to new GobCodec(), from fastify-scs/codecs/gob"
const BY_OTHERS = 'another codec wrote its payload: set the option codec to that one'

function decoded(data: Uint8Array): DecodedSession {
  if (!isUtf8(data)) throw new PayloadError('it is not UTF-8')
  const payload = parse(data)
  if (!isRecord(payload)) throw new PayloadError('it is not an object')
  const { deadline, tagged = false, values } = payload
  if (typeof deadline !== 'number' || !(Math.abs(deadline) <= LAST_DATE)) throw new PayloadError('it has no deadline')
  if (!isRecord(values)) throw new PayloadError('it has no values')
  if (tagged !== false) return { deadline, values: untagged(values) }
  if (!isPlain(values, MAX_DEPTH + 1)) throw new PayloadError('it is nested too deep or has an infinite number')
  return { deadline, values }
}

function parse(data: Uint8Array): unknown {
  const bytes = Buffer.isBuffer(data) ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    // The parser's own message quotes the text, which is somebody's session.
    throw new PayloadError('it is not JSON')
  }
}

function untagged(values: Record<string, unknown>): Record<string, unknown> {
  try {
    return untagAll(values)
  } catch (cause) {
    throw new PayloadError('its tags are wrong or nested too deep', { cause })
  }
}
