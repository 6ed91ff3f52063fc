import type { StoreEntry } from '../../types/store.ts'

const BATCH = 100
/** A session that is renamed in every one of so many rounds is renamed by nobody who uses it. */
const MAX_ROUNDS = 16

/**
 * Walks the records of an owner in bounded batches and misses none: `keysOf` gives all the keys that the owner has at one moment, `load` the
 * records of a few of them. A session that is renamed in between is not found under the key that was listed, but under a new one in
 * the next round; a round that lists nothing new is the last.
 */
export async function* walkOwned(
  keysOf: () => PromiseLike<readonly string[]> | readonly string[],
  load: (keys: readonly string[]) => PromiseLike<readonly StoreEntry[]> | readonly StoreEntry[],
): AsyncGenerator<StoreEntry> {
  const seen = new Set<string>()
  // A load may follow a session to where it went.
  const given = new Set<string>()
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const keys = (await keysOf()).filter((key) => !seen.has(key))
    if (keys.length === 0) return
    for (let from = 0; from < keys.length; from += BATCH) {
      const batch = keys.slice(from, from + BATCH)
      for (const key of batch) seen.add(key)
      for (const entry of await load(batch)) {
        if (given.has(entry.key)) continue
        given.add(entry.key)
        yield entry
      }
    }
  }
}
