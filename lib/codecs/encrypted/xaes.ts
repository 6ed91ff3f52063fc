import { createCipheriv, createDecipheriv } from 'node:crypto'

/**
 * XAES-256-GCM (C2SP, https://c2sp.org/XAES-256-GCM): AES-256-GCM with nonces of 24 bytes. The first twelve and the key make a key by
 * CMAC in counter mode (NIST SP 800-108), which encrypts with the last twelve. So random nonces do not run out: under plain
 * AES-256-GCM one key is good for 2^32 payloads (SP 800-38D, 8.3), a busy site's work of weeks.
 */

export const KEY_BYTES = 32
export const NONCE_BYTES = 24
export const TAG_BYTES = 16
const HALF = NONCE_BYTES / 2
const BLOCK = 16

/** A key with what is computed of it once. */
export interface XaesKey {
  readonly key: Buffer
  /** The first subkey of CMAC (SP 800-38B, 6.1). */
  readonly subkey: Buffer
}

export function xaesKey(key: Buffer): XaesKey {
  const zero = encryptBlocks(key, Buffer.alloc(BLOCK))
  const doubled = (BigInt(`0x${zero.toString('hex')}`) << 1n) ^ (zero.readInt8(0) < 0 ? 0x87n : 0n)
  const digits = BigInt.asUintN(8 * BLOCK, doubled).toString(16)
  return { key, subkey: Buffer.from(digits.padStart(2 * BLOCK, '0'), 'hex') }
}

/** The ciphertext and its tag. `aad` is authenticated too. */
export function seal(key: XaesKey, nonce: Uint8Array, plain: Uint8Array, aad: Uint8Array): Buffer[] {
  const cipher = createCipheriv('aes-256-gcm', derived(key, nonce), nonce.subarray(HALF))
  cipher.setAAD(aad)
  return [cipher.update(plain), cipher.final(), cipher.getAuthTag()]
}

/** What was encrypted. Throws when a byte of it, of its tag or of `aad` is another. */
export function open(key: XaesKey, nonce: Uint8Array, sealed: Uint8Array, aad: Uint8Array): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', derived(key, nonce), nonce.subarray(HALF), { authTagLength: TAG_BYTES })
  decipher.setAAD(aad)
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES))
  const plain = decipher.update(sealed.subarray(0, sealed.length - TAG_BYTES))
  decipher.final()
  return plain
}

function derived({ key, subkey }: XaesKey, nonce: Uint8Array): Buffer {
  const blocks = Buffer.alloc(2 * BLOCK)
  for (const [i, at] of [0, BLOCK].entries()) {
    blocks.set([0, i + 1, 0x58, 0], at)
    blocks.set(nonce.subarray(0, HALF), at + 4)
    for (let j = 0; j < BLOCK; j++) blocks[at + j] = (blocks[at + j] as number) ^ (subkey[j] as number)
  }
  return encryptBlocks(key, blocks)
}

/** AES itself, a block at a time. */
function encryptBlocks(key: Buffer, blocks: Buffer): Buffer {
  return createCipheriv('aes-256-ecb', key, null).setAutoPadding(false).update(blocks)
}
