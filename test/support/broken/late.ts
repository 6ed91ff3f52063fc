import type { StoreEntry, StoreRecord } from '../../../types/store.ts'
import { type BrokenStore, ReferenceStore } from '../reference-store.ts'

/** Does whatever it is told, and whenever. */
class Heedless extends ReferenceStore {
  override create(key: string, record: StoreRecord) {
    return super.create(key, record)
  }
  override update(key: string, previous: Uint8Array, record: StoreRecord) {
    return super.update(key, previous, record)
  }
  override rename(oldKey: string, newKey: string, previous: Uint8Array, record: StoreRecord, trace?: StoreEntry) {
    return super.rename(oldKey, newKey, previous, record, trace)
  }
  override touch(key: string, previous: Uint8Array, expiresAt: number) {
    return super.touch(key, previous, expiresAt)
  }
  override delete(key: string, previous?: Uint8Array) {
    return super.delete(key, previous)
  }
  override deleteOwnedBy(owner: string, exceptKey?: string) {
    return super.deleteOwnedBy(owner, exceptKey)
  }
}

/** Lets nobody wait in vain, but works on: what it reports as a failure is carried out a little later. */
class WorkingOn extends ReferenceStore {
  override create(key: string, record: StoreRecord, until?: number) {
    return this.#race(() => super.create(key, record), until)
  }
  override update(key: string, previous: Uint8Array, record: StoreRecord, until?: number) {
    return this.#race(() => super.update(key, previous, record), until)
  }
  override delete(key: string, previous?: Uint8Array, until?: number) {
    return this.#race(() => super.delete(key, previous), until)
  }
  #race<T>(work: () => T, until = Number.POSITIVE_INFINITY): T {
    if (Date.now() < until) return work()
    setImmediate(work)
    throw new Error('timed out')
  }
}

/** Does nothing that comes too late, and says that it did. */
class Pretending extends ReferenceStore {
  override touch(key: string, previous: Uint8Array, expiresAt: number, until = Number.POSITIVE_INFINITY) {
    return until <= Date.now() || super.touch(key, previous, expiresAt)
  }
  override deleteOwnedBy(owner: string, exceptKey?: string, until = Number.POSITIVE_INFINITY) {
    return until <= Date.now() ? 1 : super.deleteOwnedBy(owner, exceptKey)
  }
}

/** Looks at the time of what comes alone, and takes what waits along with what comes. */
class Batching extends ReferenceStore {
  #busy = 0
  override async create(key: string, record: StoreRecord, until?: number) {
    this.#busy++
    await Promise.resolve()
    const created = super.create(key, record, this.#busy > 1 ? undefined : until)
    this.#busy--
    return created
  }
}

/** Stores that carry out what comes too late. */
export const brokenLate: readonly BrokenStore[] = [
  ['create ignores until', 'create that comes too late adds nothing', Heedless],
  ['update ignores until', 'update that comes too late replaces nothing', Heedless],
  ['rename ignores until', 'rename that comes too late moves nothing and leaves no trace', Heedless],
  ['touch ignores until', 'touch that comes too late prolongs nothing', Heedless],
  ['delete ignores until', 'delete that comes too late removes nothing', Heedless],
  ['delete ignores until', 'delete with the bytes that were loaded removes nothing when it comes too late', Heedless],
  ['deleteOwnedBy ignores until', 'deleteOwnedBy that comes too late removes nothing', Heedless],
  ['create fails and works on', 'create that comes too late adds nothing', WorkingOn],
  ['update fails and works on', 'update that comes too late replaces nothing', WorkingOn],
  ['delete fails and works on', 'delete that comes too late removes nothing', WorkingOn],
  ['touch says that it did what it did not', 'touch that comes too late prolongs nothing', Pretending],
  ['deleteOwnedBy says that it did what it did not', 'deleteOwnedBy that comes too late removes nothing', Pretending],
  [
    'what comes too late is taken along with what comes in time',
    'of many at once, those that come too late do nothing, and the others are carried out',
    Batching,
  ],
]
