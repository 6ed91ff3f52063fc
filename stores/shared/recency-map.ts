/** How many entries a shard is meant to hold: few enough that growing or shrinking its Map is no pause, many enough to cost little. */
const SHARD_SIZE = 512
const MOST_SHARDS = 8192

/** A Map, and the order in which its entries were last used: a JavaScript Map iterates in order of insertion. */
class Shard<V> {
  readonly map = new Map<string, V>()
  /** Stands at the entry that was used least recently: live, so that what is gone is not walked over again. */
  #oldest = this.map.keys()

  /** The key used least recently, other than one. */
  oldestBut(key: string): string | undefined {
    for (;;) {
      const next = this.#oldest.next()
      if (next.done === true) {
        this.#oldest = this.map.keys()
        return this.#firstBut(key)
      }
      if (next.value !== key) return next.value
    }
  }

  #firstBut(key: string): string | undefined {
    for (const each of this.map.keys()) {
      if (each !== key) return each
    }
    return undefined
  }
}

/**
 * A Map of at most `limit` entries that lets the least recently used go. It consists of many small Maps, for one that holds a million
 * entries halts the process when it grows, and the order is kept within each: exact for few entries, close for many.
 */
export class RecencyMap<V> {
  readonly #limit: number
  readonly #shards: Shard<V>[]
  readonly #mask: number
  #size = 0

  constructor(limit: number) {
    this.#limit = limit
    const wanted = Math.min(MOST_SHARDS, Math.max(1, limit / SHARD_SIZE))
    const count = 2 ** Math.floor(Math.log2(wanted))
    this.#mask = count - 1
    this.#shards = Array.from({ length: count }, () => new Shard<V>())
  }

  get size(): number {
    return this.#size
  }

  get(key: string): V | undefined {
    return this.#shards[this.#indexOf(key)]?.map.get(key)
  }

  /** Notes a use. As long as the map is not half full there is no need to know the order. */
  use(key: string, value: V): void {
    if (this.#size * 2 < this.#limit) return
    const map = this.#shards[this.#indexOf(key)]?.map
    map?.delete(key)
    map?.set(key, value)
  }

  /** Adds an entry; gives the one that had to go for it. */
  add(key: string, value: V): V | undefined {
    const index = this.#indexOf(key)
    this.#shards[index]?.map.set(key, value)
    this.#size++
    return this.#size > this.#limit ? this.#evict(index, key) : undefined
  }

  delete(key: string): boolean {
    const deleted = this.#shards[this.#indexOf(key)]?.map.delete(key) ?? false
    if (deleted) this.#size--
    return deleted
  }

  *values(): Generator<V> {
    for (const shard of this.#shards) yield* shard.map.values()
  }

  /** From the shard that grew or, when it holds nothing else, from the next that can. */
  #evict(index: number, added: string): V | undefined {
    for (let i = 0; i < this.#shards.length; i++) {
      const shard = this.#shards[(index + i) & this.#mask]
      const key = shard?.oldestBut(added)
      if (shard === undefined || key === undefined) continue
      const value = shard.map.get(key)
      shard.map.delete(key)
      this.#size--
      return value
    }
    return undefined
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
