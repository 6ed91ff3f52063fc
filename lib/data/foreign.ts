/** Why a session refuses them where its codec does not know such values. */
export const OPAQUE = 'it is an OpaqueValue, which needs the codec that reads such values, for example new GobCodec()'
export const TYPED = 'it has a type of Go, which needs the option codec: new GobCodec()'

/** How a type of another language encodes itself: by a GobEncoder, a BinaryMarshaler or a TextMarshaler of Go. */
export type OpaqueEncoding = 'gob' | 'binary' | 'text'

/**
 * A value in an encoding of its own, which only the program that wrote it understands: for example a `*big.Int` of Go. It is read, carried
 * and saved as it is. Frozen; two are equal when all properties are. Only a codec that knows such values keeps it: `GobCodec` does, `JsonCodec`
 * does not.
 */
export class OpaqueValue {
  /** The name of its type, as the other program registered it. Within another value it is the short name, without the package. */
  readonly type: string
  readonly encoding: OpaqueEncoding
  /** The encoded bytes, in base64. */
  readonly base64: string
  readonly #mark = true

  constructor(type: string, bytes: Uint8Array, encoding: OpaqueEncoding = 'gob') {
    this.type = type
    this.encoding = encoding
    this.base64 = Buffer.from(bytes).toString('base64')
    Object.freeze(this)
  }

  /** Whether it is one. Unlike `instanceof`, this throws for no value. */
  static is(value: unknown): value is OpaqueValue {
    return typeof value === 'object' && value !== null && #mark in value
  }

  /** The encoded bytes, in a fresh array. */
  get bytes(): Uint8Array {
    return new Uint8Array(Buffer.from(this.base64, 'base64'))
  }
}

/** A value that is put with the type that the codec shall give it. The codec's `admit` takes the two apart. @internal */
export class TypedValue {
  readonly value: unknown
  readonly type: unknown
  readonly #mark = true

  /** Whether it is one. Unlike `instanceof`, this throws for no value. */
  static is(value: unknown): value is TypedValue {
    return typeof value === 'object' && value !== null && #mark in value
  }

  constructor(value: unknown, type: unknown) {
    this.value = value
    this.type = type
    Object.freeze(this)
  }
}

export const isOpaque = OpaqueValue.is
/** @internal */
export const isTypedValue = TypedValue.is
