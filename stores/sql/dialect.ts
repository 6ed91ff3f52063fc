import type { SqlResult, SqlValues } from './statement.ts'

/** The statements of which the verbs are made. */
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

/** What differs between the databases: how values and errors look, and how a statement is sent. */
export interface SqlDialect {
  /** The store's name, for its errors. */
  readonly name: string
  /** A warning about a failure from which the client cannot recover as it is configured, if there is one. */
  readonly warning: string | undefined
  /**
   * Sends the statement of a verb, with or without the owner column, unless `until` has passed when a connection is free. Rejects with a RangeError,
   * before anything is sent, for a value that the table cannot hold.
   */
  run(verb: SqlVerb, owner: boolean, values: SqlValues, until: number): Promise<SqlResult>
  /** An owner as a value of a statement. Throws a RangeError for one that the database cannot hold. */
  toOwner(owner: string): string | Buffer
  /** The bytes from a row's column `data`. */
  fromData(data: unknown): Uint8Array
  /** The expiry from a row in epoch milliseconds, rounded down. */
  fromExpiry(expiry: unknown): number

  /** Whether an error says that the key exists already. */
  isTaken(error: unknown): boolean
  /** Whether an error says that there is no such table. */
  isNoTable(error: unknown): boolean
  /** Whether an error says that there is no such column. */
  isNoColumn(error: unknown): boolean
  /** Whether the same statement may succeed when it is sent again. */
  isTransient(error: unknown): boolean
}

/** A Buffer on the same bytes: a driver copies them when it sends them. */
export function bufferOf(data: Uint8Array): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength)
}

/** The code of a database's error, a string or a number, as its driver reports it; undefined for any other error. */
export function codeOf(error: unknown, property: 'code' | 'errno'): unknown {
  return (error as Partial<Record<'code' | 'errno', unknown>> | null | undefined)?.[property]
}
