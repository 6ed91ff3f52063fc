import { createHash, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Cluster, type ClusterOptions, Redis, type RedisOptions } from 'ioredis'
import type { RedisClient } from '../../stores/redis/client.ts'
import { RedisStore, type RedisStoreOptions } from '../../stores/redis.ts'
import type { StoreRecord } from '../../types/store.ts'
import { settled } from './app.ts'
import type { Scope, Server } from './servers/process.ts'

/** A connection that ends with the test. */
export function redisClient(t: Scope, address: string | Server, options: Omit<RedisOptions, 'replyMapping'> = {}): Redis {
  const all = { socketTimeout: 60_000, ...options }
  const redis = typeof address === 'string' ? new Redis(address, all) : new Redis(address.port, '127.0.0.1', all)
  // What is lost is seen by whoever waits for a reply.
  redis.on('error', () => {})
  t.teardown(() => redis.disconnect())
  return redis
}

/** A connection to a Cluster that ends with the test. */
export function clusterClient(t: Scope, nodes: readonly Server[], options: Omit<ClusterOptions, 'redisOptions'> = {}): Cluster {
  const cluster = new Cluster(
    nodes.map(({ port }) => ({ host: '127.0.0.1', port })),
    options,
  )
  cluster.on('error', () => {})
  t.teardown(() => cluster.disconnect())
  return cluster
}

/** A store whose keys no other store has. */
export function redisStore(client: RedisClient, options: RedisStoreOptions = {}): RedisStore {
  return new RedisStore(client, { prefix: `${randomUUID()}:`, ...options })
}

/** The name of an owner's index. */
export function indexName(prefix: string, owner: string): string {
  return `owners:${prefix.length}:${prefix}${createHash('sha1').update(owner).digest('hex')}`
}

export const HOUR = 3_600_000
export const DAY = 24 * HOUR
export const BOTH = { expiry: true }

/** The master that has a slot. */
export async function masterOf(cluster: Cluster, slot: number): Promise<Redis> {
  const masters = cluster.nodes('master')
  const ids = await Promise.all(masters.map((node) => node.cluster('MYID')))
  const ranges = (await masters[0]?.cluster('SLOTS')) ?? []
  const master = masters[ids.indexOf(String(ranges.find(([first, last]) => slot >= first && slot <= last)?.[2]?.[2]))]
  if (master === undefined) throw new Error(`slot ${slot} is nowhere`)
  return master
}

/** Moves a slot with all its keys to another master, as `redis-cli --cluster reshard` does: some keys at a time. */
export async function moveSlot(cluster: Cluster, slot: number, to: Redis): Promise<void> {
  const from = await masterOf(cluster, slot)
  await to.cluster('SETSLOT', slot, 'IMPORTING', String(await from.cluster('MYID')))
  await from.cluster('SETSLOT', slot, 'MIGRATING', String(await to.cluster('MYID')))
  for (;;) {
    const keys = await from.cluster('GETKEYSINSLOT', slot, 1)
    if (keys.length === 0) break
    await from.migrate('127.0.0.1', Number(to.options.port), '', 0, 60_000, 'KEYS', ...keys)
    await sleep(10)
  }
  for (const node of cluster.nodes('master')) await node.cluster('SETSLOT', slot, 'NODE', String(await to.cluster('MYID')))
}

/** A record that lives for an hour, or until the moment given. */
export function record(data: string, owner?: string, expiresAt = Date.now() + HOUR): StoreRecord {
  return { data: Buffer.from(data), expiresAt, ...(owner === undefined ? {} : { owner }) }
}

/** A client that does something at its n-th command, counted from 1: what `before` or `after` does comes in between. */
export interface Meddled {
  readonly client: RedisClient
  /** How many commands were sent. */
  readonly sent: () => number
  /** What each command was: the method and the number of keys, or the name. */
  readonly commands: string[]
  /** Resolves when no command is on its way, of the steps that run beside one that failed either. */
  idle(): Promise<void>
}

/** The commands that a store sends. */
export const COMMANDS = ['getBuffer', 'mgetBuffer', 'evalshaBuffer', 'evalBuffer', 'scanBuffer']

/** Counts a client's commands, and lets one of them fail before it is sent or after its reply came. */
export function meddle(client: RedisClient, at = 0, when: 'before' | 'after' = 'before'): Meddled {
  const commands: string[] = []
  let open = 0
  const send = async (mine: number, command: () => unknown) => {
    if (mine === at && when === 'before') throw new Error('the connection was lost before the command was sent')
    const reply = await command()
    if (mine === at) throw new Error('the connection was lost before the reply came')
    return reply
  }
  const proxy = new Proxy(client, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      if (!COMMANDS.includes(String(name))) return value.bind(target)
      return (...args: unknown[]) => {
        open++
        return send(commands.push(String(name)), () => value.apply(target, args)).finally(() => open--)
      }
    },
  })
  const idle = async () => {
    do await settled()
    while (open > 0)
  }
  return { client: proxy, sent: () => commands.length, commands, idle }
}
