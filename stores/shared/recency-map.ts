/** How many entries a shard is meant to hold: few enough that growing or shrinking its Map is no pause, many enough to cost little. */
const SHARD_SIZE = 512
const MAX_SHARDS = 8192

/**
 * A Map of at most `limit` entries that lets the least recently used go. It consists of many small Maps, for one that holds a million
 * entries halts the process when it grows. A JavaScript Map iterates in order of insertion, so an entry that is used is inserted anew:
 * the order is kept within each Map, exact for up to 1023 entries, which are in one, and close for more.
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

  /** Notes a use. As long as a large map is not half full there is no need to know the order. */
  use(key: string, value: V): void {
    if (this.#mask !== 0 && this.#size * 2 < this.#limit) return
    const shard = this.#shards[this.#indexOf(key)]
    if (shard?.delete(key) === true) shard.set(key, value)
  }

  /** Adds an entry under a key that is free; gives the one that had to go for it. */
  add(key: string, value: V): V | undefined {
    const index = this.#indexOf(key)
    this.#shards[index]?.set(key, value)
    this.#size++
    return this.#size > this.#limit ? this.#evict(index, key) : undefined
  }

  delete(key: string): void {
    if (this.#shards[this.#indexOf(key)]?.delete(key) === true) this.#size--
  }

  /** The keys, copied a shard at a time: whatever is added, used and deleted meanwhile, the walk ends, and gives no key twice. */
  *keys(): Generator<string> {
    for (const shard of this.#shards) yield* [...shard.keys()]
  }

  /** From the shard that grew or, when it holds nothing else, from the next that does. */
  #evict(index: number, added: string): V | undefined {
    let evicted: V | undefined
    for (let i = 0; evicted === undefined && i <= this.#mask; i++) evicted = takeOldest(this.#shards[(index + i) & this.#mask], added)
    this.#size--
    return evicted
  }

  /** FNV-1a over the ends of the key, which is random in what the manager makes. */
  #indexOf(key: string): number {
    if (this.#mask === 0) return 0
    let hash = 0x811c9dc5
    for (let i = 0; i < 4; i++) {
      hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193)
      hash = Math.imul(hash ^ key.charCodeAt(key.length - 1 - i), 0x01000193)
    }
    return (hash ^ (hash >>> 15)) & this.#mask
  }
}

/**
 * Takes out the entry used least recently, but not the one just added. The iterator is a new one each time, though it has to step over what
 * was deleted since the Map was last rebuilt: one that is kept keeps every table that the Map ever had.
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
