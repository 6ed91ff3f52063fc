import type { StoreRecord } from '../../types/store.ts'
import { checkedExpiry, checkedKey, checkedOwner } from '../shared/text.ts'
import { type Row, rowOf } from './row.ts'
import type { Tables } from './tables.ts'

/** A verb's answer, and the write that makes it true. */
export interface Decision<T> {
  readonly answer: T
  readonly change?: () => void
}

/** A verb: a decision on the current tables. It may be called more than once. */
export type Verb<T> = (tables: Tables) => Decision<T>

/**
 * The row of a caller's record. Throws a RangeError for a key or an owner that could be mistaken for another, and for an expiry that a Date cannot hold.
 */
export function checkedRow(key: string, record: StoreRecord): Row {
  if (record.owner !== undefined) checkedOwner(record.owner)
  checkedExpiry(record.expiresAt)
  return rowOf(checkedKey(key), record)
}

export function toCreate(row: Row): Verb<boolean> {
  return (tables) => {
    const found = tables.living(row.key)
    return found === undefined ? { answer: true, change: () => tables.put(row) } : { answer: isSame(found, row) }
  }
}

export function toUpdate(previous: Uint8Array, row: Row): Verb<boolean> {
  const loaded = Buffer.from(previous)
  return (tables) => {
    const found = tables.living(row.key)
    if (found === undefined) return { answer: false }
    if (isSame(found, row)) return { answer: true }
    return hasData(found, loaded) ? { answer: true, change: () => tables.put(row) } : { answer: false }
  }
}

export function toRename(oldKey: string, previous: Uint8Array, row: Row, trace?: Row): Verb<boolean> {
  const loaded = Buffer.from(previous)
  return (tables) => {
    const target = tables.living(row.key)
    if (target !== undefined) return { answer: isSame(target, row) }
    const found = tables.living(oldKey)
    if (found === undefined || !hasData(found, loaded)) return { answer: false }
    const change = () => {
      tables.remove(found)
      if (trace !== undefined) tables.put(trace)
      tables.put(row)
    }
    return { answer: true, change }
  }
}

export function toTouch(key: string, previous: Uint8Array, expiresAt: number): Verb<boolean> {
  checkedExpiry(expiresAt)
  const loaded = Buffer.from(previous)
  return (tables) => {
    const found = tables.living(key)
    if (found === undefined || !hasData(found, loaded)) return { answer: false }
    if (expiresAt <= found.record.expiresAt) return { answer: true }
    return { answer: true, change: () => tables.put(rowOf(key, { ...found.record, expiresAt })) }
  }
}

export function toDelete(key: string, previous?: Uint8Array): Verb<boolean> {
  const loaded = previous && Buffer.from(previous)
  return (tables) => {
    const found = tables.living(key)
    if (found === undefined || (loaded !== undefined && !hasData(found, loaded))) return { answer: false }
    return { answer: true, change: () => tables.remove(found) }
  }
}

export function toDeleteOwnedBy(owner: string, exceptKey?: string): Verb<number> {
  return (tables) => {
    const rows = tables.owned(owner, tables.keysOf(owner)).filter(({ key }) => key !== exceptKey)
    if (rows.length === 0) return { answer: 0 }
    const change = () => {
      for (const row of rows) tables.remove(row)
    }
    return { answer: rows.length, change }
  }
}

function isSame(one: Row, other: Row): boolean {
  return one.value.equals(other.value)
}

function hasData({ record }: Row, data: Buffer): boolean {
  return data.equals(record.data)
}
