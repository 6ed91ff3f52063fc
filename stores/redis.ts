import type { FindWant, FoundRecord, SessionStore, StoreContext, StoreEntry, StoreRecord } from '../types/store.ts'
import { type Acknowledgement, canScript, type RedisClient } from './redis/client.ts'
import { ClusterCommands } from './redis/cluster.ts'
import { bytes, entryOf, type RedisCommands } from './redis/commands.ts'
import { namesOf } from './redis/names.ts'
import { CODE, Runner } from './redis/runner.ts'
import { scan, scanAll } from './redis/scan.ts'
import { SingleCommands } from './redis/single.ts'
import { checkedExpiry, checkedKey, checkedOwner } from './shared/text.ts'
import { walkOwned } from './shared/walk-owned.ts'

export type { Acknowledgement, RedisClient } from './redis/client.ts'

/** The options of a {@link RedisStore}. */
export interface RedisStoreOptions {
  /**
   * The beginning of its key names, after the client's `keyPrefix`. Default: `'scs:session:'`, as in SCS. Two stores with different prefixes never see
   * each other's sessions. In a Cluster, a hash tag such as `{app}:` puts all sessions into one slot.
   */
  readonly prefix?: string
  /**
   * How many replicas must confirm that a session ended, and how long to wait for them in milliseconds (Redis' WAIT), so that no failover can bring it
   * back. Default: none. When too few confirm, `destroy` fails with a 503, although the session has ended on the master; a renewal succeeds and logs a
   * warning. WAIT blocks everything else on the connection, so the store needs a client of its own.
   */
  readonly wait?: Acknowledgement
}

/**
 * Sessions in Redis 7 or later, through ioredis: one server, Sentinel or Cluster. The payload is under the key that SCS uses, and Redis expires it.
 * The owner of a session is under a second key, and each owner has an index of their sessions' keys.
 *
 * The server's clock decides what has expired, and which command is too late.
 */
export class RedisStore implements SessionStore {
  readonly #runner: Runner
  readonly #commands: RedisCommands

  /** Throws a TypeError when an option is wrong, or when the client reads from replicas, which may still have a session that was destroyed. */
  constructor(client: RedisClient, options: RedisStoreOptions = {}) {
    const { prefix = 'scs:session:', wait } = options
    if (typeof client !== 'object' || client === null || !canScript(client))
      throw new TypeError('RedisStore: the client must be a Redis or a Cluster of ioredis')
    checkReads(client)
    if (wait !== undefined) checkWait(wait)
    this.#runner = new Runner(client, namesOf(prefix, client.options.keyPrefix ?? ''), wait)
    this.#commands = new (client.isCluster === true ? ClusterCommands : SingleCommands)(this.#runner)
  }

  attach({ log }: StoreContext): void {
    this.#runner.attach(log)
  }

  find(key: string, want: FindWant, until?: number): Promise<FoundRecord | undefined> {
    return want.expiry ? this.#commands.whole(key, until) : this.#commands.peek(key, want.owner !== false, until)
  }

  async create(key: string, record: StoreRecord, until?: number): Promise<boolean> {
    return (await this.#commands.run('create', entryOf(key, record, until))).code === CODE.yes
  }

  async update(key: string, previous: Uint8Array, record: StoreRecord, until?: number): Promise<boolean> {
    const { owner, args } = entryOf(key, record, until)
    return (await this.#commands.run('update', { key, owner, args: [...args, bytes(previous)], until })).code === CODE.yes
  }

  async rename(
    oldKey: string,
    newKey: string,
    previous: Uint8Array,
    record: StoreRecord,
    trace?: StoreEntry,
    until?: number,
  ): Promise<boolean> {
    const [to, left] = [entryOf(newKey, record, until), trace && entryOf(trace.key, trace.record, until)]
    return await this.#commands.move({ from: checkedKey(oldKey), previous: bytes(previous), to, trace: left, until })
  }

  async touch(key: string, previous: Uint8Array, expiresAt: number, until?: number): Promise<boolean> {
    const args = [checkedExpiry(expiresAt), bytes(previous)]
    return (await this.#commands.run('touch', { key, args, until })).code === CODE.yes
  }

  async delete(key: string, previous?: Uint8Array, until?: number): Promise<boolean> {
    const args = previous === undefined ? [] : [bytes(previous)]
    return (await this.#commands.run('delete', { key, args, until, replicas: 'required' })).code === CODE.yes
  }

  async deleteOwnedBy(owner: string, exceptKey = '', until?: number): Promise<number> {
    return await this.#commands.endOwned(checkedOwner(owner), exceptKey, until)
  }

  /** Does not miss a session whose slot moves to another node of a Cluster meanwhile: it scans again after a move. */
  async *all(): AsyncGenerator<StoreEntry> {
    await this.#runner.ready()
    for await (const keys of scanAll(this.#runner)) yield* await this.#commands.read(keys)
  }

  ownedBy(owner: string): AsyncGenerator<StoreEntry> {
    return walkOwned(
      () => this.#commands.keysOf(owner),
      (keys) => this.#commands.load(keys),
    )
  }

  /** May count a session twice or miss it while Redis resizes its table or slots move; to be exact it would have to remember every key. */
  async count(): Promise<number> {
    await this.#runner.ready()
    let count = 0
    for await (const keys of scan(this.#runner)) count += keys.length
    return count
  }

  /** Does nothing: Redis itself removes what has expired. */
  deleteExpired(): number {
    return 0
  }

  /** Does nothing: the client is closed by whoever opened it. */
  close(): void {}
}

function checkReads(client: RedisClient): void {
  const { scaleReads = 'master', role = 'master' } = client.options
  if (role !== 'master')
    throw new TypeError(
      "RedisStore: the client's option role must be 'master': a replica refuses writes, and may still hold a session that was destroyed",
    )
  if (client.isCluster === true && scaleReads !== 'master')
    throw new TypeError(
      "RedisStore: the client's option scaleReads must be 'master': a replica may still hold a session that was destroyed",
    )
}

function checkWait({ replicas, timeout }: Acknowledgement): void {
  if (!Number.isSafeInteger(replicas) || replicas < 1)
    throw new TypeError('RedisStore: the option wait.replicas must be a whole number, 1 or more')
  if (!Number.isSafeInteger(timeout) || timeout < 1)
    throw new TypeError('RedisStore: the option wait.timeout must be whole milliseconds, 1 or more')
}
