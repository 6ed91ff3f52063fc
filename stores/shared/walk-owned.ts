import type { StoreEntry } from '../../types/store.ts'

const BATCH = 100
/** More rounds than a session is renamed during one listing, unless somebody tries to keep the listing from ending. */
const MAX_ROUNDS = 16

/**
 * Yields the records of an owner in bounded batches and misses none. `keysOf` returns all keys that the owner has at one moment, `load` the
 * records under some of them. A session that is renamed in between is no longer under its listed key, but the next round lists its new key.
 * The walk ends after a round that lists nothing new.
 */
export async function* walkOwned(
  keysOf: () => PromiseLike<readonly string[]> | readonly string[],
  load: (keys: readonly string[]) => PromiseLike<readonly StoreEntry[]> | readonly StoreEntry[],
): AsyncGenerator<StoreEntry> {
  const seen = new Set<string>()
  // `load` may return a session under the key to which it was renamed.
  const yielded = new Set<string>()
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const keys = (await keysOf()).filter((key) => !seen.has(key))
    if (keys.length === 0) return
    for (let from = 0; from < keys.length; from += BATCH) {
      const batch = keys.slice(from, from + BATCH)
      for (const key of batch) seen.add(key)
      for (const entry of await load(batch)) {
        if (yielded.has(entry.key)) continue
        yielded.add(entry.key)
        yield entry
      }
    }
  }
}
