import { setTimeout as sleep } from 'node:timers/promises'
import type { FinalError, StoreLogger } from '../../types/store.ts'
import { Limiter } from '../shared/limiter.ts'
import type { Acknowledgement, Argument, PipelineResult, RedisClient, RedisScripting, Reply } from './client.ts'
import type { Names } from './names.ts'
import type { Script } from './scripts.ts'
import { inspect, says, warnOfSilence } from './server.ts'

/** The first element of each script's reply. */
export const CODE = { late: -1, no: 0, yes: 1, indexFirst: 2, pending: 3 } as const

/** A script's reply: one of {@link CODE}, then what belongs to it. */
export interface Outcome {
  readonly code: number
  readonly rest: readonly Reply[]
}

/** How long the caller waits, and for how many replicas. */
export interface CallOptions {
  /** Epoch milliseconds by `Date.now()`. Default: no limit. */
  readonly until?: number | undefined
  /**
   * Whether to wait for replicas, if the store has the option `wait`. When too few confirm, `'required'` is an error, for the end of a session, and
   * `'wanted'` a warning, for a renewal: an error would leave the client with a token that no longer works. Default: no waiting.
   */
  readonly replicas?: 'required' | 'wanted'
  /** The owner of the session that is written, if it has one. */
  readonly owner?: string | undefined
}

/** How many commands are with the driver at once: more than a connection needs, but few enough to lose to a silent server. */
const MAX_COMMANDS = 1000
/** Later than any clock. */
const NEVER = 9e15
/** How often a command is sent at most. To move a slot takes some time. */
const MAX_TRIES = 200

const EVICTION =
  'Redis may evict the index of an owner, and then destroyOwnedBy() misses sessions that nobody reads: set maxmemory-policy to noeviction'
const UNACKNOWLEDGED = 'too few replicas acknowledged a renewed session: should the master fail now, the old token may work again'

/**
 * Sends all commands to the driver. Each script is given `until` by the server's own clock, and does nothing after it: a driver keeps commands while it
 * reconnects and sends them again, and a command that has already failed for its caller must not happen then.
 */
export class Runner {
  readonly client: RedisClient & RedisScripting
  readonly names: Names
  readonly #wait: Acknowledgement | undefined
  readonly #limiter = new Limiter(MAX_COMMANDS)
  #inspecting: Promise<void> | undefined
  #isReady = false
  #evicts = false
  /** How far the server's clock is ahead in milliseconds, as far as its replies show. */
  #ahead = 0
  #log: StoreLogger | undefined

  constructor(client: RedisClient & RedisScripting, names: Names, wait: Acknowledgement | undefined) {
    this.client = client
    this.names = names
    this.#wait = wait
  }

  attach(log: StoreLogger): void {
    this.#log = log
    warnOfSilence(this.client, log)
  }

  /** Inspects the server before the first command. Rejects when that fails; the next call tries again. */
  ready(): Promise<void> {
    this.#inspecting ??= this.#inspect()
    return this.#inspecting
  }

  /** Sends a command within the limit. Each waits by itself for the inspection of the server. */
  send<T>(command: (client: RedisClient) => Promise<T>, until: number | undefined): Promise<T> {
    const begin = () => command(this.client)
    return this.#limiter.run(this.#isReady ? begin : () => this.ready().then(begin), until)
  }

  /** Runs a script. */
  async run(script: Script, keys: readonly string[], args: readonly Argument[], options: CallOptions = {}): Promise<Outcome> {
    try {
      return await this.send(() => this.#carryOut(script, keys, args, options), options.until)
    } catch (error) {
      if (!this.#wait || options.replicas !== 'required') throw error
      // Final, because to look at the master proves nothing: a replica that has not received the end may become the master. A new error, because the
      // driver passes the same one to all commands of a broken connection, and for the others it is not final.
      const failed = new Error((error as Error).message, { cause: error })
      throw Object.assign(failed, { final: true } satisfies Partial<FinalError>)
    }
  }

  async #inspect(): Promise<void> {
    try {
      const sentAt = Date.now()
      const { evicts, time } = await inspect(this.client, this.names)
      // Before the first script: until the server's clock is known, one could be carried out for which nobody waits any more.
      if (!Number.isNaN(time)) this.#learn(time, sentAt)
      this.#evicts = evicts
      this.#isReady = true
    } catch (error) {
      this.#inspecting = undefined
      throw error
    }
  }

  async #carryOut(
    script: Script,
    keys: readonly string[],
    args: readonly Argument[],
    { until = NEVER, replicas, owner }: CallOptions,
  ): Promise<Outcome> {
    const wait = replicas && this.#wait
    if (owner !== undefined) this.#warnOfEviction()
    let method: keyof Script = 'evalshaBuffer'
    let cause: unknown
    for (let tries = 0; Date.now() < until && tries < MAX_TRIES; tries++) {
      const sentAt = Date.now()
      const deadline = Math.min(Math.ceil(until + this.#ahead), NEVER)
      const rest = [keys.length, ...keys, deadline, ...args] as const
      try {
        const [reply, acknowledged] = wait
          ? await this.#withWait([method, script[method], ...rest], wait)
          : [await this.client[method](script[method], ...rest), 0]
        const outcome = this.#read(reply, sentAt)
        if (outcome.code === CODE.late) continue
        if (wait && acknowledged < wait.replicas) this.#tooFew(outcome, acknowledged, wait, replicas)
        return outcome
      } catch (error) {
        cause = error
        if (says(error, 'NOSCRIPT')) method = 'evalBuffer'
        else if (wait && says(error, 'ASK', 'MOVED', 'TRYAGAIN')) await this.#refreshSlot(String(keys[0]))
        else throw error
      }
    }
    throw new Error('the time for this Redis command ran out before it was carried out', { cause })
  }

  /** In one pipeline, because WAIT is about the writes of its own connection. */
  async #withWait(command: unknown[], { replicas, timeout }: Acknowledgement): Promise<[reply: unknown, acknowledged: number]> {
    const results = (await this.client.pipeline([command, ['wait', replicas, timeout]]).exec()) as PipelineResult[]
    for (const [error] of results) if (error) throw error
    const [reply, acknowledged] = results.map(([, result]) => result)
    return [reply, Number(acknowledged)]
  }

  #read(reply: unknown, sentAt: number): Outcome {
    const [first, second, ...rest] = reply as [Reply, Reply, ...Reply[]]
    // A client with `stringNumbers` returns strings.
    const [code, now] = [Number(first), Number(second)]
    this.#learn(now, sentAt)
    return { code, rest }
  }

  /** The server's clock said `now` between `sentAt` and now, which bounds the difference on both sides. */
  #learn(now: number, sentAt: number): void {
    this.#ahead = Math.min(Math.max(this.#ahead, now - Date.now()), now - sentAt)
  }

  /** Lets the driver learn where a slot is now: it follows the redirection of a single command, but not of a pipeline. */
  async #refreshSlot(key: string): Promise<void> {
    await sleep(20)
    await this.client.getBuffer(key).catch(() => undefined)
  }

  #tooFew({ code }: Outcome, acknowledged: number, { replicas, timeout }: Acknowledgement, asked: CallOptions['replicas']): void {
    if (asked === 'required')
      throw new Error(`${acknowledged} of ${replicas} replicas acknowledged the end of a session within ${timeout} ms`)
    if (code === CODE.yes) this.#log?.warn({ acknowledged, replicas }, UNACKNOWLEDGED)
  }

  #warnOfEviction(): void {
    if (!this.#evicts) return
    this.#evicts = false
    this.#log?.warn({ store: 'RedisStore' }, EVICTION)
  }
}
