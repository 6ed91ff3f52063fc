import { setImmediate as turn } from 'node:timers/promises'
import type { Test } from 'tap'
import { JsonCodec } from '../../index.ts'
import { isLasting } from '../../lib/data/history.ts'
import { fc } from '../support/fc.ts'
import { LIMIT } from '../support/limit.ts'
import { SEED } from '../support/seed.ts'
import { commands } from './commands.ts'
import { COMPUTED, type Content, ownerOf } from './content.ts'
import { LaterStore } from './later-store.ts'
import { type Config, IDLE_TIMEOUT, LIFETIME, Model } from './model.ts'
import { openSite, Real, type RealSite, type Subject } from './real.ts'
import { text } from './values.ts'

const { SCS_RUNS } = process.env

/** How long a file may take; as long as it likes when it was asked for more runs. */
export const TIME_LIMIT = SCS_RUNS === undefined ? LIMIT : 86_400_000

const CONFIGS: readonly Config[] = [
  { persist: true, idleTimeout: IDLE_TIMEOUT },
  { persist: false, idleTimeout: IDLE_TIMEOUT },
  { persist: true, idleTimeout: undefined },
  { persist: false, idleTimeout: undefined },
]

/** Longer than any session of a run lives. */
const FOR_EVER = 10 * LIFETIME

/**
 * Holds a site on a store against the model, in so many runs, or in as many as SCS_RUNS says; SCS_SEED has the runs of a seed again.
 *
 * @param comesTo what so many runs come to: a model that no longer met it would test less than it says
 */
export async function checkModel(t: Test, subject: Subject, runs: number, comesTo: readonly string[] = []): Promise<void> {
  // Half of the sites are on a store that answers later, whether or not it is one that does in any case.
  const late = { ...subject, store: new LaterStore(subject.store) }
  const sites = await Promise.all(CONFIGS.map((config, i) => openSite(i % 3 === 0 ? subject : late, config)))
  t.teardown(() => Promise.all(sites.map(({ app }) => app.close())))
  const met = new Map<string, number>()
  const property = fc.asyncProperty(fc.nat(CONFIGS.length - 1), commands(subject.grain), (config, commands) =>
    checkRun(subject, sites[config], CONFIGS[config], commands, met),
  )
  const numRuns = Number(SCS_RUNS ?? runs)
  t.comment(`${numRuns} runs of SCS_SEED=${SEED}`)
  const outcome = await fc.check(property, { numRuns })
  t.comment(text(Object.fromEntries([...met].sort())))
  if (outcome.failed) {
    t.fail('the site differs from the model', { run: fc.defaultReportMessage(outcome), error: messageOf(outcome.errorInstance) })
    return
  }
  t.pass('the site does what the model foresees')
  if (numRuns < runs) return
  t.strictSame(
    comesTo.filter((what) => !met.has(what)),
    [],
    'and so many runs came to all that there is',
  )
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

async function checkRun(
  subject: Subject,
  site: RealSite | undefined,
  config: Config | undefined,
  commands: Iterable<fc.AsyncCommand<Model, Real>>,
  met: Map<string, number>,
): Promise<void> {
  if (site === undefined || config === undefined) throw new Error('there is no such site')
  await forget(subject)
  const model = new Model(config, subject.clock(), met)
  const real = new Real(subject, site)
  await fc.asyncModelRun(() => ({ model, real }), commands)
  const foreseen = text(
    [...model.sessions].map(([token, { expiresAt, ...content }]) => row(token, expiresAt, ownerOf(content.values), content)).sort(),
  )
  const seen = text(await rows(real))
  if (foreseen !== seen) throw new Error(`the store in the end\n  the model has ${foreseen}\n  the store has ${seen}`)
  const count = await subject.store.count()
  if (count !== model.sessions.size) throw new Error(`count() is ${count} in the end, and there are ${model.sessions.size} sessions`)
}

/** What a run left ends, so that the next one finds nothing. */
async function forget(subject: Subject): Promise<void> {
  // A store in memory lets nothing else have its turn, and what a finished request held is let go of then.
  await turn()
  await subject.pass(FOR_EVER)
  while ((await subject.store.deleteExpired(1000)) > 0);
}

async function rows(real: Real): Promise<string[]> {
  const codec = new JsonCodec()
  const found: string[] = []
  for await (const { key, record } of real.subject.store.all())
    found.push(row(real.nameOfKey(key), record.expiresAt, record.owner, codec.decode(record.data)))
  return found.sort()
}

/** A row as text, whatever order its keys have. The mark of a save that computed something may outlive it, and nobody looks at it. */
function row(token: string, expiresAt: number, owner: string | undefined, { deadline, values }: Content): string {
  const entries = Object.entries(values).flatMap(([key, value]) => (key === COMPUTED || isLasting(key) ? [] : [text([key, value])]))
  return text({ token, expiresAt, owner, deadline, values: entries.sort() })
}
