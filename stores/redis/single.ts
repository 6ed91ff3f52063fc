import type { FindWant, FoundRecord, StoreEntry, StoreRecord } from '../../types/store.ts'
import { checkedKey, checkedOwner } from '../shared/text.ts'
import type { Argument } from './client.ts'
import { bytes, Engine, foundOf, type Place, written } from './engine.ts'
import { CODE, type Outcome, type Patience, type Script, says } from './runner.ts'
import { SINGLE_SCRIPTS as SCRIPTS } from './scripts.ts'

/** How many sessions of an owner one script ends: it holds up everybody else for a few milliseconds. */
const PIECE = 1000

const NO_OWNERS =
  'this Redis user may not use the names under which it is kept whose a session is: the documentation of the stores lists what to allow'

/** One server, or a Sentinel's master: each verb is one command or one script. */
export class SingleEngine extends Engine {
  protected readonly verbs = SCRIPTS
  /** Whether the client may use the payloads alone. */
  #isBare = false

  async find(key: string, want: FindWant, until?: number): Promise<FoundRecord | undefined> {
    if (!want.expiry && want.owner === false) {
      const data = await this.client.getBuffer(this.names.session(checkedKey(key)))
      return data ? { data } : undefined
    }
    const { code, rest } = await this.#run(SCRIPTS.find, [checkedKey(key)], [key], { until })
    return code === CODE.yes ? foundOf(rest[0], rest[1], rest[2]) : undefined
  }

  async rename(
    oldKey: string,
    newKey: string,
    previous: Uint8Array,
    record: StoreRecord,
    trace?: StoreEntry,
    until?: number,
  ): Promise<boolean> {
    const keys = [checkedKey(oldKey), newKey, trace === undefined ? oldKey : checkedKey(trace.key)]
    const [traceData, traceAt] = trace === undefined ? ['', ''] : written(trace.key, trace.record)
    const args = [bytes(previous), ...written(newKey, record), oldKey, newKey, traceData, traceAt]
    const outcome = await this.#run(SCRIPTS.rename, keys, args, { until, wait: this.wait }, record.owner)
    if (outcome.code === CODE.yes) this.runner.warnUnacknowledged(outcome, this.wait)
    return outcome.code === CODE.yes
  }

  async deleteOwnedBy(owner: string, exceptKey = '', until?: number): Promise<number> {
    const { session, before, after } = this.names.whole
    const args = ['', `=${checkedOwner(owner)}`, exceptKey, session, before, `${after}owner`, PIECE - 1]
    const patience = { until, wait: this.wait, ends: true }
    let all = 0
    for (let seen = 1; seen > 0; ) {
      const { rest } = await this.runner.run(SCRIPTS.deleteOwned, [this.names.index(owner)], args, patience)
      all += Number(rest[0])
      seen = Number(rest[1])
    }
    return all
  }

  protected attempt(script: Script, { key, owner }: Place, args: readonly Argument[], until?: number): Promise<Outcome> {
    const patience = script === SCRIPTS.delete ? { until, wait: this.wait, ends: true } : { until }
    return this.#run(script, [key], args, patience, owner)
  }

  /** Runs a script with the names of payloads and owners; with those of payloads alone where the user may use no others and there is no owner. */
  async #run(script: Script, keys: readonly string[], args: readonly Argument[], patience: Patience, owner?: string): Promise<Outcome> {
    const payloads = keys.map((key) => this.names.session(key))
    const all = [this.names.whole.index, ...args]
    if (!this.#isBare || owner !== undefined) {
      try {
        const outcome = await this.runner.run(script, [...payloads, ...keys.map((key) => this.names.beside(key, 'owner'))], all, patience)
        // What was refused may have been allowed since.
        this.#isBare = false
        return outcome
      } catch (error) {
        if (!says(error, 'NOPERM')) throw error
        if (owner !== undefined) throw new Error(NO_OWNERS, { cause: error })
      }
    }
    const outcome = await this.runner.run(script, payloads, all, patience)
    this.#isBare = true
    return outcome
  }
}
