import { createHash } from 'node:crypto'
import type { FinalError, StoreLogger } from '../../types/store.ts'
import type { Argument, RedisClient, RedisScripting, Reply } from './client.ts'

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
}

/** Later than any clock. */
const NEVER = 9e15
/** The first try may find that the server's clock is another; the second knows it. */
const MOST_TRIES = 3

/**
 * Runs the store's scripts. Each gets the moment until which somebody waits, by the server's own clock, and refuses to work after it: a driver
 * keeps commands while it reconnects and sends them again, and what was answered with an error long ago must not happen then.
 */
export class Runner {
  readonly #client: RedisClient & RedisScripting
  /** How far the server's clock is ahead, as of its last reply. */
  #ahead = 0
  log: StoreLogger | undefined

  constructor(client: RedisClient & RedisScripting) {
    this.#client = client
  }

  async run(script: Script, keys: readonly string[], args: readonly Argument[], patience: Patience = {}): Promise<Outcome> {
    const { until = NEVER, wait } = patience
    for (let tries = 1; ; tries++) {
      const sentAt = Date.now()
      if (sentAt >= until || tries > MOST_TRIES) throw new Error('the time for this Redis command ran out before it was carried out')
      const deadline = until === NEVER ? NEVER : Math.ceil(until + this.#ahead)
      const [reply, acknowledged] = await this.#send(script, keys, [deadline, ...args], wait)
      const [code, now, ...rest] = reply as [number, number, ...Reply[]]
      this.#ahead = now - sentAt
      if (code !== CODE.late) return { code, rest, acknowledged }
    }
  }

  /** Throws when too few replicas know what was ended: one of them may become the master and bring it back. */
  mustBeAcknowledged(outcome: Outcome, wait: Acknowledgement | undefined): void {
    if (wait === undefined || isAcknowledged(outcome, wait)) return
    const error = new Error(
      `a session was ended, and ${outcome.acknowledged} of ${wait.replicas} replicas acknowledged it within ${wait.timeout} ms`,
    )
    throw Object.assign(error, { final: true } satisfies Partial<FinalError>)
  }

  /** A renewal stands all the same: an error would leave the client with a token that is dead. */
  warnUnacknowledged(outcome: Outcome, wait: Acknowledgement | undefined): void {
    if (wait === undefined || isAcknowledged(outcome, wait)) return
    const message = 'too few replicas acknowledged a renewed session: should the master fail now, the old token may work again'
    this.log?.warn({ acknowledged: outcome.acknowledged, replicas: wait.replicas }, message)
  }

  async #send(
    { source, sha }: Script,
    keys: readonly string[],
    args: readonly Argument[],
    wait: Acknowledgement | undefined,
  ): Promise<[reply: unknown, acknowledged: number | undefined]> {
    const rest = [keys.length, ...keys, ...args] as const
    try {
      return await this.#once('evalshaBuffer', sha, rest, wait)
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
      return await this.#once('evalBuffer', source, rest, wait)
    }
  }

  async #once(
    method: 'evalshaBuffer' | 'evalBuffer',
    script: string,
    rest: readonly [number, ...Argument[]],
    wait: Acknowledgement | undefined,
  ): Promise<[reply: unknown, acknowledged: number | undefined]> {
    if (wait === undefined) return [await this.#client[method](script, ...rest), undefined]
    // In one pipeline, for WAIT counts what this connection wrote.
    const commands = [
      [method, script, ...rest],
      ['wait', wait.replicas, wait.timeout],
    ]
    const results = await this.#client.pipeline(commands).exec()
    for (const [error] of results ?? []) if (error) throw error
    return [results?.[0]?.[1], Number(results?.[1]?.[1])]
  }
}

function isAcknowledged({ acknowledged = 0 }: Outcome, { replicas }: Acknowledgement): boolean {
  return acknowledged >= replicas
}
