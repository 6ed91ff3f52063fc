import { createHash } from 'node:crypto'
import type { StoreRecord } from '../../types/store.ts'

/** A record as it is stored. */
export interface Row {
  readonly key: string
  /** The stored bytes. Two records are equal if these are. */
  readonly value: Buffer
  readonly record: StoreRecord
}

// The value: the format (1 byte), expiresAt (a double, big endian), the owner's length in bytes (4), the owner in UTF-8, the data.
const FORMAT = 1
const EXPIRES_AT = 1
const OWNER_LENGTH = 9
const OWNER = 13
const NO_OWNER = 0xffffffff

/** How many bytes of an owner's digest are in the index. The record itself has the whole owner. */
const OWNER_PREFIX = 16
const EXPIRY_PREFIX = 8
/** Sorts after every key, because keys are ASCII. */
const END = Buffer.of(0xff)

/** The row of a record, with a copy of its bytes. */
export function rowOf(key: string, { data, expiresAt, owner }: StoreRecord): Row {
  const text = Buffer.from(owner ?? '')
  const value = Buffer.allocUnsafe(OWNER + text.length + data.length)
  value.writeUInt8(FORMAT)
  value.writeDoubleBE(expiresAt, EXPIRES_AT)
  value.writeUInt32BE(owner === undefined ? NO_OWNER : text.length, OWNER_LENGTH)
  value.set(text, OWNER)
  value.set(data, OWNER + text.length)
  return readRow(key, value)
}

/** The row in a stored value. Throws for a format that this release does not know. */
export function readRow(key: string, value: Buffer): Row {
  if (value[0] !== FORMAT) throw new Error(`LmdbStore: a session of format ${value[0]}, written by another release or another program`)
  const expiresAt = value.readDoubleBE(EXPIRES_AT)
  const length = value.readUInt32BE(OWNER_LENGTH)
  if (length === NO_OWNER) return { key, value, record: { data: value.subarray(OWNER), expiresAt } }
  const from = OWNER + length
  return { key, value, record: { data: value.subarray(from), expiresAt, owner: value.toString('utf8', OWNER, from) } }
}

/** A key for LMDB. */
export function toKey(key: string): Buffer {
  return Buffer.from(key, 'latin1')
}

/** A key from LMDB. */
export function toText(key: Buffer): string {
  return key.toString('latin1')
}

/** The range of the renewal records among the records. */
export function everyRenewalRecord(): { start: Buffer; end: Buffer } {
  return { start: toKey(';'), end: toKey('<') }
}

/** A row's entry in the index by expiry. The bytes of doubles sort as their values do, as long as these are not negative. */
export function expiryKey({ key, record }: Row): Buffer {
  return Buffer.concat([expiryPrefix(record.expiresAt), toKey(key)])
}

/** The session's key in an entry of the index by expiry. */
export function expiringKey(indexed: Buffer): string {
  return indexed.toString('latin1', EXPIRY_PREFIX)
}

/** The range of the index by expiry that has expired by `now`. */
export function expiredBy(now: number): { start: Buffer; end: Buffer } {
  return { start: expiryPrefix(0), end: Buffer.concat([expiryPrefix(now), END]) }
}

/** An entry in the index by owner. It has a digest, because an owner may be longer than a key of LMDB. */
export function ownerKey(owner: string, key: string): Buffer {
  return Buffer.concat([ownerPrefix(owner), toKey(key)])
}

/** The session's key in an entry of the index by owner. */
export function ownedKey(indexed: Buffer): string {
  return indexed.toString('latin1', OWNER_PREFIX)
}

/** The range of the index by owner with an owner's sessions, and possibly those of another whose digest begins alike. */
export function ownedBy(owner: string): { start: Buffer; end: Buffer } {
  const start = ownerPrefix(owner)
  return { start, end: Buffer.concat([start, END]) }
}

function expiryPrefix(moment: number): Buffer {
  const prefix = Buffer.allocUnsafe(EXPIRY_PREFIX)
  prefix.writeDoubleBE(moment > 0 ? moment : 0)
  return prefix
}

function ownerPrefix(owner: string): Buffer {
  return createHash('sha256').update(owner).digest().subarray(0, OWNER_PREFIX)
}
