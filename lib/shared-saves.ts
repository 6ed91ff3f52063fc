import type { FindWant, FoundRecord, StoreRecord } from '../types/store.ts'
import { compose } from './compose.ts'
import { makeRecord } from './data/record.ts'
import { ConflictError, SupersededError } from './errors.ts'
import type { Handover } from './queues.ts'
import { cacheSaved, type Finish, MAX_TRIES, type Saving, type Stand, standOn } from './saving.ts'
import { type Settings, wantOf } from './settings.ts'
import type { ReadStored } from './state.ts'
import type { StoreClient } from './store/client.ts'
import { backOff } from './store/maybe-promise.ts'

/** Whether a save changes values and nothing else, so that others can be made in the same write. */
export function canShare({ limit, findsPlain }: Settings, { work, draft }: Saving): boolean {
  const isPlain = !draft.isRenewed && !draft.setsDeadline && draft.restart === undefined
  return isPlain && draft.merged.length + work.others.length === 0 && limit === undefined && !findsPlain
}

/** Saves of one session that waited for the same write. */
export class SharedSaves {
  readonly #settings: Settings
  readonly #client: StoreClient
  readonly #want: FindWant

  constructor(settings: Settings, client: StoreClient) {
    this.#settings = settings
    this.#client = client
    this.#want = wantOf(settings)
  }

  /** Makes several saves in one write. Each is made on what the one before it came to, as if that had been written; one that is refused stops no other. */
  async write(savings: readonly Saving[], handover: Handover<FoundRecord>): Promise<(saving: Saving) => Finish> {
    const [{ seen, until }] = savings as readonly [Saving]
    const { from } = seen
    let found = handover.left ?? (await this.#client.find(from, this.#want, until))
    handover.left = undefined
    for (let tries = 1; found !== undefined; tries++) {
      const { record, errors } = this.#composeAll(savings, from, found)
      // Decoded for each, because requests share plain data alone; and before the write, after which nothing may fail.
      const stands = new Map(savings.map((saving) => [saving, standOn(this.#settings, from, record)]))
      if (errors.size === savings.length || (await this.#client.update(from, found.data, record, until))) {
        handover.left = record
        return (saving) => this.#finish(saving, stands.get(saving) as Stand, errors)
      }
      if (tries >= MAX_TRIES || this.#settings.clock() >= until) throw new ConflictError()
      await backOff(tries)
      found = await this.#client.find(from, this.#want, until)
    }
    throw new SupersededError()
  }

  /** The record that several saves come to, and the errors of those that were refused. */
  #composeAll(
    savings: readonly Saving[],
    from: string,
    found: FoundRecord,
  ): { record: FoundRecord & StoreRecord; errors: Map<Saving, unknown> } {
    const errors = new Map<Saving, unknown>()
    let { base } = standOn(this.#settings, from, found)
    let record = found as FoundRecord & StoreRecord
    for (const saving of savings) {
      const { work, draft, sendsCookie } = saving
      try {
        const content = compose(work, draft, base, sendsCookie)
        const made = makeRecord(this.#settings, content, work.expiryOf(content, this.#settings.clock(), record))
        base = standOn(this.#settings, from, made).base
        record = made
      } catch (error) {
        errors.set(saving, error)
      }
    }
    return { record, errors }
  }

  #finish(saving: Saving, { from: key, found, base: content }: Stand, errors: ReadonlyMap<Saving, unknown>): Finish {
    if (errors.has(saving)) throw errors.get(saving)
    const { work, draft, token, sendsCookie } = saving
    const cached = cacheSaved(this.#settings, token, key, found.data, content, saving.cached)
    const stored: ReadStored = { kind: 'stored', token, key, found, content, cached }
    work.saved(draft, stored, false)
    return () => (sendsCookie ? stored : 'none')
  }
}
