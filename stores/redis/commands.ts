import type { FoundRecord, StoreEntry, StoreRecord } from '../../types/store.ts'
import { isRenewalRecord } from '../shared/renewal-record.ts'
import { checkedExpiry, checkedKey, checkedOwner } from '../shared/text.ts'
import type { Argument } from './client.ts'
import type { Names } from './names.ts'
import { type CallOptions, CODE, type Outcome, type Runner } from './runner.ts'
import { KEYS_OF, type Verb } from './scripts.ts'

/** A call of a script on a session's key. */
export interface Call extends CallOptions {
  readonly key: string
  readonly args: readonly Argument[]
}

/** A record as the scripts take it. A renewal record has no owner. */
export interface Entry extends Call {
  /** `owner` is `=name`, or empty for none. */
  readonly args: readonly [data: Buffer, at: number, owner: string]
}

/** The arguments of a rename. */
export interface Move {
  readonly from: string
  readonly previous: Buffer
  readonly to: Entry
  readonly trace: Entry | undefined
  readonly until: number | undefined
}

/** The verbs on Redis. One server and a Cluster differ in how they keep the index and how they rename. */
export abstract class RedisCommands {
  protected readonly names: Names
  protected readonly runner: Runner

  constructor(runner: Runner) {
    this.names = runner.names
    this.runner = runner
  }

  /** Runs the script of a verb on one key. */
  abstract run(verb: Verb, call: Call): Promise<Outcome>

  /** A record without its expiry, in the cheapest way. */
  abstract peek(key: string, withOwner: boolean, until: number | undefined): Promise<FoundRecord | undefined>

  abstract move(move: Move): Promise<boolean>

  abstract endOwned(owner: string, exceptKey: string, until: number | undefined): Promise<number>

  /** A record with its expiry and owner. */
  async whole(key: string, until?: number): Promise<FoundRecord | undefined> {
    return wholeOf(await this.run('find', { key, args: [], until }))
  }

  /** The records under the keys; a key without a record is left out. */
  async read(keys: readonly string[]): Promise<StoreEntry[]> {
    return (await Promise.all(keys.map(async (key) => entriesOf(key, await this.whole(key))))).flat()
  }

  /** The same, but a session that was renamed since is found under its new key. */
  load(keys: readonly string[]): Promise<StoreEntry[]> {
    return this.read(keys)
  }

  /** All the keys of an owner at one moment. */
  async keysOf(owner: string, until?: number): Promise<string[]> {
    const { rest } = await this.runner.run(KEYS_OF, [this.names.index(checkedOwner(owner))], [], { until })
    return (rest[0] as Buffer[]).map(String)
  }
}

export function bytes(data: Uint8Array): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength)
}

/** A record as the scripts take it. Throws a RangeError, before anything is sent, for what could not be written. */
export function entryOf(key: string, { data, expiresAt, owner }: StoreRecord, until: number | undefined): Entry {
  const name = owner === undefined || isRenewalRecord(key) ? undefined : checkedOwner(owner)
  return { key: checkedKey(key), owner: name, args: [bytes(data), checkedExpiry(expiresAt), name === undefined ? '' : `=${name}`], until }
}

/** The record that FIND returned. */
export function wholeOf({ code, rest: [data, at, owner] }: Outcome): FoundRecord | undefined {
  if (code !== CODE.yes) return undefined
  const [expiresAt, name] = [Number(at), String(owner)]
  return {
    data: data as Buffer,
    ...(expiresAt > 0 ? { expiresAt } : {}),
    ...(name === '' ? {} : { owner: name.slice(1) }),
  }
}

/** A record in a listing. A payload that another program wrote without an expiry never expires. */
export function entriesOf(key: string, found: FoundRecord | undefined): StoreEntry[] {
  return found === undefined ? [] : [{ key, record: { ...found, expiresAt: found.expiresAt ?? Number.POSITIVE_INFINITY } }]
}
