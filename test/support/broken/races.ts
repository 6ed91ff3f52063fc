import type { StoreEntry, StoreRecord } from '../../../types/store.ts'
import { type BrokenStore, equal, ReferenceStore } from '../reference-store.ts'

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

/** Stores that do in two steps what has to be one. */
export const brokenRaces: readonly BrokenStore[] = [
  [
    'create looks, then writes',
    'of 50 creates of one key at once, exactly one wins',
    class extends ReferenceStore {
      override async create(key: string, record: StoreRecord) {
        if (this.living(key)) return this.holds(key, record)
        await turn()
        return this.keep(key, record)
      }
    },
  ],
  [
    'create removes an expired record, then writes',
    'of 50 creates over one expired record at once, exactly one wins',
    class extends ReferenceStore {
      override async create(key: string, record: StoreRecord) {
        if (!this.records.has(key) || this.living(key)) return super.create(key, record)
        await turn()
        return this.keep(key, record)
      }
    },
  ],
  [
    'update compares, then writes',
    'of 50 updates from the same bytes at once, exactly one wins',
    class extends ReferenceStore {
      override async update(key: string, previous: Uint8Array, record: StoreRecord) {
        if (!this.loaded(key, previous)) return this.holds(key, record)
        await turn()
        return this.keep(key, record)
      }
    },
  ],
  [
    'update compares, then writes what was deleted meanwhile',
    'no update that races a delete brings the record back',
    class extends ReferenceStore {
      override async update(key: string, previous: Uint8Array, record: StoreRecord) {
        if (!this.loaded(key, previous)) return this.holds(key, record)
        await turn()
        return this.living(key) ? super.update(key, previous, record) : this.keep(key, record)
      }
    },
  ],
  [
    'update answers before it knows',
    'of a rename and an update from the same bytes at once, exactly one wins',
    class extends ReferenceStore {
      override async update(key: string, previous: Uint8Array, record: StoreRecord) {
        const same = this.loaded(key, previous) !== undefined
        await turn()
        return super.update(key, previous, record) || same
      }
    },
  ],
  [
    'touch reads, then writes',
    'no touch that races a delete brings the record back',
    class extends ReferenceStore {
      override async touch(key: string, previous: Uint8Array, expiresAt: number) {
        const record = this.loaded(key, previous)
        await turn()
        return record !== undefined && this.keep(key, { ...record, expiresAt: Math.max(expiresAt, record.expiresAt) })
      }
    },
  ],
  [
    'rename compares, then moves',
    'of 50 renames of one key at once, exactly one wins, and the trace is the winner’s',
    class extends ReferenceStore {
      override async rename(oldKey: string, newKey: string, previous: Uint8Array, record: StoreRecord, trace?: StoreEntry) {
        if (!this.loaded(oldKey, previous) || this.living(newKey)) return this.holds(newKey, record)
        await turn()
        this.records.delete(oldKey)
        if (trace) this.keep(trace.key, trace.record)
        return this.keep(newKey, record)
      }
    },
  ],
  [
    'rename writes though the old key was deleted meanwhile',
    'of a rename and a delete of one key at once, exactly one wins',
    class extends ReferenceStore {
      override async rename(oldKey: string, newKey: string, previous: Uint8Array, record: StoreRecord, trace?: StoreEntry) {
        if (!this.loaded(oldKey, previous) || this.living(newKey)) return this.holds(newKey, record)
        await turn()
        if (trace) this.keep(trace.key, trace.record)
        this.keep(newKey, record)
        this.records.delete(oldKey)
        return true
      }
    },
  ],
  [
    'rename writes the new key before it ends the old one',
    'at no moment of a rename do both keys work',
    class extends ReferenceStore {
      override async rename(oldKey: string, newKey: string, previous: Uint8Array, record: StoreRecord, trace?: StoreEntry) {
        if (!this.loaded(oldKey, previous) || this.living(newKey)) return this.holds(newKey, record)
        this.keep(newKey, record)
        await turn()
        return this.records.delete(oldKey) && (!trace || this.keep(trace.key, trace.record))
      }
    },
  ],
  [
    'rename leaves its trace afterwards',
    'the trace of a rename is there as soon as the old key is dead',
    class extends ReferenceStore {
      override async rename(oldKey: string, newKey: string, previous: Uint8Array, record: StoreRecord, trace?: StoreEntry) {
        const renamed = await super.rename(oldKey, newKey, previous, record)
        await turn()
        return renamed && (!trace || this.keep(trace.key, trace.record))
      }
    },
  ],
  [
    'delete looks, then removes',
    'of 50 deletes of one record at once, exactly one says that it was there',
    class extends ReferenceStore {
      override async delete(key: string, previous?: Uint8Array) {
        const record = previous ? this.loaded(key, previous) : this.living(key)
        await turn()
        this.records.delete(key)
        return record !== undefined
      }
    },
  ],
  [
    'deleteOwnedBy lists, then deletes',
    'deleteOwnedBy misses none that is renamed meanwhile, not even again and again',
    class extends ReferenceStore {
      override async deleteOwnedBy(owner: string, exceptKey?: string) {
        const keys = this.entries().filter((entry) => entry.record.owner === owner && entry.key !== exceptKey)
        await turn()
        return keys.filter((entry) => this.records.delete(entry.key)).length
      }
    },
  ],
  [
    'deleteOwnedBy deletes what it listed only unchanged',
    'deleteOwnedBy misses none that is updated or touched meanwhile',
    class extends ReferenceStore {
      override async deleteOwnedBy(owner: string, exceptKey?: string) {
        const found = this.entries().filter((entry) => entry.record.owner === owner && entry.key !== exceptKey)
        await turn()
        const same = found.filter(({ key, record }) => equal(this.living(key)?.data ?? new Uint8Array(), record.data))
        return same.filter(({ key }) => this.records.delete(key)).length
      }
    },
  ],
  [
    'deleteOwnedBy drops the index after the records',
    'a record that is created while deleteOwnedBy runs is deleted or stays with its owner',
    class extends ReferenceStore {
      readonly #orphans = new Set<string>()
      override async deleteOwnedBy(owner: string, exceptKey?: string) {
        const removed = await super.deleteOwnedBy(owner, exceptKey)
        await turn()
        for (const { key } of super.entries()) if (key !== exceptKey) this.#orphans.add(key)
        return removed
      }
      override entries() {
        return super.entries().filter(({ key }) => !this.#orphans.has(key))
      }
    },
  ],
  [
    'deleteExpired lists, then deletes',
    'deleteExpired removes no record that is created over an expired one meanwhile',
    class extends ReferenceStore {
      override async deleteExpired(limit: number) {
        const expired = [...this.records.keys()].filter((key) => !this.living(key)).slice(0, limit)
        await turn()
        return expired.filter((key) => this.records.delete(key)).length
      }
    },
  ],
]
