/** A reply of Redis: bytes, a whole number, nothing, or a list of these. */
export type Reply = Buffer | number | string | null | readonly Reply[]

/** An argument of a command. */
export type Argument = string | number | Buffer

/** The result of one command of a pipeline. */
export type PipelineResult = [error: Error | null, result: unknown]

/** The part of an ioredis connection that the store uses, of one node or of a Cluster. */
export interface RedisNode {
  getBuffer(key: string): Promise<Buffer | null>
  mgetBuffer(...keys: string[]): Promise<(Buffer | null)[]>
  scanBuffer(cursor: string, match: 'MATCH', pattern: string, count: 'COUNT', size: number): Promise<[cursor: Buffer, keys: Buffer[]]>
  /** Some clients that resemble ioredis do not have it. */
  info?(): Promise<string>
  /** The result is null only after an aborted transaction. */
  pipeline(commands: unknown[][]): { exec(): Promise<PipelineResult[] | null> }
}

/** A master of a Cluster. */
export interface ClusterNode extends RedisNode {
  cluster(what: 'NODES'): Promise<unknown>
}

/** Methods of every ioredis client that its types leave out. `callBuffer`, which they have, does not work with auto-pipelining. */
export interface RedisScripting {
  evalshaBuffer(sha: string, keys: number, ...args: Argument[]): Promise<unknown>
  evalBuffer(script: string, keys: number, ...args: Argument[]): Promise<unknown>
}

/** Whether a client can run scripts and return their replies as bytes. */
export function canScript<T extends object>(client: T): client is T & RedisScripting {
  return ['evalshaBuffer', 'evalBuffer'].every((name) => typeof Reflect.get(client, name) === 'function')
}

/** The part of ioredis' `Redis` and `Cluster` that the store uses. */
export interface RedisClient extends RedisNode {
  readonly isCluster?: boolean
  readonly options: {
    readonly keyPrefix?: string | undefined
    readonly socketTimeout?: number | undefined
    /** Of a client that uses Sentinel. */
    readonly role?: unknown
    /** Of a Cluster. */
    readonly scaleReads?: unknown
    readonly redisOptions?: { readonly socketTimeout?: number | undefined } | undefined
  }
  /** Only a Cluster has it. */
  nodes?(role: 'master'): ClusterNode[]
}

/** How many replicas must have a write, and how long to wait for them. */
export interface Acknowledgement {
  readonly replicas: number
  /** Milliseconds. */
  readonly timeout: number
}
