import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { isPinned, serve, stayWithClient } from '../test/support/children.mjs'
import { loadEngines, owner } from '../test/support/engines.mjs'
import { root } from '../test/support/processes.mjs'
import { checkTable } from './report/tables.mjs'
import { report } from './report.mjs'
import { interleave } from './runner.mjs'
import { cases } from './throughput/cases.mjs'
import { installWrk, measure, prepareCase } from './throughput/load.mjs'
import { variants } from './throughput/variants.mjs'

export const names = Object.keys(cases)

/** Seconds: until then the compiler has not seen enough of what is measured. */
const WARM_UP = 3
const CHECKED = ['no-cookie', 'untouched', 'read', 'write', 'read-50']

/** A checkout to compare with: a folder as it is, or a commit, taken out into a folder of its own until the end. Returns its built package. */
function builtBase(base, mine) {
  let folder = resolve(base)
  if (!existsSync(join(base, 'package.json'))) {
    const parent = mkdtempSync(join(tmpdir(), 'scs-base-'))
    folder = join(parent, 'base')
    const git = (...args) => execFileSync('git', args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
    git('worktree', 'add', '--detach', folder, base)
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
    mine.teardown(() => {
      git('worktree', 'remove', '--force', folder)
      rmSync(parent, { recursive: true, force: true })
    })
  }
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: folder, stdio: 'inherit' })
  return join(folder, 'dist')
}

/** Starts each server that some variants need once, and returns their ports by name. */
async function startDatabases(wanted, mine) {
  const ports = {}
  const databases = new Set(wanted.flatMap((name) => variants[name].database ?? []))
  if (databases.size === 0) return ports
  const { startDatabase, databaseOf } = await loadEngines()
  for (const name of databases) ports[name] = (await startDatabase(mine, databaseOf(name))).port
  return ports
}

/** Each variant in a server of its own; a base is another package for the same. */
async function startServers(wanted, bases, mine) {
  const ports = await startDatabases(wanted, mine)
  const servers = []
  for (const [variant, dist] of wanted.flatMap((each) => bases.map((base) => [each, base]))) {
    const input = { variant, dist, port: ports[variants[variant].database] }
    const server = await serve('bench/throughput/server.mjs', 'serveVariant', input, { side: 'server' })
    mine.teardown(() => server.stop())
    servers.push({ ...server, ...input, port: server.port })
  }
  return servers
}

/** Of each case the samples of each of its servers. */
async function measureAll(chosen, variantsOf, bases, { rounds, seconds, connections }, mine) {
  const wanted = Object.keys(variants).filter((name) => chosen.some((each) => variantsOf(each).includes(name)))
  const servers = await startServers(wanted, bases, mine)
  const groups = []
  for (const name of chosen) {
    const group = servers.filter(({ variant }) => variantsOf(name).includes(variant)).map((server) => ({ name, server }))
    for (const run of group) run.cookies = await prepareCase(run.server, name, connections)
    groups.push(group)
  }
  const take = ({ name, server, cookies }, warmsUp) => measure(server, name, cookies, { seconds: warmsUp ? WARM_UP : seconds, connections })
  return interleave(groups, { rounds, told: (text) => console.error(text) }, take)
}

/** This checkout and another, in pairs whose order changes: what a ratio within a pair says, a noisy machine changes least. */
async function check({ chosen, check: base, ...settings }, mine) {
  // Of the variants of a case the one that is held to an aim, which is a store of ours.
  const subjectsOf = (name) => [cases[name].aims[0].of]
  const runs = await measureAll(chosen.length > 0 ? chosen : CHECKED, subjectsOf, [undefined, builtBase(base, mine)], settings, mine)
  const pairs = runs.flatMap((run, i) => (i % 2 === 0 ? [[run, runs[i + 1]]] : []))
  console.log(`${checkTable(pairs)}\n\nMedians of the pairs; above 1.00 in requests and below it in CPU is faster.`)
}

async function compareVariants({ chosen, command, ...settings }, mine) {
  const { rounds, seconds, connections } = settings
  const runs = await measureAll(chosen.length > 0 ? chosen : names, (name) => cases[name].variants, [undefined], settings, mine)
  const packages = [...new Set(['fastify-scs', ...runs.flatMap(({ server }) => variants[server.variant].packages)])]
  const samples = runs.flatMap(({ name, server: { variant }, samples }) =>
    samples.map((sample, i) => ({ case: name, variant, round: i + 1, ...sample })),
  )
  const made = { command, packages, rounds, seconds, connections, pinned: isPinned }
  // A subset is not to take the place of the whole in what pages show.
  await report('latest', made, { samples }, chosen.length === 0)
}

export async function run({ rounds, seconds = 2, ...options }) {
  installWrk()
  stayWithClient()
  const mine = owner()
  try {
    if (options.check === undefined) await compareVariants({ rounds: rounds ?? 5, seconds, ...options }, mine)
    else await check({ rounds: rounds ?? 9, seconds, ...options }, mine)
  } finally {
    await mine.end()
  }
}
