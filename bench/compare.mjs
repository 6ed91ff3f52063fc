import { circumstances } from '../test/support/circumstances.mjs'
import { cases, VALUES } from './cases.mjs'
import { drawCharts } from './charts.mjs'
import { databasesFor } from './databases.mjs'
import { isPinned, stayWithClient } from './load/cores.mjs'
import { measure, prepareCase } from './load/measure.mjs'
import { installWrk } from './load/wrk.mjs'
import { markdown, save, summarize } from './report.mjs'
import { startServer } from './servers.mjs'
import { variants } from './variants/index.mjs'

/** Seconds: until then the compiler has not seen enough of what is measured. */
const WARM_UP = 3

const rotated = (list, by) => list.map((_, i) => list[(i + by) % list.length])

/** The variants of the cases, each in a server of its own, interleaved: round after round, case after case, each variant in turn. */
export async function compareVariants(chosen, { rounds, seconds, connections, command }) {
  installWrk()
  stayWithClient()
  const names = Object.keys(variants).filter((name) => chosen.some((each) => cases[each].variants.includes(name)))
  const databases = await databasesFor(names)
  const servers = []
  try {
    for (const name of names) servers.push(await startServer(name, { port: databases.portOf(variants[name].database) }))
    const runs = []
    for (const name of chosen) {
      for (const server of servers.filter(({ variant }) => cases[name].variants.includes(variant)))
        runs.push({ name, server, cookies: await prepareCase(server, name, connections), samples: [] })
    }
    // Round 0 warms up.
    for (let round = 0; round <= rounds; round++) {
      for (const name of chosen) {
        for (const { server, cookies, samples } of rotated(
          runs.filter((run) => run.name === name),
          round,
        )) {
          const sample = await measure(server, name, cookies, { seconds: round === 0 ? WARM_UP : seconds, connections })
          if (round > 0) samples.push(sample)
        }
      }
      process.stderr.write(round === 0 ? 'warmed up\n' : `round ${round} of ${rounds}\n`)
    }
    report(chosen, runs, { rounds, seconds, connections, command })
  } finally {
    for (const server of servers) server.stop()
    await databases.stop()
  }
}

function report(chosen, runs, settings) {
  const packages = [...new Set(['fastify-scs', ...runs.flatMap(({ server }) => variants[server.variant].packages)])]
  const results = chosen.map((name) =>
    summarize(
      name,
      runs.filter((run) => run.name === name),
    ),
  )
  const whole = chosen.length === Object.keys(cases).length
  const made = { ...circumstances(settings.command, packages), ...settings, pinned: isPinned, session: VALUES, cases: results }
  const text = markdown(made)
  process.stdout.write(text)
  // A subset is not to take the place of the whole in what the README shows.
  if (!whole) return
  save('latest', made, text)
  drawCharts(made)
}
