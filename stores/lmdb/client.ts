/** A range of the keys of a database: from `start` up to and without `end`. */
export interface LmdbRange {
  readonly start?: Uint8Array
  readonly end?: Uint8Array
  readonly limit?: number
}

/** The little that the store needs of one of lmdb's databases, opened for bytes. */
export interface LmdbDatabase {
  getBinary(key: Buffer): Buffer | undefined
  putSync(key: Buffer, value: Buffer): unknown
  removeSync(key: Buffer): unknown
  getRange(range: LmdbRange): Iterable<{ key: Buffer; value: Buffer }>
  getKeys(range: LmdbRange): Iterable<Buffer>
  getKeysCount(range: LmdbRange): number
  getStats(): object
  resetReadTxn(): void
}

/** The little that the store needs of an environment: what `open` of lmdb 3.5 or later gives. */
export interface LmdbEnvironment {
  openDB(name: string, options: { encoding: 'binary'; keyEncoding: 'binary'; compression: false }): LmdbDatabase
  childTransaction<T>(action: () => T): Promise<T>
  readonly committed: PromiseLike<unknown>
  /** Frees what processes held that are gone. */
  readerCheck(): unknown
  close(): Promise<void>
}
