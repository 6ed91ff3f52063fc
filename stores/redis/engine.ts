import type { FindWant, FoundRecord, StoreEntry, StoreRecord } from '../../types/store.ts'
import { checkedKey, checkedOwner } from '../shared/text.ts'
import { isTrace } from '../shared/traces.ts'
import type { Argument, RedisClient, Reply } from './client.ts'
import type { Names } from './names.ts'
import { type Acknowledgement, CODE, type Outcome, type Runner, type Script } from './runner.ts'
import type { Verbs } from './scripts.ts'

/** What an engine works with. */
export interface Parts {
  readonly client: RedisClient
  readonly names: Names
  readonly runner: Runner
  readonly wait: Acknowledgement | undefined
}

/** Where a record belongs in an owner's index: nowhere without an owner, and never a trace. */
export interface Place {
  readonly key: string
  readonly owner: string | undefined
  readonly at: number
}

/** The verbs that stay within one key. On one server and in a Cluster they differ in what is done about the index, and about moves. */
export abstract class Engine {
  protected readonly client: RedisClient
  protected readonly names: Names
  protected readonly runner: Runner
  protected readonly wait: Acknowledgement | undefined
  protected abstract readonly verbs: Verbs

  constructor({ client, names, runner, wait }: Parts) {
    this.client = client
    this.names = names
    this.runner = runner
    this.wait = wait
  }

  abstract find(key: string, want: FindWant, until?: number): Promise<FoundRecord | undefined>
  abstract rename(
    oldKey: string,
    newKey: string,
    previous: Uint8Array,
    record: StoreRecord,
    trace?: StoreEntry,
    until?: number,
  ): Promise<boolean>
  abstract deleteOwnedBy(owner: string, exceptKey?: string, until?: number): Promise<number>
  /** Records as they are; a key without one is left out. */
  async read(keys: readonly string[]): Promise<StoreEntry[]> {
    const found = await Promise.all(keys.map((key) => this.find(key, { expiry: true })))
    return keys.flatMap((key, i) => entryOf(key, found[i]))
  }

  /** The same, but a key without a record leads to where its session went. */
  load(keys: readonly string[]): Promise<StoreEntry[]> {
    return this.read(keys)
  }

  /** Runs a verb's script on a key until there is an answer. */
  protected abstract attempt(script: Script, place: Place, args: readonly Argument[], until?: number): Promise<Outcome>

  async create(key: string, record: StoreRecord, until?: number): Promise<boolean> {
    const outcome = await this.attempt(this.verbs.create, placeOf(key, record), [...written(key, record), key], until)
    return outcome.code === CODE.yes
  }

  async update(key: string, previous: Uint8Array, record: StoreRecord, until?: number): Promise<boolean> {
    const args = [bytes(previous), ...written(key, record), key]
    return (await this.attempt(this.verbs.update, placeOf(key, record), args, until)).code === CODE.yes
  }

  async touch(key: string, previous: Uint8Array, expiresAt: number, until?: number): Promise<boolean> {
    const place = { key: checkedKey(key), owner: undefined, at: Math.floor(expiresAt) }
    return (await this.attempt(this.verbs.touch, place, [bytes(previous), place.at, key], until)).code === CODE.yes
  }

  async delete(key: string, previous?: Uint8Array, until?: number): Promise<boolean> {
    const place = { key: checkedKey(key), owner: undefined, at: 0 }
    const compare = previous === undefined ? ['0', ''] : ['1', bytes(previous)]
    return (await this.attempt(this.verbs.delete, place, [...compare, key], until)).code === CODE.yes
  }

  /** All the keys of an owner at one moment. */
  async keysOf(owner: string, until?: number): Promise<string[]> {
    const { rest } = await this.runner.run(this.verbs.keysOf, [this.names.index(checkedOwner(owner))], [''], { until })
    return (rest[0] as Buffer[]).map(String)
  }
}

export function bytes(data: Uint8Array): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength)
}

/** A record as the scripts take it. A trace has no owner. */
export function written(key: string, { data, expiresAt, owner }: StoreRecord): [Buffer, number, string] {
  checkedKey(key)
  return [bytes(data), Math.floor(expiresAt), owner === undefined || isTrace(key) ? '' : `=${checkedOwner(owner)}`]
}

export function placeOf(key: string, { expiresAt, owner }: StoreRecord): Place {
  return { key, owner: isTrace(key) ? undefined : owner, at: Math.floor(expiresAt) }
}

/** A record as the scripts and commands give it. */
export function foundOf(data: Reply | undefined, at: Reply | undefined, owner: Reply | undefined): FoundRecord {
  const name = owner === null || owner === undefined ? '' : String(owner)
  const expiresAt = Number(at ?? 0)
  return {
    data: data as Buffer,
    ...(expiresAt > 0 ? { expiresAt } : {}),
    ...(name === '' ? {} : { owner: name.slice(1) }),
  }
}

/** A record in a listing. One that somebody left without an end has none. */
export function entryOf(key: string, found: FoundRecord | undefined): StoreEntry[] {
  return found === undefined ? [] : [{ key, record: { ...found, expiresAt: found.expiresAt ?? Number.POSITIVE_INFINITY } }]
}
