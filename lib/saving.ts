import type { Answer, FoundRecord } from '../types/store.ts'
import type { Draft } from './data/draft.ts'
import { type Content, readRecord } from './data/record.ts'
import type { CachedToken } from './data/token-cache.ts'
import { SupersededError } from './errors.ts'
import type { CookieChange } from './exchange.ts'
import type { Settings } from './settings.ts'
import type { UnitOfWork } from './unit-of-work.ts'

/** Only a store that refuses every write gets here before the time is up. */
export const MAX_TRIES = 1000

/** A save of a stored session. */
export interface Saving {
  readonly work: UnitOfWork
  readonly draft: Draft
  /** What the request has seen in the store. */
  readonly seen: Stand
  /** The token that the client has. */
  readonly token: string
  readonly cached: CachedToken | undefined
  readonly sendsCookie: boolean
  readonly until: number
}

/** What the store holds as far as is known: under which key, and its content. */
export interface Stand {
  readonly from: string
  readonly found: FoundRecord
  readonly base: Content
  /** Whether the request has seen it. */
  readonly isSeen: boolean
}

/** What is left to do once a session is written, and others may write it. */
export type Finish = () => Answer<CookieChange>

/** What a save begins with, given what is in the store. */
export function standOn(settings: Settings, from: string, found: FoundRecord): Stand {
  const base = readRecord(settings, found.data, settings.clock())
  if ('unreadable' in base) throw new SupersededError()
  return { from, found, base, isSeen: false }
}

/**
 * Caches what was saved as what these bytes decode to, so that the next request need not decode them. It is used for plain data alone, which comes back
 * from JSON as it went in.
 *
 * @param cached what is cached of this token; undefined for a token that is new
 */
export function cacheSaved(
  settings: Settings,
  token: string,
  key: string,
  data: Uint8Array,
  content: Content,
  cached: CachedToken | undefined,
): CachedToken | undefined {
  // While tokens are migrated no key is cached, because it changes.
  if (!settings.keepsDecoded || settings.findsPlain) return cached
  const mine = cached ?? settings.tokenCache.add(token, key)
  mine.keep(data, content)
  return mine
}
