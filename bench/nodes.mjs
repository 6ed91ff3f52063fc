// `node bench/nodes.mjs [redis] [postgres] [--seconds 4] [--rounds 3]`: several server processes on one database, and one session that all of them write.
import { parseArgs } from 'node:util'
import { circumstances } from '../test/support/circumstances.mjs'
import { loadEngines, owner } from '../test/support/engines.mjs'
import { databases } from './nodes/databases.mjs'
import { Fleet } from './nodes/fleet.mjs'
import { treeTime } from './nodes/processes.mjs'
import { markdown, middle } from './nodes/report.mjs'
import { sampleOf } from './nodes/sample.mjs'
import { prepare } from './prepare.mjs'
import { save } from './report.mjs'

const NODES = 4
const CONNECTIONS = 50

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '3' }, seconds: { type: 'string', default: '4' } },
})
const [rounds, seconds] = [values.rounds, values.seconds].map(Number)
if (!(rounds > 0 && seconds > 0)) throw new TypeError('rounds and seconds are positive numbers')
const chosen = positionals.length === 0 ? Object.keys(databases) : positionals
for (const name of chosen)
  if (!Object.hasOwn(databases, name)) throw new TypeError(`no engine ${name}; there are ${Object.keys(databases).join(', ')}`)

prepare()
// Only now is everything there.
const { checkCounters, closeLanes, drive, openLanes } = await import('./nodes/load.mjs')
const { startEngine, engineOf } = await loadEngines()

const OPTIONS = { full: { owner: 'userId', idleTimeout: '30m' }, plain: {} }

const write = (percent) => ({
  name: `write-${percent}`,
  title: `write, ${percent} % shared`,
  options: 'full',
  share: percent / 100,
  isWrite: true,
})
const SETTINGS = [
  { name: 'plain-read', title: 'plain: read', options: 'plain', share: 0, isWrite: false },
  { name: 'plain-write', title: 'plain: write, 0 % shared', options: 'plain', share: 0, isWrite: true },
  { name: 'read', title: 'read', options: 'full', share: 0, isWrite: false },
  ...[0, 1, 10, 50].map(write),
]

/** One run of a setting, with sessions of its own, whose counters are checked at the end. */
async function measure({ share, isWrite }, fleet, pid, duration) {
  const { lanes, sharedKey } = await openLanes(fleet.ports, CONNECTIONS, isWrite)
  const client = process.cpuUsage()
  const database = treeTime(pid)
  const before = await fleet.count(sharedKey)
  await drive(lanes, share, duration)
  const after = await fleet.told()
  const { user, system } = process.cpuUsage(client)
  const cpu = { database: database === undefined ? undefined : treeTime(pid) - database, client: user + system }
  await checkCounters(lanes)
  closeLanes(lanes)
  return sampleOf({ lanes, nodes: NODES, seconds: duration, isWrite, before, after, cpu })
}

const rotated = (list, by) => list.map((_, i) => list[(i + by) % list.length])

async function rounded(name, fleets, pid) {
  const samples = Object.fromEntries(SETTINGS.map((setting) => [setting.name, []]))
  // Round 0 warms up.
  for (let round = 0; round <= rounds; round++) {
    for (const setting of rotated(SETTINGS, round)) {
      const sample = await measure(setting, fleets[setting.options], pid, round === 0 ? Math.min(2, seconds) : seconds)
      if (round > 0) samples[setting.name].push(sample)
    }
    process.stderr.write(round === 0 ? `${name}: warmed up\n` : `${name}: round ${round} of ${rounds}\n`)
  }
  return SETTINGS.map((setting) => ({ ...setting, ...middle(samples[setting.name]) }))
}

async function measureEngine(name) {
  const { engine, said, settings, pid } = databases[name]
  const mine = owner()
  try {
    const server = await startEngine(mine, engineOf(engine), settings)
    const fleets = {}
    for (const [kind, options] of Object.entries(OPTIONS)) {
      fleets[kind] = await Fleet.start(NODES, name, server.port, options)
      mine.teardown(() => fleets[kind].stop())
    }
    return { name, engine, said, settings: await rounded(name, fleets, await pid(server)) }
  } finally {
    await mine.end()
  }
}

const engines = []
for (const name of chosen) engines.push(await measureEngine(name))
const command = ['node bench/nodes.mjs', ...process.argv.slice(2)].join(' ')
const report = {
  ...circumstances(command, ['fastify', 'fastify-scs']),
  ...{ nodes: NODES, connections: CONNECTIONS, rounds, seconds, options: OPTIONS, engines },
}
const text = markdown(report)
save('nodes', report, text)
process.stdout.write(text)
