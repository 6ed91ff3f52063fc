import type { AdmittedValue, DecodedSession, SessionCodec, SessionTypes, SessionValues } from '../../types/codec.ts'
import { TypedValue } from '../data/foreign.ts'
import { foreignPayload, isGobPayload, isJsonPayload } from '../data/other-codec.ts'
import { admitValue } from './gob/admit.ts'
import { parseType } from './gob/parse.ts'
import { PREFIX } from './gob/prefix.ts'
import { decodeSession, encodeSession } from './gob/session.ts'
import type { Note } from './gob/types.ts'

export { type OpaqueEncoding, OpaqueValue } from '../data/foreign.ts'

/**
 * The payload that SCS writes in Go: `encoding/gob` of `struct { Deadline time.Time; Values map[string]interface {} }`. Pass it as the option
 * `codec` of a service that shares its sessions with one in Go: `app.register(scsSession, { codec: new GobCodec(), … })`.
 *
 * A value that was read and put back, changed or not, keeps its Go type as long as it fits: `update('visits', (n) => n + 1)` of an int64 makes an
 * int64. A new value takes the type that is natural to it; {@link goType} says another.
 */
export class GobCodec implements SessionCodec {
  /** For callers that hand back the values alone. */
  readonly #types = new WeakMap<SessionValues, SessionTypes>()

  /** Throws `FST_ERR_SCS_VALUE`, with the path, for a value that Go cannot hold. */
  encode(deadline: number, values: SessionValues, types: SessionTypes | undefined = this.#types.get(values)): Uint8Array {
    return encodeSession(deadline, values, types)
  }

  /** Throws `FST_ERR_SCS_PAYLOAD` for what is no session of Go; with `foreign` when it is no stream of gob at all, so that it is left alone. */
  decode(data: Uint8Array): DecodedSession {
    const session = decoded(data)
    if (session.types !== undefined) this.#types.set(session.values, session.types)
    return session
  }

  admit(key: string, value: unknown, type: unknown): AdmittedValue {
    return admitValue(key, value, type as Note | undefined)
  }
}

const BY_JSON = 'JsonCodec wrote its payload: set the option codec to new JsonCodec(), or leave it out'
const BY_OTHERS = 'another codec wrote its payload: set the option codec to that one'

function decoded(data: Uint8Array): DecodedSession {
  try {
    return decodeSession(data)
  } catch (error) {
    if (isGobPayload(data) || PREFIX.subarray(0, data.length).equals(data)) throw error
    throw foreignPayload(isJsonPayload(data) ? BY_JSON : BY_OTHERS)
  }
}

/**
 * A value with the Go type that it shall have in the session: `session.put('visits', goType('int64', 42))`. `get` returns the value alone. Such
 * values may be parts of others.
 *
 * The type is written as in Go, for example `'[]int64'` or `'map[string]float64'`. Behind the name of a type of the application stands what it is:
 * `'main.Level uint8'`, `'main.User struct { ID int64; Name string }'`. Go must have such a type registered by that name.
 *
 * Throws `FST_ERR_SCS_ARGUMENT` for what is no type. That the value is none of it is thrown at `put`: `FST_ERR_SCS_VALUE`.
 */
export function goType<T>(type: string, value: T): T {
  // What is put has the type of the value: the session takes the two apart.
  return new TypedValue(value, parseType(type)) as T
}
