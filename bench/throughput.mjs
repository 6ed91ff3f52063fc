import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { isPinned, serve, stayWithClient } from '../test/support/children.mjs'
import { loadEngines, owner } from '../test/support/engines.mjs'
import { root } from '../test/support/processes.mjs'
import { installNode } from '../test/support/releases.mjs'
import { builtBase } from './base.mjs'
import { checkTable, profileText } from './report/throughput.mjs'
import { report } from './report.mjs'
import { interleave } from './runner.mjs'
import { awake } from './throughput/awake.mjs'
import { cases, ON_OLDER_NODES } from './throughput/cases.mjs'
import { divided, installWrk, measure, measureProfile } from './throughput/load.mjs'
import { hasPerf } from './throughput/perf.mjs'
import { variants } from './throughput/variants.mjs'

export const names = Object.keys(cases)

/** The release of Node whose figures are quoted, and the one that is measured beside it. */
const QUOTED = '24'
const OLDER = '20'
const CHECKED = ['no-cookie', 'untouched', 'read', 'write', 'login']

/** Starts each database that some variants need, and returns their ports by name. */
async function startDatabases(subjects, mine) {
  const ports = {}
  const databases = new Set(subjects.flatMap(({ variant }) => variants[variant].database ?? []))
  if (databases.size === 0) return ports
  const { startDatabase, databaseOf } = await loadEngines()
  for (const name of databases) ports[name] = (await startDatabase(mine, databaseOf(name))).port
  return ports
}

/** Each release as its number, its version and its program. */
async function installedNode(release) {
  const program = join(await installNode(release), 'bin/node')
  return { release, program, version: execFileSync(program, ['--version'], { encoding: 'utf8' }).trim() }
}

/** Does some work with a variant in a process of its own, just started. */
async function withServer({ node, variant, dist }, ports, flags, work) {
  const input = { variant, dist, port: ports[variants[variant].database] }
  const server = await serve('bench/throughput/server.mjs', 'serveVariant', input, { side: 'server', node: node.program, flags })
  try {
    return await work({ ...server, ...input, port: server.port })
  } finally {
    await server.stop()
  }
}

/** Of each subject a sample a round, each from a fresh process; what is compared takes turns. */
async function measureAll(groups, { rounds, seconds, connections }, mine) {
  const ports = await startDatabases(groups.flat(), mine)
  const take = (subject) =>
    withServer(subject, ports, [], (server) =>
      measure(server, subject.case, { seconds, connections, seesMode: subject.node.release === OLDER }),
    )
  const runs = await interleave(groups, { rounds, warmUps: 0, told: (text) => console.error(text) }, take)
  return runs.map((run) => ({ ...run, samples: divided(run.samples) }))
}

/** This checkout and another: what is held to an aim, which is a store of ours. */
async function check({ chosen, check: base, node = QUOTED, ...settings }, mine) {
  const dists = [undefined, builtBase(base, mine)]
  const on = await installedNode(node)
  const groups = (chosen.length > 0 ? chosen : CHECKED).map((name) =>
    dists.map((dist) => ({ case: name, variant: cases[name].of, node: on, dist })),
  )
  const runs = await measureAll(groups, settings, mine)
  const pairs = runs.flatMap((run, i) => (i % 2 === 0 ? [[run, runs[i + 1]]] : []))
  console.log(checkTable(on.version, pairs))
}

/** What is measured of a case on a release. */
function variantsOf(name, { release }, isWhole) {
  if (release === QUOTED || !isWhole) return cases[name].variants
  return ON_OLDER_NODES.cases.includes(name) ? ON_OLDER_NODES.variants : []
}

async function compareVariants({ chosen, command, node, ...settings }, mine) {
  const { rounds, seconds, connections } = settings
  const isWhole = chosen.length === 0 && node === undefined
  const nodes = await Promise.all((node === undefined ? [QUOTED, OLDER] : [node]).map(installedNode))
  const groups = nodes.flatMap((on) =>
    (chosen.length > 0 ? chosen : names).map((name) => variantsOf(name, on, isWhole).map((variant) => ({ case: name, variant, node: on }))),
  )
  const runs = await measureAll(groups, settings, mine)
  const packages = [...new Set(['fastify-scs', ...runs.flatMap(({ variant }) => variants[variant].packages)])]
  const samples = runs.flatMap(({ case: name, variant, node, samples }) =>
    samples.map((sample) => ({ node: node.release, case: name, variant, ...sample })),
  )
  const made = {
    command,
    packages,
    node: nodes.map(({ version }) => version).join(' and '),
    starts: rounds,
    seconds,
    connections,
    pinned: isPinned,
    client: awake() === undefined ? 'sleeps' : 'never sleeps',
  }
  // A subset is not to take the place of the whole in what pages show.
  await report('latest', made, { samples }, isWhole)
}

/** Where the time of our variant of a case goes. */
async function profile({ chosen, profile: name, node = QUOTED, seconds, connections }, mine) {
  if (chosen.length > 0 || !names.includes(name)) throw new TypeError(`--profile takes one case: ${names.join(', ')}`)
  if (!hasPerf()) throw new Error('The samples come from perf, which is not installed here: apt-get install linux-perf')
  const subject = { case: name, variant: cases[name].of, node: await installedNode(node) }
  const ports = await startDatabases([subject], mine)
  const work = (server) => measureProfile(server, name, join(root, 'dist'), { seconds, connections })
  console.log(profileText(name, await withServer(subject, ports, ['--perf-basic-prof'], work)))
}

export async function run({ rounds = 7, seconds, ...options }) {
  installWrk()
  stayWithClient()
  const mine = owner()
  try {
    if (options.profile !== undefined) await profile({ seconds: seconds ?? 5, ...options }, mine)
    else if (options.check !== undefined) await check({ rounds, seconds: seconds ?? 2, ...options }, mine)
    else await compareVariants({ rounds, seconds: seconds ?? 2, ...options }, mine)
  } finally {
    await mine.end()
  }
}
