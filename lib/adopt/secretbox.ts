import { timingSafeEqual } from 'node:crypto'

/**
 * Opens what libsodium's `crypto_secretbox_easy` sealed: XSalsa20 and Poly1305, which Node's own crypto does not have. It only decrypts, for the
 * cookies that @fastify/secure-session wrote.
 */

export const KEY_BYTES = 32
const NONCE_BYTES = 24
const MAC_BYTES = 16

/** 'expand 32-byte k', the constant of Salsa20. */
const SIGMA = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574]
/** The words of a quarter round, for the columns and then the rows. */
const QUARTERS = [
  [0, 4, 8, 12],
  [5, 9, 13, 1],
  [10, 14, 2, 6],
  [15, 3, 7, 11],
  [0, 1, 2, 3],
  [5, 6, 7, 4],
  [10, 11, 8, 9],
  [15, 12, 13, 14],
]
/** For each word of a quarter round, the two it is mixed with and by how much the sum is rotated. */
const STEPS = [
  [1, 0, 3, 7],
  [2, 1, 0, 9],
  [3, 2, 1, 13],
  [0, 3, 2, 18],
]

const P = 2n ** 130n - 5n
const CLAMP = 0x0ffffffc0ffffffc0ffffffc0fffffffn

/** Little-endian words of bytes. */
function words(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: bytes.length / 4 }, (_, i) => view.getUint32(i * 4, true))
}

function bytesOf(all: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(all.length * 4))
  for (const [i, word] of all.entries()) view.setUint32(i * 4, word, true)
  return new Uint8Array(view.buffer)
}

/** The 16 words that Salsa20 starts with: the constant, the key and 16 bytes of input. */
function start(key: readonly number[], input: readonly number[]): Uint32Array {
  const [a = 0, b = 0, c = 0, d = 0] = SIGMA
  return Uint32Array.of(a, ...key.slice(0, 4), b, ...input, c, ...key.slice(4), d)
}

/** The 20 rounds of Salsa20, in place. */
function mix(x: Uint32Array): Uint32Array {
  const at = (quarter: readonly number[], n = 0) => quarter[n] as number
  for (let round = 0; round < 10; round++) {
    for (const quarter of QUARTERS) {
      for (const [to, one, two, by] of STEPS) {
        const sum = ((x[at(quarter, one)] as number) + (x[at(quarter, two)] as number)) >>> 0
        const bits = by as number
        x[at(quarter, to)] = (x[at(quarter, to)] as number) ^ ((sum << bits) | (sum >>> (32 - bits)))
      }
    }
  }
  return x
}

/** A key of its own for a nonce: HSalsa20. */
function subkey(key: Uint8Array, nonce: Uint8Array): number[] {
  const mixed = mix(start(words(key), words(nonce)))
  return [0, 5, 10, 15, 6, 7, 8, 9].map((i) => mixed[i] as number)
}

/** The stream of Salsa20 for a key and 8 bytes of nonce. */
function stream(key: readonly number[], nonce: readonly number[], length: number): Uint8Array {
  const blocks = Array.from({ length: Math.ceil(length / 64) }, (_, n) => {
    const first = start(key, [...nonce, n, 0])
    const mixed = mix(first.slice())
    return bytesOf([...mixed].map((word, i) => (word + (first[i] as number)) >>> 0))
  })
  return Buffer.concat(blocks)
}

/** Little-endian bytes as a number. */
function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x00${Buffer.from(bytes).reverse().toString('hex')}`)
}

function poly1305(key: Uint8Array, message: Uint8Array): Uint8Array {
  const r = numberOf(key.subarray(0, 16)) & CLAMP
  let sum = 0n
  for (let at = 0; at < message.length; at += 16) {
    const block = message.subarray(at, at + 16)
    sum = ((sum + numberOf(block) + (1n << BigInt(8 * block.length))) * r) % P
  }
  const tag = (sum + numberOf(key.subarray(16, 32))) & (2n ** 128n - 1n)
  return Buffer.from(tag.toString(16).padStart(32, '0'), 'hex').reverse()
}

/** The message in a sealed box; undefined when this key did not seal it. */
export function openSecretBox(box: Uint8Array, nonce: Uint8Array, key: Uint8Array): Uint8Array | undefined {
  if (box.length < MAC_BYTES || nonce.length !== NONCE_BYTES) return undefined
  const cipher = box.subarray(MAC_BYTES)
  const pad = stream(subkey(key, nonce.subarray(0, 16)), words(nonce.subarray(16)), 32 + cipher.length)
  if (!timingSafeEqual(poly1305(pad.subarray(0, 32), cipher), box.subarray(0, MAC_BYTES))) return undefined
  return cipher.map((byte, i) => byte ^ (pad[i + 32] as number))
}
