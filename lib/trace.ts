import type { StoreEntry } from '../types/store.ts'
import type { Settings } from './options.ts'
import { RENEWED_TO } from './record.ts'
import { TRACE_MS, traceKey } from './token.ts'

/**
 * What a renewal leaves behind for a minute, so that requests still on their way with the old token can be told from strangers. Its payload
 * is an empty session, which any reader of the store can decode; the key that the session moved to is under a reserved name.
 */
export function makeTrace(settings: Settings, oldKey: string, newKey: string, now: number): StoreEntry {
  const expiresAt = now + TRACE_MS
  return { key: traceKey(oldKey), record: { data: settings.codec.encode(expiresAt, { [RENEWED_TO]: newKey }), expiresAt } }
}

/** The key that a trace names. */
export function readTrace(settings: Settings, data: Uint8Array): string | undefined {
  try {
    const key = settings.codec.decode(data).values[RENEWED_TO]
    return typeof key === 'string' ? key : undefined
  } catch {
    return undefined
  }
}
