const SHARDS = 1024

/** The only key of an owner, or a Set of several. A Set for every owner would take more memory than the sessions' own entries. */
type Keys = string | Set<string>

/** The keys of each owner, in many small Maps: one Map of a million owners blocks the event loop when it grows. */
export class OwnerIndex {
  /** Each is made when it is first used. */
  readonly #shards = new Array<Map<string, Keys> | undefined>(SHARDS)

  add(owner: string | undefined, key: string): void {
    if (owner === undefined) return
    const shard = this.#shardOf(owner)
    const keys = shard.get(owner)
    if (keys === undefined) shard.set(owner, key)
    else if (typeof keys === 'object') keys.add(key)
    else if (keys !== key) shard.set(owner, new Set([keys, key]))
  }

  remove(owner: string | undefined, key: string): void {
    if (owner === undefined) return
    const shard = this.#shardOf(owner)
    const keys = shard.get(owner)
    if (typeof keys === 'object') keys.delete(key)
    if (keys === key || (typeof keys === 'object' && keys.size === 0)) shard.delete(owner)
  }

  /** A copy, because the index may change while the caller iterates. */
  of(owner: string): string[] {
    const keys = this.#shardOf(owner).get(owner) ?? []
    return typeof keys === 'string' ? [keys] : [...keys]
  }

  /** FNV-1a of the whole string: owners often begin and end alike. */
  #shardOf(owner: string): Map<string, Keys> {
    let hash = 0x811c9dc5
    for (let i = 0; i < owner.length; i++) hash = Math.imul(hash ^ owner.charCodeAt(i), 0x01000193)
    const index = (hash ^ (hash >>> 15)) & (SHARDS - 1)
    const shard = this.#shards[index] ?? new Map<string, Keys>()
    this.#shards[index] = shard
    return shard
  }
}
