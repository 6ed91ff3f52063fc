import { MemoryStore } from '../../stores/memory.ts'
import type { SessionStore, StoreContext, StoreEntry, StoreRecord } from '../../types/store.ts'

/** The verbs that a request may call. */
export type Verb = 'find' | 'create' | 'update' | 'rename' | 'touch' | 'delete' | 'deleteOwnedBy' | 'count' | 'deleteExpired' | 'close'

/** What a verb is to do instead of working: `before` fails without effect, `after` fails once done, `hang` never answers. */
export type Fault = 'before' | 'after' | 'hang'

/**
 * A memory store behind a network that tests control: it counts the calls, answers at once or later, and fails where it is told to.
 */
export class SpyStore implements SessionStore {
  readonly inner: SessionStore
  /** Every call, as `verb key`. */
  readonly calls: string[] = []
  /** Called before a verb works; what it returns is awaited. The place to hold a request. */
  gate: ((verb: Verb, key: string) => Promise<void> | undefined) | undefined
  #faults = new Map<Verb, Fault[]>()
  readonly #mode: 'sync' | 'async'

  constructor(mode: 'sync' | 'async' = 'async', inner: SessionStore = new MemoryStore()) {
    this.#mode = mode
    this.inner = inner
  }

  /** The next calls of a verb fail so, one fault for each. */
  fail(verb: Verb, ...faults: Fault[]): void {
    this.#faults.set(verb, [...(this.#faults.get(verb) ?? []), ...faults])
  }

  /** The verbs called so far, without the keys; and starts anew. */
  take(): string[] {
    return this.calls.splice(0).map((call) => call.split(' ')[0] ?? '')
  }

  #do<T>(verb: Verb, key: string, work: () => T | PromiseLike<T>): T | Promise<T> {
    this.calls.push(`${verb} ${key}`)
    const fault = this.#faults.get(verb)?.shift()
    if (this.#mode === 'sync' && fault === undefined && this.gate === undefined) return work() as T
    return this.#later(verb, key, fault, work)
  }

  async #later<T>(verb: Verb, key: string, fault: Fault | undefined, work: () => T | PromiseLike<T>): Promise<T> {
    await this.gate?.(verb, key)
    if (fault === 'hang') return new Promise<T>(() => {})
    if (fault === 'before') throw new Error('driver: connection refused to db.internal:6379')
    const answer = await work()
    if (fault === 'after') throw new Error('driver: connection lost to db.internal:6379')
    return answer
  }

  attach(context: StoreContext) {
    this.inner.attach?.(context)
  }
  find(key: string, want: { expiry: boolean }) {
    return this.#do('find', key, () => this.inner.find(key, want))
  }
  create(key: string, record: StoreRecord) {
    return this.#do('create', key, () => this.inner.create(key, record))
  }
  update(key: string, previous: Uint8Array, record: StoreRecord) {
    return this.#do('update', key, () => this.inner.update(key, previous, record))
  }
  rename(oldKey: string, newKey: string, previous: Uint8Array, record: StoreRecord, trace?: StoreEntry) {
    return this.#do('rename', oldKey, () => this.inner.rename(oldKey, newKey, previous, record, trace))
  }
  touch(key: string, previous: Uint8Array, expiresAt: number) {
    return this.#do('touch', key, () => this.inner.touch(key, previous, expiresAt))
  }
  delete(key: string, previous?: Uint8Array) {
    return this.#do('delete', key, () => this.inner.delete(key, previous))
  }
  deleteOwnedBy(owner: string, exceptKey?: string) {
    return this.#do('deleteOwnedBy', owner, () => this.inner.deleteOwnedBy(owner, exceptKey))
  }
  count() {
    return this.#do('count', '', () => this.inner.count())
  }
  deleteExpired(limit: number) {
    return this.#do('deleteExpired', '', () => this.inner.deleteExpired(limit))
  }
  close() {
    return this.#do('close', '', () => this.inner.close())
  }
  all() {
    return this.inner.all()
  }
  ownedBy(owner: string) {
    return this.inner.ownedBy(owner)
  }
}
