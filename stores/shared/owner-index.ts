const SHARDS = 1024

/** The only key, as with most owners, or several: a Set for each owner would take more than the sessions' own entries. */
type Keys = string | Set<string>

/** The keys of each owner, in many small Maps: one that holds a million owners halts the process when it grows. */
export class OwnerIndex {
  /** Made when they are first used. */
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

  /** A copy: the index may change while it is walked. */
  of(owner: string): string[] {
    const keys = this.#shardOf(owner).get(owner) ?? []
    return typeof keys === 'string' ? [keys] : [...keys]
  }

  /** FNV-1a over all of it, for owners may have a beginning and an end in common. */
  #shardOf(owner: string): Map<string, Keys> {
    let hash = 0x811c9dc5
    for (let i = 0; i < owner.length; i++) hash = Math.imul(hash ^ owner.charCodeAt(i), 0x01000193)
    const index = (hash ^ (hash >>> 15)) & (SHARDS - 1)
    const shard = this.#shards[index] ?? new Map<string, Keys>()
    this.#shards[index] = shard
    return shard
  }
}
