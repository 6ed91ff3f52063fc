import type { StoreRecord } from '../../types/store.ts'
import type { SqlResult, SqlValue, SqlValues } from './sql-statement.ts'

/** The statements that the verbs are made of. */
export type SqlVerb =
  | (
      | 'find'
      | 'findData'
      | 'create'
      | 'update'
      | 'touch'
      | 'delete'
      | 'deleteUnchanged'
      | 'firstExpired'
      | 'deleteExpired'
      | 'all'
      | 'count'
      | 'ownedKeys'
      | 'load'
    )
  | ('rename' | 'renameWithTrace' | 'deleteExpiredNew' | 'holds' | 'deleteOwnedBy')

/** What an engine has of its own: how values and errors look, and how a statement is sent. */
export interface SqlEngine {
  /** The store's name, for its errors. */
  readonly name: string
  /** What the client cannot recover from with the options that it has; undefined when there is no such thing. */
  readonly warning: string | undefined
  /** An expiry that no other is earlier than. */
  readonly earliest: SqlValue
  /** Sends the statement of a verb, which names the owner column or does not, unless `until` has passed when there is a connection. */
  run(verb: SqlVerb, owner: boolean, values: SqlValues, until: number): Promise<SqlResult>
  /** A record as values. Throws a RangeError for what the engine cannot hold, before anything is sent. */
  toData(data: Uint8Array): SqlValue
  toExpiry(expiresAt: number): SqlValue
  toOwner(owner: string): SqlValue
  /** An expiry that `firstExpired` found, as a value. */
  toPosition(expiry: unknown): SqlValue
  /** The bytes of a row, as its first column has them. */
  fromData(data: unknown): Uint8Array
  /** The first columns of a row: data, expiry and owner. */
  toRecord(row: readonly unknown[]): StoreRecord
  /** Whether an error says that a key is taken. */
  isTaken(error: unknown): boolean
  /** Whether an error says that there is no such column. */
  isNoColumn(error: unknown): boolean
  /** Whether an error is one that a repetition mends. */
  isPassing(error: unknown): boolean
}

/** The bytes as a Buffer, the same ones: a driver takes its own copy when it sends them. */
export function bufferOf(data: Uint8Array): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength)
}
