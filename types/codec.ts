/** A session's values by key, as a codec sees them: the reserved keys (two leading underscores) included. */
export type SessionValues = Readonly<Record<string, unknown>>

/** What a codec knows of a session besides its values, for a payload that has types which JavaScript lacks. Only the codec looks into it. */
export interface SessionTypes {
  /** About the values, by key. A key without an entry has the type that its value takes by itself. */
  readonly keys: ReadonlyMap<string, unknown>
  /** About the deadline. */
  readonly ofDeadline?: unknown
}

/** What a payload holds. */
export interface DecodedSession {
  /** The absolute deadline, in epoch milliseconds. */
  readonly deadline: number
  /** A fresh object that belongs to the caller. */
  readonly values: Record<string, unknown>
  /** Comes back to `encode`, for those keys that the session still has. */
  readonly types?: SessionTypes | undefined
}

/** A value as a session keeps it, and its type for {@link SessionTypes}; undefined for the one that the value takes by itself. */
export interface AdmittedValue {
  readonly value: unknown
  readonly type: unknown
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
  /**
   * The payload of a session. What it throws fails the save, and the session stays as it was.
   *
   * @param types what `decode` and `admit` said of these keys. A value may have changed since, so each type is advice.
   */
  encode(deadline: number, values: SessionValues, types?: SessionTypes): Uint8Array
  /** The session of a payload. Throws for bytes that `encode` did not write. */
  decode(data: Uint8Array): DecodedSession
  /**
   * For a codec with types of its own, which also keeps NaN, infinities and opaque values: checks a value that is put, and returns it as `decode`
   * will return it. Throws for a value that it cannot encode.
   *
   * @param value checked already for cycles, depth and size, and closed to changes
   * @param type what is known of the value that the key has now
   */
  admit?(key: string, value: unknown, type: unknown): AdmittedValue
}
