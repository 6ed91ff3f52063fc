/** What Redis answers: bytes, whole numbers, nothing, and lists of these. */
export type Reply = Buffer | number | string | null | readonly Reply[]

/** What can be sent. */
export type Argument = string | number | Buffer

/** What became of one command of a pipeline. */
export type PipelineResult = [error: Error | null, result: unknown]

/** The part of an ioredis connection that is used, of a node as well as of a Cluster. */
export interface RedisNode {
  getBuffer(key: string): Promise<Buffer | null>
  mgetBuffer(...keys: string[]): Promise<(Buffer | null)[]>
  scanBuffer(cursor: string, match: 'MATCH', pattern: string, count: 'COUNT', size: number): Promise<[cursor: Buffer, keys: Buffer[]]>
  /** Not every relative of ioredis has it. */
  info?(): Promise<string>
  /** Only a transaction that was given up has no results. */
  pipeline(commands: unknown[][]): { exec(): Promise<PipelineResult[] | null> }
}

/** A master of a Cluster. */
export interface ClusterNode extends RedisNode {
  cluster(what: 'NODES'): Promise<unknown>
}

/** What every ioredis client has and its types leave out. Its `callBuffer`, which they know, does not work with auto-pipelining. */
export interface RedisScripting {
  evalshaBuffer(sha: string, keys: number, ...args: Argument[]): Promise<unknown>
  evalBuffer(script: string, keys: number, ...args: Argument[]): Promise<unknown>
}

/** Whether a client runs scripts whose replies are bytes. */
export function canScript<T extends object>(client: T): client is T & RedisScripting {
  return ['evalshaBuffer', 'evalBuffer'].every((name) => typeof Reflect.get(client, name) === 'function')
}

/** The part of ioredis' `Redis` and `Cluster` that is used. */
export interface RedisClient extends RedisNode {
  readonly isCluster?: boolean
  readonly options: {
    readonly keyPrefix?: string | undefined
    readonly socketTimeout?: number | undefined
    /** A Sentinel client's. */
    readonly role?: unknown
    /** A Cluster's. */
    readonly scaleReads?: unknown
    readonly redisOptions?: { readonly socketTimeout?: number | undefined } | undefined
  }
  /** A Cluster has it. */
  nodes?(role: 'master'): ClusterNode[]
}
