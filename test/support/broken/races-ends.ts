import type { StoreEntry, StoreRecord } from '../../../types/store.ts'
import { type BrokenStore, ReferenceStore } from '../reference-store.ts'

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

/** Deletes what is there by then. */
class ComparingFirst extends ReferenceStore {
  override async delete(key: string, previous?: Uint8Array) {
    if (!previous) return super.delete(key)
    if (!this.loaded(key, previous)) return false
    await turn()
    this.records.delete(key)
    return true
  }
}

/** Moves a session to a key that somebody else may have taken by then. */
class LookingFirst extends ReferenceStore {
  override async rename(oldKey: string, newKey: string, previous: Uint8Array, record: StoreRecord, trace?: StoreEntry) {
    if (!this.loaded(oldKey, previous) || this.living(newKey)) return this.holds(newKey, record)
    await turn()
    if (!this.loaded(oldKey, previous)) return false
    this.records.delete(oldKey)
    if (trace) this.keep(trace.key, trace.record)
    return this.keep(newKey, record)
  }
}

/** One verb after the other, within this instance. */
class Locking extends ReferenceStore {
  #last: Promise<unknown> = Promise.resolve()
  override create(key: string, record: StoreRecord) {
    return this.#alone(async () => {
      if (this.living(key)) return this.holds(key, record)
      await turn()
      return this.keep(key, record)
    })
  }
  override update(key: string, previous: Uint8Array, record: StoreRecord) {
    return this.#alone(async () => {
      if (!this.loaded(key, previous)) return this.holds(key, record)
      await turn()
      return this.keep(key, record)
    })
  }
  override delete(key: string) {
    return this.#alone(async () => {
      const isThere = this.living(key) !== undefined
      await turn()
      this.records.delete(key)
      return isThere
    })
  }
  #alone(work: () => Promise<boolean>): Promise<boolean> {
    const answer = this.#last.then(work)
    this.#last = answer
    return answer
  }
}

/** Stores whose `touch`, `delete` or `rename` undoes what is done meanwhile. */
export const brokenRacesEnds: readonly BrokenStore[] = [
  [
    'touch writes back what it read, where the key still lives',
    'no touch that races an update brings back what was replaced, or prolongs what replaces it',
    class extends ReferenceStore {
      override async touch(key: string, previous: Uint8Array, expiresAt: number) {
        const record = this.loaded(key, previous)
        await turn()
        if (!record || !this.living(key)) return false
        return this.keep(key, { ...record, expiresAt: Math.max(expiresAt, record.expiresAt) })
      }
    },
  ],
  [
    'touch prolongs whatever is there when it has compared',
    'no touch that races an update brings back what was replaced, or prolongs what replaces it',
    class extends ReferenceStore {
      override async touch(key: string, previous: Uint8Array, expiresAt: number) {
        if (!this.loaded(key, previous)) return false
        await turn()
        const record = this.living(key)
        return record !== undefined && this.keep(key, { ...record, expiresAt: Math.max(expiresAt, record.expiresAt) })
      }
    },
  ],
  [
    'touch writes back the owner that it read, where the bytes are the same',
    'no touch that races a change of the owner brings the old owner back',
    class extends ReferenceStore {
      override async touch(key: string, previous: Uint8Array, expiresAt: number) {
        const record = this.loaded(key, previous)
        await turn()
        if (!record || !this.loaded(key, previous)) return false
        return this.keep(key, { ...record, expiresAt: Math.max(expiresAt, record.expiresAt) })
      }
    },
  ],
  [
    'touch writes the old key again',
    'no touch that races a rename reaches the session under its old key or its new one',
    class extends ReferenceStore {
      override async touch(key: string, previous: Uint8Array, expiresAt: number) {
        const record = this.loaded(key, previous)
        await turn()
        return record !== undefined && this.keep(key, { ...record, expiresAt })
      }
    },
  ],
  [
    'touch compares moments with what it read',
    'of 20 touches at once, the latest moment holds',
    class extends ReferenceStore {
      override async touch(key: string, previous: Uint8Array, expiresAt: number) {
        const isLater = expiresAt > (this.loaded(key, previous)?.expiresAt ?? 0)
        await turn()
        const record = this.loaded(key, previous)
        if (!record) return false
        return isLater ? this.keep(key, { ...record, expiresAt }) : true
      }
    },
  ],
  [
    'delete compares, then deletes whatever is there',
    'of an update and a delete with the bytes that were loaded, at once, exactly one wins',
    ComparingFirst,
  ],
  [
    'delete compares, then deletes whatever is there',
    'of a rename and a delete with the bytes that were loaded, at once, exactly one wins',
    ComparingFirst,
  ],
  [
    'delete compares, then deletes whatever is there',
    'of 50 deletes with the bytes that were loaded, at once, exactly one says that it was there',
    ComparingFirst,
  ],
  [
    'delete compares, then deletes whatever is there',
    'no delete with the bytes that were loaded removes a record that takes the place of the old one meanwhile',
    ComparingFirst,
  ],
  [
    'delete compares the moment of expiry as well',
    'a touch does not make a delete with the bytes that were loaded fail',
    class extends ReferenceStore {
      override async delete(key: string, previous?: Uint8Array) {
        const record = this.living(key)
        await turn()
        return this.living(key)?.expiresAt === record?.expiresAt && super.delete(key, previous)
      }
    },
  ],
  ['rename overwrites what is created meanwhile', 'of a create and a rename to one new key at once, exactly one wins', LookingFirst],
  [
    'rename overwrites what is renamed meanwhile',
    'of 10 sessions that are renamed to one new key at once, exactly one wins, and the others stay',
    LookingFirst,
  ],
  [
    'deleteExpired removes what was renamed to an expired key',
    'deleteExpired removes no session that is renamed to an expired key meanwhile',
    class extends ReferenceStore {
      override async deleteExpired(limit: number) {
        const expired = [...this.records.keys()].filter((key) => !this.living(key)).slice(0, limit)
        await turn()
        return expired.filter((key) => this.records.delete(key)).length
      }
    },
  ],
  ['create locks within its process', 'of 50 creates of one key at once, exactly one wins', Locking],
  ['update locks within its process', 'of 50 updates from the same bytes at once, exactly one wins', Locking],
  ['delete locks within its process', 'of 50 deletes of one record at once, exactly one says that it was there', Locking],
]
