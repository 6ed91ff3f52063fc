import type { ConformanceClock } from '../../stores/conformance/index.ts'
import type { FindWant, StoreEntry, StoreLack, StoreRecord } from '../../types/store.ts'
import { type Records, ReferenceStore } from './reference-store.ts'

/** The reference store without what it is told to lack, declaring what it is told to declare. */
export class LackingStore extends ReferenceStore {
  override readonly lacks: readonly StoreLack[]
  readonly #lacking: readonly StoreLack[]

  constructor(clock: ConformanceClock, declared: readonly StoreLack[], lacking: readonly StoreLack[], records?: Records) {
    super(clock, records)
    this.lacks = declared
    this.#lacking = lacking
  }

  override find(key: string, _want: FindWant) {
    const record = this.living(key)
    return record && { ...this.copy(record), owner: this.#lacking.includes('owner') ? undefined : record.owner }
  }

  override deleteOwnedBy(owner: string, exceptKey?: string, until?: number) {
    this.#need('owner')
    return super.deleteOwnedBy(owner, exceptKey, until)
  }

  override async *ownedBy(owner: string): AsyncGenerator<StoreEntry> {
    this.#need('owner')
    yield* super.ownedBy(owner)
  }

  override async *all(): AsyncGenerator<StoreEntry> {
    this.#need('list')
    yield* super.all()
  }

  override count() {
    this.#need('list')
    return super.count()
  }

  protected override loaded(key: string, previous: Uint8Array): StoreRecord | undefined {
    return this.#lacking.includes('compare') ? this.living(key) : super.loaded(key, previous)
  }

  protected override holds(key: string, record: StoreRecord): boolean {
    return super.loaded(key, record.data) !== undefined && super.holds(key, record)
  }

  #need(lack: StoreLack): void {
    if (this.#lacking.includes(lack)) throw new Error(`this store lacks ${lack}`)
  }
}
