import type { SessionCodec, SessionTypes } from '../../types/codec.ts'
import type { StoreRecord } from '../../types/store.ts'
import { TooLargeError, UpgradeError } from '../errors.ts'
import type { Times } from '../options/times.ts'
import { foreignCause } from './other-codec.ts'
import type { SchemaRules } from './schema.ts'
import type { CachedToken } from './token-cache.ts'
import { callUpgrade, type Upgrade } from './upgrade.ts'
import { isTyped, seal, sealStored, sealTyped } from './values.ts'

/** The settings that say how sessions are encoded, and what may be in them. */
export interface DataSettings extends Times {
  readonly codec: SessionCodec
  /** Whether decoded sessions are cached: with the default codec alone, because another one may need to be called each time. */
  readonly keepsDecoded: boolean
  readonly schema: SchemaRules | undefined
  readonly upgrade: Upgrade | undefined
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
  /** What the codec knows of the values, should it have types of its own. */
  readonly types?: SessionTypes | undefined
}

/** Content, with types should there be any. */
export function withTypes(deadline: number, values: Values, types: SessionTypes | undefined): Content {
  return types === undefined ? { deadline, values } : { deadline, values, types }
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
  const changed = upgraded(settings, upgrade, content)
  const misfit = schema.misfit(changed.values)
  return misfit === undefined ? changed : { unreadable: `upgrade gave values that the schema refuses at ${misfit}` }
}

/** The content that `upgrade` makes of what is stored. It neither sees nor changes the reserved values. */
function upgraded({ codec, maxBytes }: DataSettings, upgrade: Upgrade, { deadline, values: stored, types }: Content): Content {
  const [reserved, given] = split(stored)
  const values = { ...reserved, ...split(callUpgrade(upgrade, given))[1] }
  const keys = new Map(types?.keys)
  try {
    for (const key of Object.keys(values)) {
      const value = values[key]
      // A value that `upgrade` did not change came from the codec.
      if (value === stored[key]) values[key] = sealStored(value, key).value
      else if (isTyped(codec)) {
        const admitted = sealTyped(codec, key, value, maxBytes, keys.get(key))
        values[key] = admitted.value
        keys.set(key, admitted.type)
      } else values[key] = seal(value, key, maxBytes).value
    }
    return withTypes(deadline, values, types === undefined && keys.size === 0 ? undefined : { ...types, keys })
  } catch (cause) {
    throw new UpgradeError('returned what a session cannot keep', { cause })
  }
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

/** The values with one of them set, or removed when it is undefined. They are copied while they are still those of `base`, and changed else. */
export function withValue(values: Values, base: Values, key: string, value: unknown): Values {
  const changed: Record<string, unknown> = values === base ? { ...values } : values
  if (value === undefined) delete changed[key]
  else changed[key] = value
  return changed
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

/** When a session with this content expires: at its deadline, or earlier, at the moment that is kept or else after the idle timeout. */
export function expiryAt(settings: DataSettings, { deadline, values }: Content, kept: number | undefined, now: number): number {
  const idleTimeout = idleTimeoutOf(settings, values)
  return idleTimeout === undefined ? deadline : Math.min(deadline, kept ?? now + idleTimeout)
}

/** Whether there are values of the application. Reserved keys alone do not make a session. */
export function hasVisible(values: Readonly<Record<string, unknown>>): boolean {
  for (const key in values) {
    if (!isReserved(key)) return true
  }
  return false
}

/** The record of a session. Throws `FST_ERR_SCS_TOO_LARGE`. */
export function makeRecord(settings: DataSettings, content: Content, expiresAt: number): StoreRecord {
  const data = settings.codec.encode(content.deadline, content.values, content.types)
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

/** Who wrote these bytes, when another codec did. */
export function foreignWriter({ codec }: DataSettings, data: Uint8Array): string | undefined {
  try {
    codec.decode(data)
    return undefined
  } catch (error) {
    return foreignCause(error)
  }
}
