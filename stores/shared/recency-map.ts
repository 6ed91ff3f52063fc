/** So many entries are in one Map, which grows without a noticeable pause. */
const FEW = 4096
/** So many of them may be taken out, beyond those that are there, until it is made anew. */
const SLACK = 32
/** How many entries each of many Maps has in a full store: few enough, and the Maps themselves cost little. */
const SHARD_SIZE = 512
const MAX_SHARDS = 8192

/**
 * A Map of at most `limit` entries that evicts the least recently used one. Up to 4096 entries it is one Map. Then it is many small ones, because one Map of a
 * million entries blocks the event loop when it grows. (Not from the beginning: a Map of hardly any entries makes a new table whenever one comes or goes.)
 * A JavaScript Map iterates in order of insertion, so a used entry is deleted and inserted again. The order is kept within each Map: it is exact in one, and
 * approximate in many.
 */
export class RecencyMap<V extends object> {
  readonly #limit: number
  #shards: readonly Map<string, V>[] = [new Map<string, V>()]
  #mask = 0
  #size = 0
  /** How many entries were taken out of the one Map. */
  #holes = 0

  /** `limit` is a whole number of at least 1. */
  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#size
  }

  get(key: string): V | undefined {
    return this.#shards[this.#indexOf(key)]?.get(key)
  }

  /** Marks an entry as just used. Does nothing while a large map is less than half full: it will not evict soon. */
  use(key: string, value: V): void {
    if (this.#limit > FEW && this.#size * 2 < this.#limit) return
    const shard = this.#shards[this.#indexOf(key)]
    if (shard?.delete(key) !== true) return
    shard.set(key, value)
    this.#countHole()
  }

  /** Adds an entry under a key that is free. Returns the entry that was evicted for it, if any. */
  add(key: string, value: V): V | undefined {
    if (this.#size === FEW && this.#limit > FEW && this.#mask === 0) this.#divide()
    const index = this.#indexOf(key)
    this.#shards[index]?.set(key, value)
    this.#size++
    return this.#size > this.#limit ? this.#evict(index, key) : undefined
  }

  delete(key: string): void {
    if (this.#shards[this.#indexOf(key)]?.delete(key) !== true) return
    this.#size--
    this.#countHole()
  }

  /** The keys, copied one shard at a time: the iteration ends and yields no key twice, whatever is added, used or deleted meanwhile. */
  *keys(): Generator<string> {
    for (const shard of this.#shards) yield* [...shard.keys()]
  }

  /**
   * Makes a new Map after many deletions. A Map would go on making itself new tables, and V8 leads from each old one to the next, so that all tables and
   * whatever was in them outlive the next small collections.
   */
  #countHole(): void {
    if (this.#mask !== 0 || ++this.#holes <= this.#size + SLACK) return
    this.#shards = [new Map(this.#shards[0])]
    this.#holes = 0
  }

  #divide(): void {
    const count = 2 ** Math.floor(Math.log2(Math.min(MAX_SHARDS, this.#limit / SHARD_SIZE)))
    const before = this.#shards
    this.#shards = Array.from({ length: count }, () => new Map<string, V>())
    this.#mask = count - 1
    for (const shard of before) for (const [key, value] of shard) this.#shards[this.#indexOf(key)]?.set(key, value)
  }

  /** Evicts from the shard that grew or, when it has no other entry, from the next shard that has one. */
  #evict(index: number, added: string): V | undefined {
    let evicted: V | undefined
    for (let i = 0; evicted === undefined && i <= this.#mask; i++) evicted = takeOldest(this.#shards[(index + i) & this.#mask], added)
    this.#size--
    this.#countHole()
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
