import { hash, randomBytes } from 'node:crypto'

/** How long a renewal record stays: a request that takes longer than this minute is not expected. */
export const RENEWAL_RECORD_MS = 60_000

const TOKEN = /^[A-Za-z0-9_-]{43}$/

/** A new token: 32 bytes of the system's random generator in base64url, 43 characters, as SCS makes them. */
export function newToken(): string {
  return randomBytes(32).toString('base64url')
}

/** Whether a string has the shape of a token. No other string is looked up. */
export function isToken(value: string): boolean {
  return TOKEN.test(value)
}

/** The SHA-256 of a token's characters, for a store that must not see tokens (SCS's HashTokenInStore). */
export function hashToken(token: string): string {
  return hash('sha256', token, 'base64url')
}

/** The key of a token, by the option `hashToken`. */
export function keyOf(settings: { readonly hashToken: boolean }, token: string): string {
  return settings.hashToken ? hashToken(token) : token
}

/**
 * The keys to look a token up under. While tokens are migrated to hashes its session may be under the token itself; and under the hash again,
 * should it have moved between two look-ups.
 */
export function keysOf(settings: { readonly hashToken: boolean; readonly findsPlain: boolean }, token: string): readonly string[] {
  const key = keyOf(settings, token)
  return settings.findsPlain ? [key, token, key] : [key]
}

/**
 * The public id of a session, which is not secret. It is shorter than a token, and another hash of the key, so that it is never taken for a
 * token or for a key, whatever `hashToken` is.
 */
export function publicId(key: string): string {
  return hash('sha256', `scs:id:${key}`, 'base64url').slice(0, 22)
}

/** The key of the record in which the logins of an owner reserve places. It begins like those of renewal records, which no listing shows. */
export function reservationKey(owner: string): string {
  return `;${hash('sha256', `scs:limit:${owner}`, 'base64url').slice(0, 42)}`
}

/**
 * The key of the renewal record. A semicolon ends a cookie's value (RFC 6265, 4.1.1), so no client can present this key to any
 * implementation; 42 more characters fill the CHAR(43) of SCS's tables.
 */
export function renewalKey(key: string): string {
  return `;${hash('sha256', `scs:trace:${key}`, 'base64url').slice(0, 42)}`
}
