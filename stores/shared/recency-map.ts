/** Few enough entries that a Map grows without a noticeable pause, many enough that the Maps themselves cost little. */
const SHARD_SIZE = 512
const MAX_SHARDS = 8192

/**
 * A Map of at most `limit` entries that evicts the least recently used one. It consists of many small Maps, because one Map of a million
 * entries blocks the event loop when it grows. A JavaScript Map iterates in order of insertion, so a used entry is deleted and inserted again.
 * The order is kept within each Map: it is exact up to 1023 entries, which are in one Map, and approximate above.
 */
export class RecencyMap<V extends object> {
  readonly #limit: number
  readonly #shards: readonly Map<string, V>[]
  readonly #mask: number
  #size = 0

  /** `limit` is a whole number of at least 1. */
  constructor(limit: number) {
    this.#limit = limit
    const wanted = Math.min(MAX_SHARDS, Math.max(1, limit / SHARD_SIZE))
    const count = 2 ** Math.floor(Math.log2(wanted))
    this.#mask = count - 1
    this.#shards = Array.from({ length: count }, () => new Map<string, V>())
  }

  get size(): number {
    return this.#size
  }

  get(key: string): V | undefined {
    return this.#shards[this.#indexOf(key)]?.get(key)
  }

  /** Marks an entry as just used. Does nothing while a large map is less than half full: it will not evict soon. */
  use(key: string, value: V): void {
    if (this.#mask !== 0 && this.#size * 2 < this.#limit) return
    const shard = this.#shards[this.#indexOf(key)]
    if (shard?.delete(key) === true) shard.set(key, value)
  }

  /** Adds an entry under a key that is free. Returns the entry that was evicted for it, if any. */
  add(key: string, value: V): V | undefined {
    const index = this.#indexOf(key)
    this.#shards[index]?.set(key, value)
    this.#size++
    return this.#size > this.#limit ? this.#evict(index, key) : undefined
  }

  delete(key: string): void {
    if (this.#shards[this.#indexOf(key)]?.delete(key) === true) this.#size--
  }

  /** The keys, copied one shard at a time: the iteration ends and yields no key twice, whatever is added, used or deleted meanwhile. */
  *keys(): Generator<string> {
    for (const shard of this.#shards) yield* [...shard.keys()]
  }

  /** Evicts from the shard that grew or, when it has no other entry, from the next shard that has one. */
  #evict(index: number, added: string): V | undefined {
    let evicted: V | undefined
    for (let i = 0; evicted === undefined && i <= this.#mask; i++) evicted = takeOldest(this.#shards[(index + i) & this.#mask], added)
    this.#size--
    return evicted
  }

  #indexOf(key: string): number {
    return this.#mask === 0 ? 0 : hashOf(key) & this.#mask
  }
}

/** FNV-1a of both ends of a key: the manager's keys are random. */
export function hashOf(key: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < 4; i++) {
    hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193)
    hash = Math.imul(hash ^ key.charCodeAt(key.length - 1 - i), 0x01000193)
  }
  return hash ^ (hash >>> 15)
}

/**
 * Removes the least recently used entry, but not the one just added. It makes a new iterator each time, although that has to skip what was
 * deleted since the Map was last rebuilt: an iterator that is kept would keep every table that the Map ever had in memory.
 */
function takeOldest<V extends object>(shard: Map<string, V> | undefined, added: string): V | undefined {
  if (shard !== undefined) {
    for (const [key, value] of shard) {
      if (key === added) continue
      shard.delete(key)
      return value
    }
  }
  return undefined
}
