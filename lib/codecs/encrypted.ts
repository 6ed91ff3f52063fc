import { createHmac, randomBytes } from 'node:crypto'
import { types } from 'node:util'
import type { AdmittedValue, DecodedSession, SessionCodec, SessionTypes, SessionValues } from '../../types/codec.ts'
import { JsonCodec } from '../data/codec.ts'
import { foreignPayload } from '../data/other-codec.ts'
import { OptionError, PayloadError } from '../errors.ts'
import { check, has, isBoolean, isObject, type Rules, readOptions } from '../options/checks.ts'
import { KEY_BYTES, NONCE_BYTES, open, seal, TAG_BYTES, type XaesKey, xaesKey } from './encrypted/xaes.ts'

/** What {@link EncryptedCodec} takes. */
export interface EncryptedCodecOptions {
  /**
   * At least one key of 32 random bytes, or the same in base64 or base64url: `openssl rand -base64 32`. The first encrypts, all decrypt. To
   * change the key, put a new one after the old on every instance, then before it, and drop the old one when the lifetime has passed.
   */
  readonly keys: readonly (Uint8Array | string)[]
  /** The codec whose payloads are encrypted. Default: `new JsonCodec()`. */
  readonly codec?: SessionCodec
  /**
   * Whether payloads that are not encrypted are read too, by `codec`: for the lifetime after encryption was switched on. Who can write to the
   * store can then forge a session. Default: false, which leaves them alone.
   */
  readonly readsPlain?: boolean
}

const HOW = `each ${KEY_BYTES} random bytes or those in base64, for example from: openssl rand -base64 ${KEY_BYTES}`

const KEYS = `must be an array of keys, ${HOW}`

const RULES: Rules = {
  keys: [Array.isArray, KEYS],
  codec: [has('encode', 'decode'), 'must be a codec with encode and decode, for example new JsonCodec()'],
  readsPlain: [isBoolean, 'must be true or false'],
}

const JSON_CODEC: SessionCodec = new JsonCodec()

/** How a payload begins: the format, then the id of the key, the nonce, the ciphertext and its tag. */
const FORMAT = Buffer.from('SCS\x01', 'latin1')
const ID_BYTES = 4
const HEAD = FORMAT.length + ID_BYTES
const MIN_BYTES = HEAD + NONCE_BYTES + TAG_BYTES

interface NamedKey extends XaesKey {
  /** The format and the id: the first bytes of what this key encrypts, which are authenticated with it. */
  readonly head: Buffer
}

/**
 * Encrypts the payloads of another codec by AES-256-GCM with random nonces of 24 bytes (XAES-256-GCM): who reads the store, or a backup of it,
 * sees no value, and a byte that was changed makes a payload unreadable. Adds 48 bytes. The owner, the expiry and the keys of the store stay as they
 * are, and a payload is not bound to its key: who can write to the store can put one session in the place of another.
 *
 * Throws `FST_ERR_SCS_OPTION` for options that are wrong.
 */
export class EncryptedCodec implements SessionCodec {
  readonly #codec: SessionCodec
  readonly #first: NamedKey
  readonly #keys: readonly NamedKey[]
  readonly #readsPlain: boolean
  readonly admit?: (key: string, value: unknown, type: unknown) => AdmittedValue

  constructor(options: EncryptedCodecOptions) {
    // JavaScript may call it without an argument.
    const given = readOptions(isObject(options) ? options : ({} as EncryptedCodecOptions))
    check(given, RULES)
    const { keys, codec = JSON_CODEC, readsPlain = false } = given
    this.#keys = checkedKeys(keys)
    this.#first = this.#keys[0] as NamedKey
    this.#codec = codec
    this.#readsPlain = readsPlain
    if (codec.admit !== undefined) this.admit = codec.admit.bind(codec)
  }

  encode(deadline: number, values: SessionValues, types?: SessionTypes): Uint8Array {
    const { head } = this.#first
    const nonce = randomBytes(NONCE_BYTES)
    return Buffer.concat([head, nonce, ...seal(this.#first, nonce, this.#codec.encode(deadline, values, types), head)])
  }

  /**
   * Throws `FST_ERR_SCS_PAYLOAD` for what one of the keys encrypted and somebody changed. With `foreign`, so that it is left alone, when none of
   * the keys encrypted it, or its first eight bytes, which name the key, were changed: a key that was forgotten at a release logs nobody out.
   */
  decode(data: Uint8Array): DecodedSession {
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    if (!bytes.subarray(0, FORMAT.length).equals(FORMAT.subarray(0, bytes.length)))
      return this.#readsPlain ? this.#codec.decode(data) : refuse(NOT_ENCRYPTED)
    const head = bytes.subarray(0, HEAD)
    const key = this.#keys.find((each) => each.head.equals(head))
    if (key === undefined && bytes.length >= HEAD) refuse(NO_KEY)
    if (key === undefined || bytes.length < MIN_BYTES) throw new PayloadError('it is cut off')
    return this.#codec.decode(opened(key, bytes))
  }
}

const NOT_ENCRYPTED = 'its payload is not encrypted: set the option readsPlain of EncryptedCodec as long as there are such sessions'
const NO_KEY = 'no key opens its payload: add the key that encrypted it to the keys of EncryptedCodec'

function refuse(foreign: string): never {
  throw foreignPayload(foreign)
}

function opened(key: NamedKey, bytes: Buffer): Buffer {
  const nonce = bytes.subarray(HEAD, HEAD + NONCE_BYTES)
  try {
    return open(key, nonce, bytes.subarray(HEAD + NONCE_BYTES), key.head)
  } catch {
    throw new PayloadError('it was changed after it was encrypted')
  }
}

function checkedKeys(keys: readonly unknown[] = []): readonly NamedKey[] {
  if (keys.length === 0) throw new OptionError('keys', KEYS)
  // A hole is no key either.
  const named = Array.from(keys, namedKey)
  const ids = named.map(({ head }) => head.toString('hex'))
  const twice = ids.findIndex((id, i) => ids.indexOf(id) !== i)
  if (twice > 0) throw new OptionError(`keys[${twice}]`, 'is the same as one before it')
  return named
}

/** 32 bytes in base64 or base64url: 43 characters, of which the last has four bits. */
const BASE64 = /^[\w+/-]{42}[AEIMQUYcgkosw048]=?$/

function namedKey(given: unknown, i: number): NamedKey {
  const bytes = typeof given === 'string' && BASE64.test(given) ? Buffer.from(given, 'base64') : given
  const key = types.isUint8Array(bytes) ? Buffer.from(new Uint8Array(bytes)) : undefined
  if (key?.length !== KEY_BYTES) throw new OptionError(`keys[${i}]`, `must be a key, ${HOW}`)
  const id = createHmac('sha256', key).update('fastify-scs key id').digest().subarray(0, ID_BYTES)
  return { ...xaesKey(key), head: Buffer.concat([FORMAT, id]) }
}
