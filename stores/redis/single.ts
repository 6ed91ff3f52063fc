import type { FindWant, FoundRecord, StoreEntry, StoreRecord } from '../../types/store.ts'
import { checkedKey, checkedOwner } from '../shared/text.ts'
import type { Argument } from './client.ts'
import { bytes, Engine, foundOf, type Place, written } from './engine.ts'
import { CODE, type Outcome, type Script } from './runner.ts'
import { SINGLE_SCRIPTS as SCRIPTS } from './scripts.ts'

/** One server, or a Sentinel's master: each verb is one command or one script. */
export class SingleEngine extends Engine {
  protected readonly verbs = SCRIPTS

  async find(key: string, want: FindWant, until?: number): Promise<FoundRecord | undefined> {
    const session = this.names.session(checkedKey(key))
    const owner = this.names.beside(key, 'owner')
    if (want.expiry) {
      const { code, rest } = await this.runner.run(SCRIPTS.find, [session, owner], [''], { until })
      return code === CODE.yes ? foundOf(rest[0], rest[1], rest[2]) : undefined
    }
    const [data, name] = want.owner === false ? [await this.client.getBuffer(session)] : await this.client.mgetBuffer(session, owner)
    return data ? foundOf(data, undefined, name && `=${name}`) : undefined
  }

  async rename(
    oldKey: string,
    newKey: string,
    previous: Uint8Array,
    record: StoreRecord,
    trace?: StoreEntry,
    until?: number,
  ): Promise<boolean> {
    const keys = [checkedKey(oldKey), newKey, trace === undefined ? oldKey : checkedKey(trace.key)].flatMap((key) => this.#parts(key))
    const [traceData, traceAt] = trace === undefined ? ['', ''] : written(trace.key, trace.record)
    const args = [bytes(previous), ...written(newKey, record), oldKey, newKey, traceData, traceAt]
    const outcome = await this.runner.run(SCRIPTS.rename, keys, [this.names.whole.index, ...args], { until, wait: this.wait })
    if (outcome.code === CODE.yes) this.runner.warnUnacknowledged(outcome, this.wait)
    return outcome.code === CODE.yes
  }

  async deleteOwnedBy(owner: string, exceptKey = '', until?: number): Promise<number> {
    const { session, before, after } = this.names.whole
    const args = ['', `=${checkedOwner(owner)}`, exceptKey, session, before, `${after}owner`]
    const patience = { until, wait: this.wait, ends: true }
    const { rest } = await this.runner.run(SCRIPTS.deleteOwned, [this.names.index(owner)], args, patience)
    return Number(rest[0])
  }

  protected attempt(script: Script, { key }: Place, args: readonly Argument[], until?: number): Promise<Outcome> {
    const patience = script === SCRIPTS.delete ? { until, wait: this.wait, ends: true } : { until }
    return this.runner.run(script, this.#parts(key), [this.names.whole.index, ...args], patience)
  }

  #parts(key: string): [string, string] {
    return [this.names.session(key), this.names.beside(key, 'owner')]
  }
}
