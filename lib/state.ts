import type { SessionLogger } from '../types/options.ts'
import type { FoundRecord } from '../types/store.ts'
import { type Content, type DataSettings, foreignWriter, readRecord } from './data/record.ts'
import type { CachedToken, TokenCache } from './data/token-cache.ts'

/** A session that the store holds, and its content once the payload was read. */
export interface Stored {
  readonly kind: 'stored'
  readonly token: string
  readonly key: string
  readonly found: FoundRecord
  readonly content: Content | undefined
  readonly cached?: CachedToken | undefined
}

/** A stored session whose payload was read. */
export interface ReadStored extends Stored {
  readonly content: Content
}

/** What a request knows of its session in the store. See `StateKind` in `plan.ts` for what each means. */
export type State =
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown'; readonly keys: readonly string[] }
  | Stored
  | {
      readonly kind: 'broken'
      readonly token: string
      readonly key: string
      readonly data: Uint8Array
      readonly reason: 'deadline' | 'unreadable'
    }
  | { readonly kind: 'ended' }

/** What another library left with the client: see `adoption.ts`. */
export interface OldSession {
  /** Whether the reply must wait until it is settled. */
  readonly isPending: boolean
  /** Whether it is by its values alone that the session has its owner. */
  readonly bringsOwner: boolean
  /** To be called after a save that worked. Throws nothing. */
  settle(): Promise<void>
  /** Ends the old session, as a logout does. */
  end(): Promise<void>
}

export const NONE: State = { kind: 'none' }
export const ENDED: State = { kind: 'ended' }
/** No key: it was not renewed from anything of ours. */
const FOREIGN: State = { kind: 'unknown', keys: [] }

/** The settings that reading a stored session needs. */
interface StateSettings extends DataSettings {
  readonly clock: () => number
  readonly tokenCache: TokenCache
  readonly log: SessionLogger
}

const NO_KEYS: readonly string[] = []

/** Those that have warned of the payloads of another codec. */
const warned = new WeakSet<StateSettings>()

/** Whether a session that was not read is one of another codec. Warns of it. */
export function isForeign(settings: StateSettings, data: Uint8Array): boolean {
  const cause = foreignWriter(settings, data)
  if (cause !== undefined) warnOfForeign(settings, cause)
  return cause !== undefined
}

/** Warns once, because each client that comes may be one of these. */
function warnOfForeign(settings: StateSettings, cause: string): void {
  if (warned.has(settings)) return
  warned.add(settings)
  settings.log.warn({ cause }, `a stored session is left alone, and its client is a stranger: ${cause}`)
}

/**
 * Reads the payload of a stored session. The new state is `broken` when it cannot be read, and `unknown` when another codec wrote it: it is
 * nobody's session here.
 */
export function readState(state: Stored, settings: StateSettings, log: SessionLogger): State {
  const { token, key, found, cached } = state
  const content = readRecord(settings, found.data, settings.clock(), cached)
  // Spreading the object is measurably slower.
  if (!('unreadable' in content)) return { kind: 'stored', token, key, found, content, cached }
  settings.tokenCache.forget(token)
  if (content.isForeign) {
    warnOfForeign(settings, content.unreadable)
    return FOREIGN
  }
  log.warn({ reason: content.unreadable }, 'a stored session could not be read and was replaced by a new one')
  return { kind: 'broken', token, key, data: found.data, reason: content.isOver ? 'deadline' : 'unreadable' }
}

/** The keys under which no session was found or could be read: it may have been renewed meanwhile. */
export function missingKeys(state: State): readonly string[] {
  if (state.kind === 'unknown') return state.keys
  return state.kind === 'broken' ? [state.key] : NO_KEYS
}
