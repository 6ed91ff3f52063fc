import { isTrace } from '../shared/traces.ts'
import type { RedisClient } from './client.ts'
import type { Names } from './names.ts'

/** How many names a step looks at: a step that Redis takes in well under a millisecond. */
const STEP = 500

/** The keys of all sessions, in batches, from every master: each at least once that is there from the beginning to the end. */
export async function* scan(client: RedisClient, names: Names): AsyncGenerator<string[]> {
  const nodes = client.isCluster === true && client.nodes !== undefined ? client.nodes('master') : [client]
  for (const node of nodes) {
    // SCAN may give a name again.
    const seen = new Set<string>()
    let cursor = '0'
    do {
      const [next, found] = await node.scanBuffer(cursor, 'MATCH', names.pattern, 'COUNT', STEP)
      cursor = String(next)
      const keys = found.flatMap((name) => names.keyOf(String(name)) ?? []).filter((key) => !isTrace(key) && !seen.has(key))
      for (const key of keys) seen.add(key)
      yield keys
    } while (cursor !== '0')
  }
}
