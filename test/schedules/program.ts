import type { SessionStore } from '../../types/store.ts'
import { type DatabaseServer, databaseOf } from '../support/faults/databases.ts'
import { lmdbStore } from '../support/lmdb.ts'
import { sqliteStore } from '../support/sqlite.ts'
import { brokenInBrowser } from './browser.ts'
import { everyCrash } from './crashes.ts'
import { everyOrder, type Findings, setsOf } from './explore.ts'
import { everyAwaited, everyInside, everyInsideFault, everyInsidePair, everyJob, randomKind } from './inside.ts'
import { TEN } from './operations.ts'
import { type Limits, runRandom } from './random.ts'
import { makeWorld, type World } from './world.ts'

/** What a program found, in words for the log, and what broke a law. */
export interface Report {
  readonly text: string
  readonly runs: number
  readonly broken: readonly string[]
}

type Ends = (() => unknown)[]

/** One of two sets of three at a time, so that two processes share them. */
async function triples(part: number, parts: number): Promise<Report> {
  const world = await makeWorld()
  const findings: Findings = { runs: 0, broken: [] }
  const sets = setsOf(Object.keys(TEN), 3).filter((_, i) => i % parts === part)
  for (const kinds of sets) await everyOrder(world, { kinds }, findings, ({ outcome, token }) => brokenInBrowser(outcome, token))
  return { ...findings, text: `${sets.length} sets of three, ${findings.runs} orders of their calls, each in 6 orders of their replies` }
}

async function random(world: World, seed: number, count: number, limits: Limits): Promise<Report> {
  const broken: string[] = []
  let points = 0
  for (let each = seed; each < seed + count && broken.length < 5; each++) {
    const run = await runRandom(world, each, limits)
    points += run.taken.length
    if (run.broken.length > 0) broken.push(`SCS_SEED=${each} [${run.kinds}] ${run.trail}: ${run.broken.join('; ')}`)
  }
  return { runs: count, broken, text: `${count} random schedules from seed ${seed}, ${points} points` }
}

async function crashes(): Promise<Report> {
  const findings: Findings = { runs: 0, broken: [] }
  const faults = await everyCrash(await makeWorld(), findings)
  return { ...findings, text: `${findings.runs} orders with ${faults} faults` }
}

/** What comes inside a request, or in a thread of a job, alone. */
async function inside(what: (world: World, findings: Findings) => Promise<void>): Promise<Report> {
  const findings: Findings = { runs: 0, broken: [] }
  await what(await makeWorld(), findings)
  return { ...findings, text: `${findings.runs} orders` }
}

async function insideFaults(part: number, parts: number): Promise<Report> {
  const findings: Findings = { runs: 0, broken: [] }
  const faults = await everyInsideFault(await makeWorld(), findings, part, parts)
  return { ...findings, text: `${findings.runs} orders with ${faults} faults` }
}

async function insidePairs(part: number, parts: number): Promise<Report> {
  const findings: Findings = { runs: 0, broken: [] }
  const pairs = await everyInsidePair(await makeWorld(), findings, part, parts)
  return { ...findings, text: `${pairs} pairs, ${findings.runs} orders` }
}

/** Sets of three that broke an earlier version of the rules, or a plainer one. */
const TRIPLES = [['login', 'writeOther', 'destroyOwnedBy']]

/** The same on a store of another kind: every order of two requests, what once went wrong, and random schedules. */
async function sample(store: SessionStore, seed: number, count: number): Promise<Report> {
  const world = await makeWorld(store)
  const findings: Findings = { runs: 0, broken: [] }
  for (const kinds of [...setsOf(Object.keys(TEN), 2), ...TRIPLES]) await everyOrder(world, { kinds }, findings)
  const orders = findings.runs
  const faults = await everyCrash(world, findings, ['login', 'merge'], [[], ['destroy']])
  const { broken, text } = await random(world, seed, count, { most: 3, jumps: false })
  const texts = `${orders} orders of two and three, ${findings.runs - orders} with ${faults} faults, ${text}`
  return { runs: findings.runs + count, broken: [...findings.broken, ...broken], text: texts }
}

async function storeOf(name: string, where: string, ends: Ends): Promise<SessionStore> {
  const owner = { teardown: (end: () => unknown) => void ends.push(end) }
  if (name === 'SQLite') return sqliteStore(owner, where)
  return name === 'LMDB' ? lmdbStore(owner, where) : await databaseOf(name as DatabaseServer['name']).connect(owner, Number(where))
}

async function main([what = '', ...args]: readonly string[]): Promise<Report> {
  const numbers = args.map(Number)
  const [first = 0, second = 0] = numbers
  if (what === 'triples') return await triples(first, second)
  if (what === 'random') return await random(await makeWorld(), first, second, { most: 8, jumps: true })
  if (what === 'crashes') return await crashes()
  if (what === 'inside') return await inside(everyInside)
  if (what === 'awaited') return await inside(everyAwaited)
  if (what === 'jobs') return await inside(everyJob)
  if (what === 'inside-faults') return await insideFaults(first, second)
  if (what === 'inside-pairs') return await insidePairs(first, second)
  if (what === 'inside-random') return await random(await makeWorld(), first, second, { most: 4, jumps: false, kind: randomKind })
  const ends: Ends = []
  const [where = '', seed, count] = args
  const report = await sample(await storeOf(what, where, ends), Number(seed), Number(count))
  for (const end of ends) await end()
  return report
}

const report = await main(process.argv.slice(2))
// One fault may break thousands of orders, and a few of them tell of it.
const broken = report.broken.slice(0, 20)
process.stdout.write(JSON.stringify({ ...report, broken }), () => process.exit())
