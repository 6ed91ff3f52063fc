import type { StoreRecord } from '../types/store.ts'
import { TooLargeError } from './errors.ts'
import type { Settings } from './options.ts'
import type { Known } from './recent.ts'
import type { SchemaRules } from './schema.ts'
import { own } from './values.ts'

/** The reserved keys that the library itself uses. `__rememberMe` is SCS's. */
export const REMEMBER = '__rememberMe'
/** In a trace: the key that the session moved to. */
export const RENEWED_TO = '__renewedTo'

/** What sets a computed result apart from an equal one that another request computed. */
export const COMPUTED = '__computed'

/** The last deadline that a cookie can name: its `Expires` is the second after, and has four digits for the year. */
export const LAST_MOMENT = 253_402_300_798_999

/** Whether a key is the library's: refused at `put`, hidden everywhere, and left alone by schema and upgrade. */
export function isReserved(key: string): boolean {
  return key.charCodeAt(0) === 0x5f && key.charCodeAt(1) === 0x5f
}

/** Set by a save that changed the cookie where no reply could say so: the next reply that can sends the cookie and removes this. */
export const COOKIE_DUE = '__cookieDue'

export type Values = Readonly<Record<string, unknown>>

/** A session's content, read. */
export interface Content {
  readonly deadline: number
  readonly values: Values
}

/** A record that is no session, and why. */
export interface Unreadable {
  readonly unreadable: string
}

/**
 * Reads a record: decodes it, holds its deadline against the clock and its values against the schema, and lets `upgrade` mend those.
 *
 * @param known what there is already of a session that is likely to be read again soon
 */
export function readRecord(settings: Settings, data: Uint8Array, now: number, known?: Known): Content | Unreadable {
  const decoded = known?.sessionOf(data)
  let content: Content
  try {
    content = decoded ?? settings.codec.decode(data)
  } catch {
    // The codec's words are left out: they may quote the payload.
    return { unreadable: 'its bytes do not decode' }
  }
  if (!(content.deadline > now)) return { unreadable: 'its deadline has passed' }
  if (content.deadline > LAST_MOMENT) return { unreadable: 'its deadline is after the year 9999' }
  const { schema } = settings
  if (schema === undefined || fits(schema, content.values)) {
    if (decoded === undefined && settings.keepsDecoded) known?.keep(data, content)
    return content
  }
  // `upgrade` may change what it is given.
  if (decoded !== undefined) return readRecord(settings, data, now)
  const mended = upgraded(settings, content.values)
  return mended === undefined ? { unreadable: 'the schema refuses its values' } : { deadline: content.deadline, values: mended }
}

/** A refinement of the application's may throw on what an older release stored: then it does not fit. */
function fits(schema: SchemaRules, values: Readonly<Record<string, unknown>>): boolean {
  try {
    return schema.fits(values)
  } catch {
    return false
  }
}

function upgraded(settings: Settings, stored: Record<string, unknown>): Record<string, unknown> | undefined {
  const { upgrade, schema, maxBytes } = settings
  if (upgrade === undefined) return undefined
  const [reserved, given] = split(stored)
  try {
    const values = { ...reserved, ...split(upgrade(given))[1] }
    for (const key of Object.keys(values)) values[key] = own(values[key], key, maxBytes).value
    return schema !== undefined && fits(schema, values) ? values : undefined
  } catch {
    return undefined
  }
}

function split(values: Record<string, unknown>): [reserved: Record<string, unknown>, visible: Record<string, unknown>] {
  const entries = Object.entries(values)
  return [
    Object.fromEntries(entries.filter(([key]) => isReserved(key))),
    Object.fromEntries(entries.filter(([key, value]) => !isReserved(key) && value !== undefined)),
  ]
}

/** The value under a key of its own. */
export function valueAt(values: Values, key: string): unknown {
  return Object.hasOwn(values, key) ? values[key] : undefined
}

/** How long a session with these values lives at most. */
export function lifetimeOf({ remember, lifetime }: Settings, values: Values): number {
  return remember !== undefined && values[REMEMBER] === true ? remember.lifetime : lifetime
}

/** How long a session with these values may be idle; undefined: as long as it lives. Of values that were not read: the longest that there is. */
export function idleTimeoutOf({ remember, idleTimeout }: Settings, values: Values | undefined): number | undefined {
  if (remember === undefined || (values !== undefined && values[REMEMBER] !== true)) return idleTimeout
  if (values !== undefined || idleTimeout === undefined) return remember.idleTimeout
  return Math.max(idleTimeout, remember.idleTimeout ?? 0)
}

/** Whether there is anything to keep: an application's value. The library's own make no session. */
export function hasVisible(values: Readonly<Record<string, unknown>>): boolean {
  for (const key in values) {
    if (!isReserved(key)) return true
  }
  return false
}

/** The record of a session. Throws `FST_ERR_SCS_TOO_LARGE`. */
export function makeRecord(settings: Settings, content: Content, expiresAt: number): StoreRecord {
  const data = settings.codec.encode(content.deadline, content.values)
  if (data.byteLength > settings.maxBytes) throw new TooLargeError(String(data.byteLength), settings.maxBytes)
  return { data, expiresAt, owner: ownerOf(settings, content.values) }
}

/** Whose session these values are: the text of the value under the option `owner`. */
export function ownerOf(settings: Settings, values: Readonly<Record<string, unknown>>): string | undefined {
  const { owner } = settings
  if (owner === undefined || !Object.hasOwn(values, owner)) return undefined
  return ownerText(values[owner])
}

/** An owner as stores know it: 7, 7n and '7' are one. Undefined for what names nobody. */
export function ownerText(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' ? String(value) : undefined
}
