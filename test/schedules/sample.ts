import type { Test } from 'tap'
import type { SessionStore } from '../../types/store.ts'
import { everyCrash } from './crashes.ts'
import { everyOrder, type Findings, setsOf } from './explore.ts'
import { TEN } from './operations.ts'
import { runRandom } from './random.ts'
import { makeWorld } from './world.ts'

const SEED = Number(process.env['SCS_SEED'] ?? Date.now() % 1_000_000_000)
const SCHEDULES = Number(process.env['SCS_SCHEDULES'] ?? 2000)

/** Sets of three that broke an earlier version of the rules, or a plainer one. */
const TRIPLES = [['login', 'writeOther', 'destroyOwnedBy']]

/** The same on a store of another kind as on the memory store: every order of two requests, what once went wrong, and random schedules. */
export async function sampleOn(t: Test, store: SessionStore): Promise<void> {
  const world = await makeWorld(store)
  const findings: Findings = { runs: 0, broken: [] }
  for (const kinds of setsOf(Object.keys(TEN), 2)) await everyOrder(world, { kinds }, findings)
  t.strictSame(findings.broken, [], 'every order of two requests')
  t.comment(`${findings.runs} orders of two`)

  const crashed: Findings = { runs: 0, broken: [] }
  const faults = await everyCrash(world, crashed, ['login', 'merge'], [[], ['destroy']])
  t.comment(`${crashed.runs} orders with ${faults} faults`)
  t.strictSame(crashed.broken, [], 'whose process dies or whose connection breaks')

  const random: Findings = { runs: 0, broken: [] }
  for (const kinds of TRIPLES) await sampleOrders(kinds)
  for (let seed = SEED; seed < SEED + SCHEDULES; seed++) {
    const { broken, trail, kinds } = await runRandom(world, seed, { most: 3, jumps: false })
    random.runs++
    if (broken.length > 0) random.broken.push(`SCS_SEED=${seed} [${kinds}] ${trail}: ${broken.join('; ')}`)
  }
  t.comment(`${random.runs} random schedules, from seed ${SEED}`)
  t.strictSame(random.broken, [], 'random schedules')

  async function sampleOrders(kinds: readonly string[]): Promise<void> {
    const orders: Findings = { runs: 0, broken: [] }
    await everyOrder(world, { kinds }, orders)
    random.runs += orders.runs
    random.broken.push(...orders.broken)
  }
}
