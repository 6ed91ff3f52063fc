/** A session's values by key, as a codec sees them: the reserved keys (two leading underscores) included. */
export type SessionValues = Readonly<Record<string, unknown>>

/** What a payload holds. */
export interface DecodedSession {
  /** The absolute deadline, in epoch milliseconds. */
  readonly deadline: number
  /** A fresh object that belongs to the caller. */
  readonly values: Record<string, unknown>
}

/**
 * What `decode` throws for bytes that another codec wrote, or that no key opens: they are a session of somebody else, or of a setting that was
 * forgotten. Nothing removes them, the client is a stranger, and the first one is a warning.
 */
export interface ForeignPayload extends Error {
  /** Who wrote them, and what to do: the end of a sentence. */
  readonly foreign: string
}

/**
 * A session to bytes and back (the Codec of SCS). Neither direction knows a token, a key or a request.
 *
 * For bytes that `encode` did not write, `decode` returns a session or throws, and never hangs. When it throws, whatever it is, the session
 * is replaced by a new one, and the bytes are removed; but after a {@link ForeignPayload} they are left alone. The same values need not be encoded to the same bytes twice.
 */
export interface SessionCodec {
  /** The payload of a session. What it throws fails the save, and the session stays as it was. */
  encode(deadline: number, values: SessionValues): Uint8Array
  /** The session of a payload. Throws for bytes that `encode` did not write. */
  decode(data: Uint8Array): DecodedSession
}
