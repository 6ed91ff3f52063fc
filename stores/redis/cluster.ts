import type { FindWant, FoundRecord, StoreEntry, StoreRecord } from '../../types/store.ts'
import { checkedKey, checkedOwner } from '../shared/text.ts'
import type { Argument, Reply } from './client.ts'
import { CLUSTER_SCRIPTS as SCRIPTS } from './cluster-scripts.ts'
import { bytes, Engine, entryOf, foundOf, type Place, placeOf, written } from './engine.ts'
import { CODE, type Outcome, type Patience, type Script } from './runner.ts'

/** How long what a move leaves beside its keys is kept, at least. */
const A_MINUTE = 60_000

/** How many sessions of an owner are ended at a time. */
const BATCH = 100

/**
 * A Cluster: no script touches two slots, so a session moves to a new key in three steps. It is announced under the new key and in the
 * owner's index; then, in one step under the old key, it is gone from there and what becomes of it is written down; then it is put under
 * the new key. Whoever meets an announcement looks up what was decided and puts it there himself, so the new key works from the very
 * moment on at which the old one does not, wherever a step fails. The trace of the renewal moves in the same way.
 */
export class ClusterEngine extends Engine {
  protected readonly verbs = SCRIPTS

  async find(key: string, want: FindWant, until?: number): Promise<FoundRecord | undefined> {
    const parts = this.#parts(checkedKey(key))
    if (want.expiry) return await this.#findWhole(key, until)
    const [data, owner, from] = await this.client.mgetBuffer(...parts.slice(0, 3))
    if (data) return foundOf(data, undefined, owner && `=${owner}`)
    return from?.length && (await this.#settle(key, String(from), until)) ? await this.find(key, want, until) : undefined
  }

  async rename(
    oldKey: string,
    newKey: string,
    previous: Uint8Array,
    record: StoreRecord,
    trace?: StoreEntry,
    until?: number,
  ): Promise<boolean> {
    const kept = A_MINUTE + Math.max(0, (until ?? 0) - Date.now())
    const args = written(newKey, record)
    const traceArgs = trace === undefined ? ['', ''] : written(trace.key, trace.record).slice(0, 2)
    const [free] = await Promise.all([
      this.#run(SCRIPTS.stage, newKey, [oldKey, kept, ''], { until }),
      trace && this.#run(SCRIPTS.stage, trace.key, [oldKey, kept, 'trace'], { until }),
      this.#index(placeOf(newKey, record)),
    ])
    if (free.code === CODE.no) return await this.#holds(newKey, record, until)
    const decision = [bytes(previous), newKey, ...args, trace?.key ?? '', ...traceArgs, kept]
    const decided = await this.#repeat(SCRIPTS.decide, oldKey, decision, { until, wait: this.wait })
    if (decided.code !== CODE.yes) return false
    this.runner.warnUnacknowledged(decided, this.wait)
    // It was decided, so it is carried out whatever the time.
    const [moved] = await Promise.all([
      this.#run(SCRIPTS.promote, newKey, args, { wait: this.wait }),
      trace && this.#run(SCRIPTS.promote, trace.key, [...traceArgs, '']),
      this.#unindex(decided.rest[0], oldKey),
    ])
    this.runner.warnUnacknowledged(moved, this.wait)
    return moved.code === CODE.yes
  }

  /** Every session that lived when the index was read is in it: where one has moved on meanwhile, it is followed. */
  async deleteOwnedBy(owner: string, exceptKey?: string, until?: number): Promise<number> {
    const keys = await this.keysOf(owner, until)
    let all = 0
    for (let from = 0; from < keys.length; from += BATCH) {
      const batch = keys.slice(from, from + BATCH)
      const ended = (await Promise.all(batch.map((key) => this.#endOwned(key, owner, exceptKey, until)))).flat()
      // Those alone: an entry without a session may be that of one which is about to be written.
      if (ended.length > 0) await this.runner.run(SCRIPTS.unindex, [this.names.index(owner)], ['', ...ended], { until })
      all += ended.length
    }
    return all
  }

  override async load(keys: readonly string[]): Promise<StoreEntry[]> {
    return (await Promise.all(keys.map((key) => this.#follow(key)))).flat()
  }

  protected async attempt(script: Script, place: Place, args: readonly Argument[], until?: number): Promise<Outcome> {
    const patience = script === SCRIPTS.delete ? { until, wait: this.wait, ends: true } : { until }
    // A new session is always new to the index.
    let indexed = script === SCRIPTS.create
    if (indexed) await this.#index(place)
    for (;;) {
      const outcome = await this.#repeat(script, place.key, args, patience, indexed)
      if (outcome.code !== CODE.indexFirst) {
        const ended = script === SCRIPTS.delete && outcome.code === CODE.yes
        // Nobody waits for it: where it fails, the index has an entry of no session, which goes in time.
        if (ended) this.#unindex(outcome.rest[0], place.key).catch(() => {})
        return outcome
      }
      const [known] = outcome.rest
      await this.#index(known === undefined ? place : { ...place, owner: nameOf(known) })
      indexed = true
    }
  }

  /** Runs a script, again once what was announced under its key is settled. */
  async #repeat(script: Script, key: string, args: readonly Argument[], patience: Patience, indexed = false): Promise<Outcome> {
    const outcome = await this.#run(script, key, args, patience, indexed)
    if (outcome.code !== CODE.pending || !(await this.#settle(key, String(outcome.rest[0]), patience.until))) return outcome
    return await this.#repeat(script, key, args, patience, indexed)
  }

  /** Puts a record under the key that it was decided to move to. False when nothing was decided, so nothing is there. */
  async #settle(key: string, from: string, until: number | undefined): Promise<boolean> {
    const [to, data, at, owner, traceKey, traceData, traceAt] = await this.#decision(from, until)
    const isHere = (name: Reply | undefined) => name !== null && name !== undefined && String(name) === key
    if (isHere(to)) await this.#run(SCRIPTS.promote, key, [data as Buffer, String(at), String(owner)])
    else if (isHere(traceKey)) await this.#run(SCRIPTS.promote, key, [traceData as Buffer, String(traceAt), ''])
    else return false
    return true
  }

  async #decision(from: string, until: number | undefined): Promise<readonly Reply[]> {
    const { rest } = await this.#run(SCRIPTS.decided, from, [], { until })
    return rest[0] as readonly Reply[]
  }

  async #findWhole(key: string, until: number | undefined): Promise<FoundRecord | undefined> {
    const { code, rest } = await this.#repeat(SCRIPTS.find, key, [], { until })
    return code === CODE.yes ? foundOf(rest[0], rest[1], rest[2]) : undefined
  }

  async #holds(key: string, { data, expiresAt, owner }: StoreRecord, until: number | undefined): Promise<boolean> {
    const found = await this.#findWhole(key, until)
    return found !== undefined && bytes(data).equals(found.data) && found.expiresAt === expiresAt && found.owner === owner
  }

  async #follow(key: string): Promise<StoreEntry[]> {
    const found = await this.#findWhole(key, undefined)
    if (found !== undefined) return entryOf(key, found)
    const [to] = await this.#decision(key, undefined)
    return to === null || to === undefined ? [] : await this.#follow(String(to))
  }

  /** The key under which a session was ended; none where there was nothing of this owner. */
  async #endOwned(key: string, owner: string, exceptKey: string | undefined, until: number | undefined): Promise<string[]> {
    if (key === exceptKey) return []
    const patience = { until, wait: this.wait, ends: true }
    const { code, rest } = await this.#repeat(SCRIPTS.endOwned, key, [`=${checkedOwner(owner)}`], patience)
    const [to] = rest
    if (code === CODE.no && to !== undefined) return await this.#endOwned(String(to), owner, exceptKey, until)
    return code === CODE.yes ? [key] : []
  }

  async #index({ key, owner, at }: Place): Promise<void> {
    if (owner !== undefined) await this.runner.run(SCRIPTS.index, [this.names.index(checkedOwner(owner))], ['', key, at])
  }

  /** Of a key that is dead for good. One whose owner changed stays where it was: another process may have put it back there. */
  async #unindex(owner: Reply | undefined, key: string): Promise<void> {
    const name = nameOf(owner)
    if (name !== undefined) await this.runner.run(SCRIPTS.unindex, [this.names.index(name)], ['', key])
  }

  #run(script: Script, key: string, args: readonly Argument[], patience: Patience = {}, indexed = false): Promise<Outcome> {
    return this.runner.run(script, this.#parts(checkedKey(key)), [indexed ? '1' : '', ...args], patience)
  }

  #parts(key: string): string[] {
    const { names } = this
    return [names.session(key), names.beside(key, 'owner'), names.beside(key, 'pending'), names.beside(key, 'moved')]
  }
}

/** An owner as scripts give it: `=name`, or nothing. */
function nameOf(owner: Reply | undefined): string | undefined {
  const text = String(owner)
  return text === '' ? undefined : text.slice(1)
}
