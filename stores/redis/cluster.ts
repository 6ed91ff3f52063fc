import type { FoundRecord, StoreEntry } from '../../types/store.ts'
import type { Reply } from './client.ts'
import { CLUSTER_SCRIPTS as SCRIPTS } from './cluster-scripts.ts'
import { type Call, type Entry, entriesOf, type Move, RedisCommands, wholeOf } from './commands.ts'
import { CODE, type Outcome } from './runner.ts'

/** What a move leaves beside its keys is kept a minute longer than the caller waits, which is a day at most. */
const A_MINUTE = 60_000
const A_DAY = 86_400_000

/** How many sessions of an owner are ended concurrently. */
const BATCH = 100

type KeyScript = Exclude<keyof typeof SCRIPTS, 'index' | 'unindex'>

/**
 * A Cluster. No script can use two slots, so a session moves to a new key in three steps. First the move is announced under the new key and in the
 * owner's index. Then one step under the old key decides it: the payload is deleted there, and what is to be under the new key is kept beside it. Last,
 * that is written under the new key. Any reader that finds an announcement looks up what was decided and writes it. So the new key works from the moment
 * when the old one stops working, even if a step fails. The renewal record is written in the same way.
 */
export class ClusterCommands extends RedisCommands {
  async run(verb: KeyScript, call: Call): Promise<Outcome> {
    const { key, args } = call
    const parts = this.#parts(key)
    // A new session is never in the index yet.
    let indexed = verb === 'create'
    if (indexed) await this.#index(call, args[2], args[1])
    for (;;) {
      const outcome = await this.runner.run(SCRIPTS[verb], parts, [indexed ? '1' : '', key, ...args], call)
      const { code, rest } = outcome
      if (code === CODE.indexFirst) {
        await this.#index(call, rest[0], rest[1])
        indexed = true
      } else if (code !== CODE.pending || !(await this.#settle(call, String(rest[1])))) {
        // Not awaited: if it fails, the index keeps an entry without a session until that expires.
        if (verb === 'delete' && code === CODE.yes) this.#unindex(rest[0], key).catch(() => {})
        return outcome
      }
    }
  }

  async peek(key: string, _withOwner: boolean, until: number | undefined): Promise<FoundRecord | undefined> {
    const [data, owner, pending] = await this.runner.send((client) => client.mgetBuffer(...this.#parts(key).slice(0, 3)), until)
    if (data) return { data, ...(owner ? { owner: String(owner) } : {}) }
    return pending?.length ? await this.whole(key, until) : undefined
  }

  async move({ from, previous, to, trace, until }: Move): Promise<boolean> {
    const waits = Math.min(Math.max(0, (until ?? 0) - Date.now()), A_DAY)
    const kept = A_MINUTE + Math.ceil(waits)
    const stage = ({ key }: Entry, kind: string) => this.#once('stage', { key, args: [from, kept, kind], until })
    const [free] = await Promise.all([stage(to, ''), trace && stage(trace, 'trace'), this.#index(to, to.args[2], to.args[1])])
    if (free.code === CODE.no) return await this.#holds(to, until)
    const both = [to, ...(trace === undefined ? [] : [trace])].flatMap(({ key, args }) => [key, ...args])
    const decided = await this.run('decide', { key: from, args: [previous, kept, ...both], until, replicas: 'wanted' })
    if (decided.code !== CODE.yes) return false
    // It was decided, so it is carried out even if nobody waits any more.
    const promote = ({ key, args }: Entry) => this.#once('promote', { key, args, replicas: 'wanted' })
    const [moved] = await Promise.all([promote(to), trace && promote(trace), this.#unindex(decided.rest[0], from)])
    return moved.code === CODE.yes
  }

  /** Every session that lived when the index was read is in it. One that has been renamed since is followed to its new key. */
  async endOwned(owner: string, exceptKey: string, until: number | undefined): Promise<number> {
    const keys = await this.keysOf(owner, until)
    let all = 0
    for (let from = 0; from < keys.length; from += BATCH) {
      const batch = keys.slice(from, from + BATCH)
      const args = [`=${owner}`, exceptKey]
      const ends = await Promise.all(batch.map((key) => this.#follow('endOwned', { key, args, until, replicas: 'required' })))
      const ended = ends.flatMap(({ key, code }) => (code === CODE.yes ? [key] : []))
      // Only those: an entry without a session may belong to one that is about to be written.
      if (ended.length > 0) await this.runner.run(SCRIPTS.unindex, [this.names.index(owner)], ended, { until })
      all += ended.length
    }
    return all
  }

  override async load(keys: readonly string[]): Promise<StoreEntry[]> {
    const found = await Promise.all(keys.map((key) => this.#follow('find', { key, args: [] })))
    return found.flatMap((outcome) => entriesOf(outcome.key, wholeOf(outcome)))
  }

  /** Runs a script on a session, under its key or under the key to which it was renamed. */
  async #follow(verb: KeyScript, call: Call): Promise<Outcome & { key: string }> {
    const outcome = await this.run(verb, call)
    const to = outcome.code === CODE.yes ? undefined : outcome.rest[0]
    return to ? await this.#follow(verb, { ...call, key: String(to) }) : { ...outcome, key: call.key }
  }

  /** Writes what was decided for a key. False when nothing was decided. */
  async #settle({ key, until }: Call, from: string): Promise<boolean> {
    const { rest } = await this.#once('decided', { key: from, args: [key], until })
    const args = rest[0] as (Buffer | null)[]
    if (!args.every((each) => each !== null)) return false
    await this.#once('promote', { key, args, until })
    return true
  }

  async #holds({ key, owner, args: [data, at] }: Entry, until: number | undefined): Promise<boolean> {
    const found = await this.whole(key, until)
    return found !== undefined && data.equals(found.data) && found.expiresAt === at && found.owner === owner
  }

  async #index({ key, until }: Call, owner: Reply | undefined, at: Reply | undefined): Promise<void> {
    const name = nameOf(owner)
    if (name !== undefined) await this.runner.run(SCRIPTS.index, [this.names.index(name)], [key, Number(at)], { until, owner: name })
  }

  /** For a key that will never be used again. When only the owner changes, the old entry stays: another process may have needed it since. */
  async #unindex(owner: Reply | undefined, key: string): Promise<void> {
    const name = nameOf(owner)
    if (name !== undefined) await this.runner.run(SCRIPTS.unindex, [this.names.index(name)], [key])
  }

  #once(step: KeyScript, call: Call): Promise<Outcome> {
    return this.runner.run(SCRIPTS[step], this.#parts(call.key), ['', call.key, ...call.args], call)
  }

  #parts(key: string): string[] {
    const { names } = this
    return [names.session(key), names.beside(key, 'owner'), names.beside(key, 'pending'), names.beside(key, 'moved')]
  }
}

/** The owner that a script returned as `=name`; undefined for none. */
function nameOf(owner: Reply | undefined): string | undefined {
  const text = String(owner)
  return text === '' ? undefined : text.slice(1)
}
