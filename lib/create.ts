import { withClient } from './client.ts'
import type { Draft } from './data/draft.ts'
import { type Content, makeRecord } from './data/record.ts'
import type { Endings } from './end.ts'
import { StoreError, SupersededError } from './errors.ts'
import type { OwnerLimit } from './limit.ts'
import { cacheSaved } from './saving.ts'
import type { Settings } from './settings.ts'
import { missingKeys, type ReadStored } from './state.ts'
import type { StoreClient } from './store/client.ts'
import { keyOf, newToken } from './token.ts'
import type { UnitOfWork } from './unit-of-work.ts'

/** Random keys do not collide: when the store reports three collisions, the generator or the store is broken. */
const MAX_NEW_TOKENS = 3

/** Stores new sessions. */
export class Creator {
  readonly #settings: Settings
  readonly #client: StoreClient
  readonly #endings: Endings
  readonly #limit: OwnerLimit

  constructor(settings: Settings, client: StoreClient, endings: Endings, limit: OwnerLimit) {
    this.#settings = settings
    this.#client = client
    this.#endings = endings
    this.#limit = limit
  }

  /** Removes the bytes that could not be read, and no others: somebody may have repaired the record meanwhile. */
  async discard({ state }: UnitOfWork, until: number): Promise<'none'> {
    if (state.kind === 'broken') await this.#client.delete(state.key, state.data, until)
    return 'none'
  }

  /** Stores a new session. */
  async create(work: UnitOfWork, draft: Draft, until = this.#until()): Promise<ReadStored> {
    // A request that still has the old token of a renewed session must not replace the cookie of the new one.
    if (!draft.isRenewed)
      for (const key of missingKeys(work.state)) if ((await this.#endings.renewedTo(key, until)) !== undefined) throw new SupersededError()
    await this.discard(work, until)
    const content = draft.compose(draft.base, work.exchange.hasFailed)
    return await this.insert(work, draft, newToken(), content, true, until)
  }

  async insert(work: UnitOfWork, draft: Draft, first: string, composed: Content, isAsSeen: boolean, until: number): Promise<ReadStored> {
    const content = await this.#limit.rank(withClient(work, composed), draft, undefined, until)
    const record = makeRecord(this.#settings, content, work.expiryOf(content, this.#settings.clock(), undefined))
    let token = first
    for (let tries = 1; tries <= MAX_NEW_TOKENS; tries++) {
      const key = keyOf(this.#settings, token)
      const login = { ending: work.others, before: undefined, key, owner: record.owner, until }
      if (await this.#limit.save(login, () => this.#client.create(key, record, until))) {
        const cached = cacheSaved(this.#settings, token, key, record.data, content, undefined)
        const stored: ReadStored = { kind: 'stored', token, key, found: record, content, cached }
        work.saved(draft, stored, isAsSeen)
        await this.#endings.endLeftovers(work, draft, until)
        await this.#limit.trim(login)
        return stored
      }
      token = newToken()
    }
    throw new StoreError({ cause: new Error('the store holds every new key already') })
  }

  #until(): number {
    return this.#settings.clock() + this.#settings.storeTimeout
  }
}
