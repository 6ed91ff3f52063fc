import { setTimeout as sleep } from 'node:timers/promises'
import type { FinalError, StoreLogger } from '../../types/store.ts'
import { Limiter } from '../shared/limiter.ts'
import type { Argument, PipelineResult, RedisClient, RedisScripting, Reply } from './client.ts'
import type { Names } from './names.ts'
import type { Script } from './scripts.ts'
import { mayEvict, says, warnOfSilence } from './server.ts'

/** How many replicas must have a write, and how long to wait for them. */
export interface Acknowledgement {
  readonly replicas: number
  /** Milliseconds. */
  readonly timeout: number
}

/** The first element of each script's reply. */
export const CODE = { late: -1, no: 0, yes: 1, indexFirst: 2, pending: 3 } as const

/** What a script answered: one of {@link CODE}, then what belongs to it. */
export interface Outcome {
  readonly code: number
  readonly rest: readonly Reply[]
}

/** How long the caller waits, and what is to be made sure of. */
export interface CallOptions {
  /** By `Date.now()`. Default: as long as it takes. */
  readonly until?: number | undefined
  /**
   * Whether replicas are asked, where the store was told to: too few make the end of a session an error, and are warned of at a renewal, which stands
   * all the same, for an error would leave the client with a token that is dead. Default: they are not asked.
   */
  readonly replicas?: 'required' | 'wanted'
  /** Whose session is written, when it is somebody's. */
  readonly owner?: string | undefined
}

/** How many commands are with the driver at a time: more than a connection can have on its way, and no more than a silent server may cost. */
const MAX_COMMANDS = 1000
/** Later than any clock. */
const NEVER = 9e15
/** So often a command is sent at most. Who moves a slot takes some time. */
const MAX_TRIES = 200

const EVICTION =
  'Redis may evict what it knows of owners, and then destroyOwnedBy() misses sessions that nobody reads: set maxmemory-policy to noeviction'
const UNACKNOWLEDGED = 'too few replicas acknowledged a renewed session: should the master fail now, the old token may work again'

/**
 * The way of all verbs to the driver. Each script gets the moment until which somebody waits, by the server's own clock, and refuses to work after it: a driver
 * keeps commands while it reconnects and sends them again, and what was answered with an error long ago must not happen then.
 */
export class Runner {
  readonly client: RedisClient & RedisScripting
  readonly names: Names
  readonly #wait: Acknowledgement | undefined
  readonly #limiter = new Limiter(MAX_COMMANDS)
  #inspecting: Promise<void> | undefined
  #isReady = false
  #evicts = false
  /** How far the server's clock is ahead, as far as its replies tell. */
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

  /** Looks at the server before the first command. Rejects when that fails, and looks again at the next call. */
  ready(): Promise<void> {
    this.#inspecting ??= this.#inspect()
    return this.#inspecting
  }

  /** Sends a command when the driver has room for it. No command waits for another in its place. */
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
      // A replica that does not know of the end may become the master, and what the master says now tells nothing of that. The driver gives one error to
      // all commands of a connection that broke: to those that are no ends it is not final.
      const failed = new Error((error as Error).message, { cause: error })
      throw Object.assign(failed, { final: true } satisfies Partial<FinalError>)
    }
  }

  async #inspect(): Promise<void> {
    try {
      this.#evicts = await mayEvict(this.client, this.names)
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
        else if (wait && says(error, 'ASK', 'MOVED', 'TRYAGAIN')) await this.#askTheWay(String(keys[0]))
        else throw error
      }
    }
    throw new Error('the time for this Redis command ran out before it was carried out', { cause })
  }

  /** In one pipeline, for WAIT counts what this connection wrote. */
  async #withWait(command: unknown[], { replicas, timeout }: Acknowledgement): Promise<[reply: unknown, acknowledged: number]> {
    const results = (await this.client.pipeline([command, ['wait', replicas, timeout]]).exec()) as PipelineResult[]
    for (const [error] of results) if (error) throw error
    const [reply, acknowledged] = results.map(([, result]) => result)
    return [reply, Number(acknowledged)]
  }

  #read(reply: unknown, sentAt: number): Outcome {
    const [first, second, ...rest] = reply as [Reply, Reply, ...Reply[]]
    // A client with `stringNumbers` gives text.
    const [code, now] = [Number(first), Number(second)]
    // The script ran at some time between the sending and now: what was known holds as far as that allows.
    this.#ahead = Math.min(Math.max(this.#ahead, now - Date.now()), now - sentAt)
    return { code, rest }
  }

  /** The driver leads a command on to where its slot went, and learns by that; not so a pipeline. */
  async #askTheWay(key: string): Promise<void> {
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
