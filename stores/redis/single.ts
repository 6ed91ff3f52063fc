import type { FoundRecord } from '../../types/store.ts'
import type { Argument } from './client.ts'
import { type Call, type Move, RedisCommands } from './commands.ts'
import { type CallOptions, CODE, type Outcome } from './runner.ts'
import { SINGLE_SCRIPTS as SCRIPTS, type Script, type Verb } from './scripts.ts'
import { says } from './server.ts'

/** How many sessions of an owner one script ends: it holds up everybody else for a few milliseconds. */
const PIECE = 1000

const NO_OWNERS =
  'this Redis user may not use the names under which it is kept whose a session is: the documentation of the stores lists what to allow'

/** One server, or a Sentinel's master: each verb is one command or one script. */
export class SingleCommands extends RedisCommands {
  /** Whether the client may use the payloads alone. */
  #isBare = false

  run(verb: Verb, call: Call): Promise<Outcome> {
    return this.#run(SCRIPTS[verb], [call.key], [call.key, ...call.args], call)
  }

  async peek(key: string, withOwner: boolean, until: number | undefined): Promise<FoundRecord | undefined> {
    if (withOwner) return await this.whole(key, until)
    const data = await this.runner.send((client) => client.getBuffer(this.names.session(key)), until)
    return data ? { data } : undefined
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

  /** Runs a script with the names of payloads and owners; with those of payloads alone where the user may use no others and there is no owner. */
  async #run(script: Script, keys: readonly string[], args: readonly Argument[], options: CallOptions): Promise<Outcome> {
    const payloads = keys.map((key) => this.names.session(key))
    const all = [this.names.whole.index, ...args]
    if (!this.#isBare || options.owner !== undefined) {
      try {
        const outcome = await this.runner.run(script, [...payloads, ...keys.map((key) => this.names.beside(key, 'owner'))], all, options)
        // What was refused may have been allowed since.
        this.#isBare = false
        return outcome
      } catch (error) {
        if (!says(error, 'NOPERM')) throw error
        if (options.owner !== undefined) throw new Error(NO_OWNERS, { cause: error })
      }
    }
    const outcome = await this.runner.run(script, payloads, all, options)
    this.#isBare = true
    return outcome
  }
}
