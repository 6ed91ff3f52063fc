import type { StoreEntry } from '../../types/store.ts'
import { RENEWAL_RECORD_MS, renewalKey } from '../token.ts'
import { type DataSettings, RENEWED_TO } from './record.ts'

/**
 * The renewal record: what a renewal leaves behind for a minute, so that a request that is still on its way with the old token can be
 * recognised. Its payload is an empty session, which any reader of the store can decode; a reserved key holds the key that the session moved to.
 */
export function makeRenewalRecord(settings: DataSettings, oldKey: string, newKey: string, now: number): StoreEntry {
  const expiresAt = now + RENEWAL_RECORD_MS
  return { key: renewalKey(oldKey), record: { data: settings.codec.encode(expiresAt, { [RENEWED_TO]: newKey }), expiresAt } }
}

/** The key that the session moved to; undefined when these bytes are no renewal record. */
export function readRenewalRecord(settings: DataSettings, data: Uint8Array): string | undefined {
  try {
    const key = settings.codec.decode(data).values[RENEWED_TO]
    return typeof key === 'string' ? key : undefined
  } catch {
    return undefined
  }
}
