import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { open, type RootDatabase } from 'lmdb'
import { LmdbStore, type LmdbStoreOptions } from '../../stores/lmdb.ts'
import type { LocalStores } from './local-processes.ts'

/** What these helpers need of a test. tap's `t` has it. */
export interface Scope {
  teardown(work: () => unknown): unknown
}

/** A place for an environment, gone after the test. It does not exist yet. */
export function placeFor(t: Scope, name = 'sessions'): string {
  const folder = mkdtempSync(join(tmpdir(), 'scs-lmdb-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, name)
}

/** A store on a path, closed after the test. */
export function lmdbStore(t: Scope, path = placeFor(t), options: LmdbStoreOptions = {}): LmdbStore {
  const store = new LmdbStore(path, options)
  t.teardown(() => store.close())
  return store
}

/** An environment as a store takes it, closed after the test. The file may grow to `mapSize` without a new mapping. */
export function environmentAt(t: Scope, path: string, mapSize = 1 << 26): RootDatabase {
  const environment = open({ path, overlappingSync: false, maxDbs: 1000, mapSize })
  t.teardown(() => environment.close())
  return environment
}

/** Whether the indexes hold exactly what the records ask for: what is missing or too much, as text. Knows the layout by itself. */
export function disagreements(environment: RootDatabase, name = 'sessions'): string[] {
  environment.resetReadTxn()
  const table = (of: string) => environment.openDB<Buffer, Buffer>(of, { encoding: 'binary', keyEncoding: 'binary' })
  const hex = (parts: readonly Uint8Array[]) => Buffer.concat(parts).toString('hex')
  const wanted = new Set<string>()
  for (const { key, value } of table(name).getRange({})) {
    wanted.add(`expiry ${hex([value.subarray(1, 9), key])}`)
    const length = value.readUInt32BE(9)
    const digest = createHash('sha256').update(value.subarray(13, 13 + length))
    if (length !== 0xffffffff && key[0] !== 0x3b) wanted.add(`owner ${hex([digest.digest().subarray(0, 16), key])}`)
  }
  const there = new Set<string>()
  for (const index of ['expiry', 'owner']) for (const key of table(`${name}:${index}`).getKeys({})) there.add(`${index} ${hex([key])}`)
  const missing = [...wanted].filter((row) => !there.has(row)).map((row) => `missing: ${row}`)
  return [...missing, ...[...there].filter((row) => !wanted.has(row)).map((row) => `too much: ${row}`)]
}

/** The stores of this kind, for what several kinds share. */
export const lmdbStores: LocalStores = {
  kind: 'lmdb',
  path: placeFor,
  open: lmdbStore,
  damage: (t, path) => disagreements(environmentAt(t, path)),
}
