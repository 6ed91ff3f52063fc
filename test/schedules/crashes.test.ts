import t from 'tap'
import { everyCrash } from './crashes.ts'
import type { Findings } from './explore.ts'
import { makeWorld } from './world.ts'

t.setTimeout(180_000)

t.test(
  'the laws hold when a log-in, a renewal, a log-out or a merge dies, or its connection breaks, between any two of its store calls',
  async (t) => {
    const findings: Findings = { runs: 0, broken: [] }
    const faults = await everyCrash(await makeWorld(), findings)
    t.comment(`${findings.runs} orders, ${faults} faults`)
    t.ok(faults > 500)
    t.strictSame(findings.broken, [])
  },
)
