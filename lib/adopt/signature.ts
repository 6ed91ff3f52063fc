import { createHmac, timingSafeEqual } from 'node:crypto'
import type { OldSecrets } from '../../types/adopt.ts'
import type { Test } from '../options/checks.ts'

/** The secrets as a list. */
export function listOf(secrets: OldSecrets): ReadonlyArray<string | Uint8Array> {
  return typeof secrets === 'string' || secrets instanceof Uint8Array ? [secrets] : secrets
}

/** A key that may be written in base64. */
export function bytesOf(key: string | Uint8Array): Uint8Array {
  return typeof key === 'string' ? Buffer.from(key, 'base64') : key
}

const isSecret = (value: unknown) => (typeof value === 'string' || value instanceof Uint8Array) && value.length > 0

/** The rule of an option with secrets. */
export const SECRETS: readonly [Test, string] = [
  (value) => {
    const list = Array.isArray(value) ? value : [value]
    return list.length > 0 && list.every(isSecret)
  },
  'must be a secret, or a list of them',
]

/** Compares without telling by the time how much was right. */
export function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** The text before the last dot, when what follows is its HMAC in base64 by one of the secrets; otherwise undefined. */
export function unsign(signed: string, secrets: OldSecrets, algorithm = 'sha256'): string | undefined {
  const dot = signed.lastIndexOf('.')
  if (dot === -1) return undefined
  const value = signed.slice(0, dot)
  const isRight = listOf(secrets).some((secret) => isSame(signed.slice(dot + 1), hmac(algorithm, secret, value)))
  return isRight ? value : undefined
}

/** An HMAC in base64 without padding. */
export function hmac(algorithm: string, secret: string | Uint8Array, text: string | Uint8Array): string {
  return createHmac(algorithm, secret).update(text).digest('base64').replace(/=+$/, '')
}
