import type { StoreRecord } from '../../types/store.ts'
import type { SqlResult, SqlValues } from './statement.ts'

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

/** What a database has of its own: how values and errors look, and how a statement is sent. */
export interface SqlDialect {
  /** The store's name, for its errors. */
  readonly name: string
  /** What the client cannot recover from with the options that it has; undefined when there is no such thing. */
  readonly warning: string | undefined
  /**
   * Sends the statement of a verb, which names the owner column or does not, unless `until` has passed when there is a connection. Rejects with a
   * RangeError for what the table cannot hold, before that is sent.
   */
  run(verb: SqlVerb, owner: boolean, values: SqlValues, until: number): Promise<SqlResult>
  /** An owner as a value. Throws a RangeError for one that the database cannot hold. */
  toOwner(owner: string): string | Buffer
  /** The bytes of a row, as its first column has them. */
  fromData(data: unknown): Uint8Array
  /** An expiry of a row in epoch milliseconds, rounded down. */
  fromExpiry(expiry: unknown): number
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

/** The code that a driver gives an error of the database, a string or a number; undefined for any other error. */
export function codeOf(error: unknown, property: 'code' | 'errno'): unknown {
  return (error as Partial<Record<'code' | 'errno', unknown>> | null | undefined)?.[property]
}
