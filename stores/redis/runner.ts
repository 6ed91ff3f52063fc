import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FinalError, StoreLogger } from '../../types/store.ts'
import type { Argument, PipelineResult, RedisClient, RedisScripting, Reply } from './client.ts'

/** A script of the store's, known to the server by its digest. */
export interface Script {
  readonly source: string
  readonly sha: string
}

/** How many replicas must have a write, and how long to wait for them. */
export interface Acknowledgement {
  readonly replicas: number
  /** Milliseconds. */
  readonly timeout: number
}

export function scriptOf(source: string): Script {
  return { source, sha: createHash('sha1').update(source).digest('hex') }
}

/** The first element of each script's reply. */
export const CODE = { late: -1, no: 0, yes: 1, indexFirst: 2, pending: 3 } as const

/** What a script answered: one of {@link CODE}, then what belongs to it. */
export interface Outcome {
  readonly code: number
  readonly rest: readonly Reply[]
  /** How many replicas have it; undefined when nobody asked. */
  readonly acknowledged: number | undefined
}

/** Who waits for what a script does. */
export interface Patience {
  /** By `Date.now()`. */
  readonly until?: number | undefined
  readonly wait?: Acknowledgement | undefined
  /** Whether it ends sessions: then too few acknowledgements are a failure. */
  readonly ends?: boolean
}

/** Later than any clock. */
const NEVER = 9e15
/** The first try may find that the server's clock is another; the second knows it. */
const MOST_TRIES = 3
/** So often a command is led on to another node at most. */
const MOST_MOVES = 200

/** How many keys, the keys, and the arguments. */
type Rest = readonly [number, ...Argument[]]
type Reached = [reply: unknown, acknowledged: number | undefined]

/**
 * Runs the store's scripts. Each gets the moment until which somebody waits, by the server's own clock, and refuses to work after it: a driver
 * keeps commands while it reconnects and sends them again, and what was answered with an error long ago must not happen then.
 */
export class Runner {
  readonly #client: RedisClient & RedisScripting
  /** How far the server's clock is ahead, as far as its replies tell. */
  #ahead = 0
  log: StoreLogger | undefined

  constructor(client: RedisClient & RedisScripting) {
    this.#client = client
  }

  async run(script: Script, keys: readonly string[], args: readonly Argument[], patience: Patience = {}): Promise<Outcome> {
    const { wait, ends = false } = patience
    if (wait === undefined || !ends) return await this.#inTime(script, keys, args, patience)
    try {
      const outcome = await this.#inTime(script, keys, args, patience)
      if (!isAcknowledged(outcome, wait)) throw new Error(tooFew(outcome, wait))
      return outcome
    } catch (error) {
      // A replica that does not know of the end may become the master, and what the master says now tells nothing of that.
      throw Object.assign(error as Error, { final: true } satisfies Partial<FinalError>)
    }
  }

  /** A renewal stands all the same: an error would leave the client with a token that is dead. */
  warnUnacknowledged(outcome: Outcome, wait: Acknowledgement | undefined): void {
    if (wait === undefined || isAcknowledged(outcome, wait)) return
    const message = 'too few replicas acknowledged a renewed session: should the master fail now, the old token may work again'
    this.log?.warn({ acknowledged: outcome.acknowledged, replicas: wait.replicas }, message)
  }

  async #inTime(script: Script, keys: readonly string[], args: readonly Argument[], patience: Patience, tries = 1): Promise<Outcome> {
    const { until = NEVER, wait } = patience
    const sentAt = Date.now()
    if (sentAt >= until || tries > MOST_TRIES) throw new Error('the time for this Redis command ran out before it was carried out')
    const deadline = until === NEVER ? NEVER : Math.ceil(until + this.#ahead)
    const [reply, acknowledged] = await this.#send(script, [keys.length, ...keys, deadline, ...args], wait, until)
    const [first, second, ...rest] = reply as [Reply, Reply, ...Reply[]]
    // A client with `stringNumbers` gives text.
    const [code, now] = [Number(first), Number(second)]
    // The script ran at some time between the sending and now: what was known holds as far as that allows.
    this.#ahead = Math.min(Math.max(this.#ahead, now - Date.now()), now - sentAt)
    return code === CODE.late ? this.#inTime(script, keys, args, patience, tries + 1) : { code, rest, acknowledged }
  }

  async #send(script: Script, rest: Rest, wait: Acknowledgement | undefined, until: number, moves = 0): Promise<Reached> {
    try {
      return await this.#bySha(script, rest, wait)
    } catch (error) {
      const isMoved = wait !== undefined && says(error, 'ASK', 'MOVED', 'TRYAGAIN')
      if (!isMoved || moves === MOST_MOVES || Date.now() >= until) throw error
    }
    await this.#askTheWay(String(rest[1]))
    return this.#send(script, rest, wait, until, moves + 1)
  }

  async #bySha({ source, sha }: Script, rest: Rest, wait: Acknowledgement | undefined): Promise<Reached> {
    try {
      return await this.#once('evalshaBuffer', sha, rest, wait)
    } catch (error) {
      if (!says(error, 'NOSCRIPT')) throw error
      return await this.#once('evalBuffer', source, rest, wait)
    }
  }

  /** The driver leads a command on to where its slot went, and learns by that; not so a pipeline. */
  async #askTheWay(key: string): Promise<void> {
    await sleep(20)
    await this.#client.getBuffer(key).catch(() => undefined)
  }

  async #once(method: 'evalshaBuffer' | 'evalBuffer', script: string, rest: Rest, wait: Acknowledgement | undefined): Promise<Reached> {
    if (wait === undefined) return [await this.#client[method](script, ...rest), undefined]
    // In one pipeline, for WAIT counts what this connection wrote.
    const commands = [
      [method, script, ...rest],
      ['wait', wait.replicas, wait.timeout],
    ]
    // Only a transaction that was given up has no results.
    const results = (await this.#client.pipeline(commands).exec()) as PipelineResult[]
    for (const [error] of results) if (error) throw error
    const [reply, acknowledged] = results.map(([, result]) => result)
    return [reply, Number(acknowledged)]
  }
}

/** Whether an error is one of these of the server's. */
export function says(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && codes.some((code) => error.message.startsWith(code))
}

function isAcknowledged({ acknowledged = 0 }: Outcome, { replicas }: Acknowledgement): boolean {
  return acknowledged >= replicas
}

function tooFew({ acknowledged }: Outcome, { replicas, timeout }: Acknowledgement): string {
  return `a session was ended, and ${acknowledged} of ${replicas} replicas acknowledged it within ${timeout} ms`
}
