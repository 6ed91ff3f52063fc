import { setImmediate as turn } from 'node:timers/promises'
import type { SessionStore, StoreEntry } from '../../types/store.ts'
import { BoltFile } from './bolt.ts'
import { counted } from './concurrently.ts'
import { FailedError } from './errors.ts'

/** The bytes before a payload: the expiry, in nanoseconds since 1970. */
const EXPIRY = 8
const NANOSECONDS = 1_000_000n
const PAGE = 10

/** The living sessions of a file of SCS's boltstore, in the order of their keys. */
async function* living(file: BoltFile): AsyncGenerator<StoreEntry> {
  let read = 0
  for (const { key, value } of file.sessions()) {
    if (++read % PAGE === 0) await turn()
    if (value.length < EXPIRY) throw new FailedError('the bolt file is damaged: a session has no expiry')
    const expiresAt = Number(value.readBigInt64BE(0) / NANOSECONDS)
    if (expiresAt > Date.now()) yield { key: String(key), record: { data: value.subarray(EXPIRY), expiresAt } }
  }
}

const readOnly = () => {
  throw new FailedError('a bolt file is only read')
}

const noOwners = () => {
  throw new FailedError('a bolt file keeps no owners: --owner-key says which key in a session names its owner')
}

/** A file of SCS's boltstore behind the contract of a store, as far as it can be read. It keeps no owners. */
export function boltStore(path: string): SessionStore {
  const file = new BoltFile(path)
  const writes = { find: readOnly, create: readOnly, update: readOnly, rename: readOnly, touch: readOnly, delete: readOnly }
  return {
    ...writes,
    deleteOwnedBy: readOnly,
    deleteExpired: readOnly,
    ownedBy: noOwners,
    all: () => living(file),
    count: () => counted(living(file)),
    close: () => file.close(),
  }
}
