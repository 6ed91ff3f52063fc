import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { LIMIT } from './support/limit.ts'

t.setTimeout(LIMIT)

type Handles = Readonly<Record<string, number>>

interface Sample {
  readonly at: number
  readonly requests: number
  readonly heap?: number
  readonly memory?: number
  readonly external?: number
  readonly handles: Handles
  readonly files: number
  readonly p99?: number
  readonly idle?: number
}

interface Trend {
  readonly name: string
  readonly verdict: 'ok' | 'noisy' | 'grew'
}

interface Facts {
  readonly trends: readonly Trend[]
  readonly start: Partial<Sample>
  readonly end: Partial<Sample>
  readonly rows: number
  readonly requests: number
  readonly late: number
  readonly busy: boolean
  readonly wrong: number
  readonly complaints: readonly string[]
  readonly said: Readonly<Record<string, number>>
  readonly ended?: number | undefined
  readonly held?: Handles
}

interface Verdict {
  trendsOf(samples: readonly Sample[], pace: { readonly total: number; readonly idleTimeout: number }): Trend[]
  faultsOf(facts: Facts): string[]
}

interface Report {
  readonly runs: readonly (Facts & {
    readonly statuses: Handles
    readonly blinks: Handles
    readonly seen: number
    readonly faults: string[]
  })[]
}

const { trendsOf, faultsOf }: Verdict = await import(pathToFileURL(join(process.cwd(), 'test/soak/verdict.mjs')).href)

const MB = 2 ** 20

/** Samples of ten minutes, a hundred requests each; a value may change with the time that has passed, from 0 to 1. */
function series(shape: (time: number) => Partial<Sample>, requests = (i: number) => i * 100): Sample[] {
  return Array.from({ length: 120 }, (_, i) => ({
    ...{
      at: i * 5000,
      requests: requests(i),
      heap: 30 * MB,
      memory: 80 * MB,
      external: 2 * MB,
      handles: { Timeout: 3 },
      files: 30,
      idle: 0.5,
    },
    ...shape(i / 120),
  }))
}

const judged = (samples: Sample[]) => trendsOf(samples, { total: 600_000, idleTimeout: 60_000 })
const verdicts = (samples: Sample[]) => Object.fromEntries(judged(samples).map(({ name, verdict }) => [name, verdict]))

const GOOD: Facts = {
  ...{
    trends: [],
    start: { heap: 20 * MB, handles: { Timeout: 1 }, files: 20 },
    end: { heap: 20 * MB, handles: { Timeout: 1 }, files: 20 },
  },
  ...{ rows: 0, requests: 100_000, late: 0, busy: false, wrong: 0, complaints: [], said: {}, ended: 10 },
}

t.test('a run in which nothing grows is good, however much it sways', async (t) => {
  const swaying = series((time) => ({ heap: (30 + Math.sin(time * 500) * 8) * MB, p99: 4 + Math.abs(Math.cos(time * 300)) }))
  t.same(new Set(judged(swaying).map(({ verdict }) => verdict)), new Set(['ok']))
  t.same(faultsOf({ ...GOOD, trends: judged(swaying) }), [])
})

t.test('what grows is named: memory, handles, files, times', async (t) => {
  const growing = (time: number): Partial<Sample> => ({
    ...{ heap: (30 + time * 20) * MB, memory: (80 + time * 100) * MB, external: (2 + time * 20) * MB },
    ...{ handles: { Timeout: 3 + Math.round(time * 100) }, files: 30 + Math.round(time * 100), p99: 4 + time * 20 },
  })
  const trends = judged(series(growing))
  t.same(new Set(trends.map(({ verdict }) => verdict)), new Set(['grew']))
  t.equal(
    faultsOf({ ...GOOD, trends }).filter((fault) => /^(heap|external|own|handles|open|p99).* grew from \S+ to \S+/.test(fault)).length,
    6,
  )
})

t.test('memory may grow as the traffic does, and times that are all over the place are noise', async (t) => {
  const heap = (time: number) => ({ heap: (20 + time * 20) * MB })
  t.equal(verdicts(series(heap))['heap, MB'], 'grew')
  t.equal(verdicts(series(heap, (i) => i * i))['heap, MB'], 'ok')
  const jump = (noise: number) => series((time) => ({ p99: (time < 0.6 ? 4 : 30) + (Math.round(time * 120) % 3) * noise }))
  t.equal(verdicts(jump(1))['p99, ms'], 'grew')
  t.equal(verdicts(jump(15))['p99, ms'], 'noisy')
  const busy = jump(1).map((sample) => ({ ...sample, idle: 0.02 }))
  t.equal(verdicts(busy)['p99, ms'], 'noisy')
  t.equal(verdicts(series(heap).map((sample) => ({ ...sample, idle: 0.02 })))['heap, MB'], 'grew')
})

t.test('everything that a run leaves behind or shows wrongly is a fault', async (t) => {
  const faults = (more: Partial<Facts>) => faultsOf({ ...GOOD, ...more })
  t.match(faults({ wrong: 2, complaints: ['somebody was logged out'] }), [/^2 things were wrong: somebody was logged out$/])
  t.match(faults({ rows: 3 }), [/^3 rows are left/])
  const end = { ...GOOD.end, handles: { Timeout: 2, TCPSocketWrap: 1 }, files: 21 }
  t.match(faults({ end }), [/Timeout: 1 at the start, 2 at the end/, /TCPSocketWrap: 0/, /open files: 20/])
  t.match(faults({ said: { 'unhandledRejection: Error: oops': 1 } }), [/^unhandledRejection/])
  t.match(faults({ held: { Timeout: 2 } }), [/was alive, held by Timeout: 2/])
  t.match(faults({ ended: undefined }), [/was alive/])
  const trends = [{ name: 'rows', verdict: 'ok' }] as const
  t.match(faults({ trends, late: 101 }), [/^101 requests waited too long/])
  t.same(faults({ trends, late: 101, busy: true }), [])
  t.match(faults({ trends, end: { ...GOOD.end, heap: 40 * MB } }), [/^heap, MB: 20.0 at the start, 40.0 at the end/])
})

t.test('a short soak: everybody sees what they wrote while the store blinks, and nothing is left in the end', { jobs: 2 }, async (t) => {
  for (const store of ['memory', 'lmdb', 'sqlite']) t.test(store, { buffered: true }, (t) => shortSoak(t, store))
})

/** Minutes: a machine that is too slow to show anything in the first has more time. */
const LENGTHS = ['0.07', '0.3', '1.2']

async function shortSoak(t: Test, store: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'scs-soak-test-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const out = join(folder, 'report.json')
  let tells: Record<string, boolean> = {}
  for (const minutes of LENGTHS) {
    // Other tests use dist/ and build/ meanwhile.
    const args = ['test/soak/soak.mjs', '--built', '--minutes', minutes, '--rate', '200', '--store', store, '--out', out]
    // What is wrong is in the report, in better words than an exit code.
    await promisify(execFile)(process.execPath, args).catch(() => {})
    const { runs }: Report = JSON.parse(readFileSync(out, 'utf8'))
    const faults = runs.flatMap((run) => run.faults)
    t.same(faults, [])
    tells = whatTells(runs)
    if (!Object.values(tells).includes(false)) break
  }
  for (const [what, told] of Object.entries(tells)) t.ok(told, what)
}

/** What must have been there for a run without faults to say anything. */
function whatTells(runs: Report['runs']): Record<string, boolean> {
  const every = (holds: (run: Report['runs'][number]) => boolean) => runs.length === 1 && runs.every(holds)
  return {
    'many were answered': every(({ statuses }) => (statuses['200'] ?? 0) > 100),
    'and some not': every(({ statuses }) => (statuses['503'] ?? 0) > 0),
    'the store blinked in more than one way': every(({ blinks }) => Object.keys(blinks).length > 1),
    'and people were logged in after it': every(({ seen }) => seen > 10),
  }
}
