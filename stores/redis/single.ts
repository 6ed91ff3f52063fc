import type { FoundRecord } from '../../types/store.ts'
import type { Argument } from './client.ts'
import { type Call, type Move, RedisCommands } from './commands.ts'
import { type CallOptions, CODE, type Outcome } from './runner.ts'
import { SINGLE_SCRIPTS as SCRIPTS, type Script, type Verb } from './scripts.ts'
import { says } from './server.ts'

/** How many sessions of an owner one script ends, which blocks the server for a few milliseconds. */
const PIECE = 1000

const NO_OWNERS =
  'this Redis user has no right to the keys in which the owners of sessions are stored: the documentation of the stores lists what to allow'

/** One server, or a master behind Sentinel: each verb is one command or one script. */
export class SingleCommands extends RedisCommands {
  /** Whether the user has a right to the payloads alone. */
  #payloadsOnly = false

  run(verb: Verb, call: Call): Promise<Outcome> {
    return this.#run(SCRIPTS[verb], [call.key], [call.key, ...call.args], call)
  }

  peek(key: string, withOwner: boolean, until: number | undefined): Promise<FoundRecord | undefined> {
    if (withOwner) return this.whole(key, until)
    return this.runner.send((client) => client.getBuffer(this.names.session(key)), until).then((data) => (data ? { data } : undefined))
  }

  async move({ from, previous, to, trace, until }: Move): Promise<boolean> {
    const keys = [from, to.key, trace?.key ?? from]
    const args = [from, previous, to.key, ...to.args, ...(trace?.args ?? [])]
    const { code } = await this.#run(SCRIPTS.rename, keys, args, { until, owner: to.owner, replicas: 'wanted' })
    return code === CODE.yes
  }

  async endOwned(owner: string, exceptKey: string, until: number | undefined): Promise<number> {
    const { session, before, after } = this.names.whole
    const args = [`=${owner}`, exceptKey, session, before, `${after}owner`, PIECE - 1]
    let all = 0
    for (let seen = 1; seen > 0; ) {
      const { rest } = await this.runner.run(SCRIPTS.deleteOwned, [this.names.index(owner)], args, { until, replicas: 'required' })
      all += Number(rest[0])
      seen = Number(rest[1])
    }
    return all
  }

  /** Runs a script with the names of payloads and owners; with payloads alone if the user has no right to more and the session has no owner. */
  async #run(script: Script, keys: readonly string[], args: readonly Argument[], options: CallOptions): Promise<Outcome> {
    const payloads = keys.map((key) => this.names.session(key))
    const all = [this.names.whole.index, ...args]
    if (!this.#payloadsOnly || options.owner !== undefined) {
      try {
        const outcome = await this.runner.run(script, [...payloads, ...keys.map((key) => this.names.beside(key, 'owner'))], all, options)
        // The user may have been given the right since.
        this.#payloadsOnly = false
        return outcome
      } catch (error) {
        if (!says(error, 'NOPERM')) throw error
        if (options.owner !== undefined) throw new Error(NO_OWNERS, { cause: error })
      }
    }
    const outcome = await this.runner.run(script, payloads, all, options)
    this.#payloadsOnly = true
    return outcome
  }
}
