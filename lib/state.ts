import type { SessionLogger } from '../types/options.ts'
import type { FoundRecord } from '../types/store.ts'
import { type Content, type DataSettings, readRecord } from './data/record.ts'
import type { CachedToken, TokenCache } from './data/token-cache.ts'

/** The session of the store, with its payload once that was read. */
export interface Stored {
  readonly kind: 'stored'
  readonly token: string
  readonly key: string
  readonly found: FoundRecord
  readonly content: Content | undefined
  readonly cached?: CachedToken | undefined
}

/** One whose payload was read. */
export interface ReadStored extends Stored {
  readonly content: Content
}

/** What a request knows of its session in the store. See `StateKind` in `plan.ts` for what each means. */
export type State =
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown'; readonly keys: readonly string[] }
  | Stored
  | { readonly kind: 'broken'; readonly key: string; readonly data: Uint8Array }
  | { readonly kind: 'ended' }

export const NONE: State = { kind: 'none' }
export const ENDED: State = { kind: 'ended' }

/** The settings that reading a stored session needs. */
interface StateSettings extends DataSettings {
  readonly clock: () => number
  readonly tokenCache: TokenCache
}

const NO_KEYS: readonly string[] = []

/** Reads the payload of a stored session; one that cannot be read is broken from then on. */
export function readState(state: Stored, settings: StateSettings, log: SessionLogger): State {
  const { token, key, found, cached } = state
  const content = readRecord(settings, found.data, settings.clock(), cached)
  // Copied with three dots it costs a read more.
  if (!('unreadable' in content)) return { kind: 'stored', token, key, found, content, cached }
  settings.tokenCache.forget(token)
  log.warn({ reason: content.unreadable }, 'a stored session could not be read and was replaced by a new one')
  return { kind: 'broken', key, data: found.data }
}

/** The keys under which there is no session, or none any more: it may have been renewed meanwhile. */
export function missingKeys(state: State): readonly string[] {
  if (state.kind === 'unknown') return state.keys
  return state.kind === 'broken' ? [state.key] : NO_KEYS
}
