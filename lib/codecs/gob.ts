import type { DecodedSession, SessionCodec, SessionTypes, SessionValues } from '../../types/codec.ts'
import { decodeSession, encodeSession } from './gob/session.ts'

export class GobCodec implements SessionCodec {
  readonly #types = new WeakMap<SessionValues, SessionTypes>()

  encode(deadline: number, values: SessionValues, types = this.#types.get(values)): Uint8Array {
    return encodeSession(deadline, values, types)
  }

  /** Throws `FST_ERR_SCS_PAYLOAD` for what is no session of Go. */
  decode(data: Uint8Array): DecodedSession {
    const session = decodeSession(data)
    if (session.types !== undefined) this.#types.set(session.values, session.types)
    return session
  }
}
