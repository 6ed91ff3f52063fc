import { isRenewalRecord } from '../shared/renewal-record.ts'
import type { ClusterNode, RedisClient, RedisNode } from './client.ts'
import type { Names } from './names.ts'
import type { Runner } from './runner.ts'

/** How many names one SCAN looks at, which takes Redis well under a millisecond. */
const STEP = 500
/** How often a Cluster is scanned while slots keep moving; after that a session may be missed, as the documentation says. */
const MAX_PASSES = 16

/** The keys of all sessions, in batches, from every master. SCAN may return a key twice. */
export async function* scan({ client, names }: Runner): AsyncGenerator<string[]> {
  for (const node of mastersOf(client) ?? [client]) yield* scanNode(node, names)
}

async function* scanNode(node: RedisNode, names: Names): AsyncGenerator<string[]> {
  let cursor = '0'
  do {
    const [next, found] = await node.scanBuffer(cursor, 'MATCH', names.pattern, 'COUNT', STEP)
    cursor = String(next)
    yield found.flatMap((name) => names.keyOf(String(name)) ?? []).filter((key) => !isRenewalRecord(key))
  } while (cursor !== '0')
}

/** The same, but each key once, and none missed that is there from beginning to end: it scans again when slots have moved meanwhile. */
export async function* scanAll(runner: Runner): AsyncGenerator<string[]> {
  const seen = new Set<string>()
  let before = await slotsOf(runner.client)
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    for await (const keys of scan(runner)) {
      const fresh = keys.filter((key) => !seen.has(key))
      for (const key of fresh) seen.add(key)
      yield fresh
    }
    const after = await slotsOf(runner.client)
    if (after === before && !after.includes('[')) return
    before = after
  }
}

/** The slots of each master, as it says itself; a slot that is being moved is in brackets. */
async function slotsOf(client: RedisClient): Promise<string> {
  const slots = (mastersOf(client) ?? []).map(async (node) => {
    const line = String(await node.cluster('NODES'))
      .split('\n')
      .find((each) => each.includes('myself'))
    return line?.split(' ').slice(8).join(' ')
  })
  return (await Promise.all(slots)).join('\n')
}

function mastersOf(client: RedisClient): readonly ClusterNode[] | undefined {
  return client.isCluster === true ? client.nodes?.('master') : undefined
}
