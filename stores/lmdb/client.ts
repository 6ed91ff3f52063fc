/** A range of the keys of a database, from `start` to before `end`. */
export interface LmdbRange {
  readonly start?: Uint8Array
  readonly end?: Uint8Array
  readonly limit?: number
}

/** The part of an lmdb database that the store uses. */
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

/** The part of an environment that the store uses; `open` of lmdb 3.5 or later returns one. */
export interface LmdbEnvironment {
  openDB(name: string, options: { encoding: 'binary'; keyEncoding: 'binary'; compression: false }): LmdbDatabase
  childTransaction<T>(action: () => T): Promise<T>
  readonly committed: PromiseLike<unknown>
  /** Releases what processes held that no longer exist. */
  readerCheck(): unknown
  close(): Promise<void>
}
