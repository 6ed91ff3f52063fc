import { types } from 'node:util'
import type { SessionCodec } from '../../types/codec.ts'
import type { StoreRecord } from '../../types/store.ts'
import { TooLargeError, UpgradeError } from '../errors.ts'
import { isPlainObject } from '../options/checks.ts'
import type { Times } from '../options/times.ts'
import { foreignCause } from './other-codec.ts'
import type { SchemaRules } from './schema.ts'
import type { CachedToken } from './token-cache.ts'
import { seal, sealStored } from './values.ts'

/** The settings that say how sessions are encoded, and what may be in them. */
export interface DataSettings extends Times {
  readonly codec: SessionCodec
  /** Whether decoded sessions are cached: with the default codec alone, because another one may need to be called each time. */
  readonly keepsDecoded: boolean
  readonly schema: SchemaRules | undefined
  readonly upgrade: ((values: Record<string, unknown>) => Record<string, unknown>) | undefined
  readonly owner: string | undefined
  readonly maxBytes: number
}

/** The reserved keys that the library itself uses. `__rememberMe` is SCS's. */
export const REMEMBER = '__rememberMe'
/** In a renewal record: the key that the session moved to. */
export const RENEWED_TO = '__renewedTo'

/** A random mark, which makes a computed result differ from an equal one that another request computed. */
export const COMPUTED = '__computed'

/** The last deadline that a cookie can name: its `Expires` is the second after, and has four digits for the year. */
export const MAX_DEADLINE = 253_402_300_798_999

/** Whether a key is reserved for the library: `put` refuses it, it is hidden everywhere, and schema and upgrade do not see it. */
export function isReserved(key: string): boolean {
  return key.charCodeAt(0) === 0x5f && key.charCodeAt(1) === 0x5f
}

/** Set by a save that changed the cookie when no reply could send it. The next reply that can sends the cookie and removes this. */
export const COOKIE_DUE = '__cookieDue'

export type Values = Readonly<Record<string, unknown>>

/** The content of a session: its payload, decoded. */
export interface Content {
  readonly deadline: number
  readonly values: Values
}

/** A record that is no session, and why. */
export interface Unreadable {
  readonly unreadable: string
  /** Whether it was one until its deadline. */
  readonly isOver?: boolean
  /** Whether another codec wrote it: it is somebody else's session, and nobody removes it. */
  readonly isForeign?: boolean
}

/**
 * Reads a record: decodes it, checks the deadline, and checks the values against the schema, after `upgrade` where they need it. Throws
 * `FST_ERR_SCS_UPGRADE` when `upgrade` fails: such a record must be left as it is.
 *
 * @param cached what an earlier request may have decoded for the same token
 */
export function readRecord(settings: DataSettings, data: Uint8Array, now: number, cached?: CachedToken): Content | Unreadable {
  const decoded = cached?.sessionOf(data)
  let content: Content
  try {
    content = decoded ?? settings.codec.decode(data)
  } catch (error) {
    // The codec's words are left out: they may quote the payload.
    const foreign = foreignCause(error)
    return foreign === undefined ? { unreadable: 'its bytes do not decode' } : { unreadable: foreign, isForeign: true }
  }
  if (!(content.deadline > now)) return { unreadable: 'its deadline has passed', isOver: true }
  if (content.deadline > MAX_DEADLINE) return { unreadable: 'its deadline is after the year 9999' }
  const { schema, upgrade } = settings
  if (schema?.misfit(content.values) === undefined) {
    if (decoded === undefined && settings.keepsDecoded) cached?.keep(data, content)
    return content
  }
  if (upgrade === undefined) return { unreadable: 'the schema refuses its values' }
  // `upgrade` may change what it is given.
  if (decoded !== undefined) return readRecord(settings, data, now)
  const values = upgraded(upgrade, content.values, settings.maxBytes)
  const misfit = schema.misfit(values)
  return misfit === undefined
    ? { deadline: content.deadline, values }
    : { unreadable: `upgrade gave values that the schema refuses at ${misfit}` }
}

type Upgrade = NonNullable<DataSettings['upgrade']>

/** The values that `upgrade` makes of those stored. It neither sees nor changes the reserved ones. */
function upgraded(upgrade: Upgrade, stored: Record<string, unknown>, maxBytes: number): Record<string, unknown> {
  const [reserved, given] = split(stored)
  const values = { ...reserved, ...split(returned(upgrade, given))[1] }
  try {
    for (const key of Object.keys(values)) {
      const value = values[key]
      // A value that `upgrade` did not change came from the codec.
      values[key] = value === stored[key] ? sealStored(value, key).value : seal(value, key, maxBytes).value
    }
    return values
  } catch (cause) {
    throw new UpgradeError('returned what a session cannot keep', { cause })
  }
}

function returned(upgrade: Upgrade, given: Record<string, unknown>): Record<string, unknown> {
  let values: unknown
  try {
    values = upgrade(given)
    if (isPlainObject(values)) return { ...values }
  } catch (cause) {
    throw new UpgradeError('threw', { cause })
  }
  if (values === undefined) throw new UpgradeError('returned nothing')
  if (!types.isPromise(values)) throw new UpgradeError('returned something other than a plain object of values')
  // Nobody waits for it, so its rejection must not end the process.
  values.then(undefined, () => {})
  throw new UpgradeError('returned a promise, and it must return the values at once')
}

function split(values: Record<string, unknown>): [reserved: Record<string, unknown>, visible: Record<string, unknown>] {
  const entries = Object.entries(values)
  return [
    Object.fromEntries(entries.filter(([key]) => isReserved(key))),
    Object.fromEntries(entries.filter(([key, value]) => !isReserved(key) && value !== undefined)),
  ]
}

/** The value under a key; an inherited property is none. */
export function valueAt(values: Values, key: string): unknown {
  return Object.hasOwn(values, key) ? values[key] : undefined
}

/** How long a session with these values lives at most. */
export function lifetimeOf({ remember, lifetime }: DataSettings, values: Values): number {
  return remember !== undefined && values[REMEMBER] === true ? remember.lifetime : lifetime
}

/** How long a session with these values may be idle; undefined for no limit. For values that were not read, the longest that it may be. */
export function idleTimeoutOf({ remember, idleTimeout, longestIdle }: DataSettings, values: Values | undefined): number | undefined {
  if (values === undefined) return longestIdle
  return remember !== undefined && values[REMEMBER] === true ? remember.idleTimeout : idleTimeout
}

/** Whether there are values of the application. Reserved keys alone do not make a session. */
export function hasVisible(values: Readonly<Record<string, unknown>>): boolean {
  for (const key in values) {
    if (!isReserved(key)) return true
  }
  return false
}

export function isEmpty(values: Values): boolean {
  for (const _ in values) return false
  return true
}

/** The record of a session. Throws `FST_ERR_SCS_TOO_LARGE`. */
export function makeRecord(settings: DataSettings, content: Content, expiresAt: number): StoreRecord {
  const data = settings.codec.encode(content.deadline, content.values)
  if (data.byteLength > settings.maxBytes) throw new TooLargeError(String(data.byteLength), settings.maxBytes)
  return { data, expiresAt, owner: ownerOf(settings, content.values) }
}

/** The owner of a session with these values: the value under the key that the option `owner` names, as a string. */
export function ownerOf(settings: DataSettings, values: Readonly<Record<string, unknown>>): string | undefined {
  const { owner } = settings
  if (owner === undefined || !Object.hasOwn(values, owner)) return undefined
  return ownerText(values[owner])
}

/** An owner as stores know it: 7, 7n and '7' are the same. Undefined for a value that cannot name an owner. */
export function ownerText(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' ? String(value) : undefined
}

/** Whether another codec wrote these bytes. */
export function isForeign({ codec }: DataSettings, data: Uint8Array): boolean {
  try {
    codec.decode(data)
    return false
  } catch (error) {
    return foreignCause(error) !== undefined
  }
}
