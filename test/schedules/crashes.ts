import { everyOrder, type Findings } from './explore.ts'
import type { World } from './world.ts'

/** What something goes wrong with half-way. */
const KINDS = ['login', 'renew', 'regenerate', 'destroy', 'merge', 'writeSame', 'destroyOwnedBy']
/** What goes on beside it, or comes after it with the same cookie; the same login tried again among it. */
const BESIDE = [[], ['read'], ['writeOther'], ['login'], ['renew'], ['destroy'], ['merge'], ['destroyOwnedBy']]

/** At least as many as any of those makes. */
const CALLS = 7

/**
 * Every order of the store calls of a request with whose process or connection something goes wrong at one of them, which was carried out or was
 * not, and of one beside it. A process that is killed and a connection that never answers look the same from the store.
 */
export async function everyCrash(world: World, findings: Findings, kinds = KINDS, beside = BESIDE): Promise<number> {
  let faults = 0
  for (const kind of kinds) {
    for (const others of beside) {
      for (let at = 0; at < CALLS; at++) {
        for (const fate of ['drop', 'lose', 'refuse', 'break'] as const) {
          await everyOrder(world, { kinds: [kind, ...others], fault: { at, fate } }, findings, ({ outcome }) => {
            const { died, failed } = outcome.ledger.accounts.get('A') ?? {}
            if (died || failed) faults++
            return []
          })
        }
      }
    }
  }
  return faults
}
