import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { hashToken } from '../build/lib/token.js'
import { serve, treeTime } from '../test/support/children.mjs'
import { clients, onServer } from '../test/support/databases.mjs'
import { checkCounters, closeLanes, drive, openLanes } from './nodes/load.mjs'
import { middle, sampleOf } from './nodes/sample.mjs'
import { report } from './report.mjs'
import { cpuTime, interleave } from './runner.mjs'

const NODES = 4

/** What the servers run on, and how it differs from how the tests start it. */
const DATABASES = {
  redis: {
    engine: 'Redis',
    settings: ['--appendfsync', 'everysec'],
    said: 'appendonly yes, appendfsync everysec',
    async pid({ port }) {
      const redis = clients.Redis(port)
      const info = await redis.info('server')
      redis.disconnect()
      return Number(/process_id:(\d+)/.exec(info)[1])
    },
  },
  postgres: {
    engine: 'PostgreSQL',
    settings: ['-c', 'fsync=on', '-c', 'shared_buffers=256MB'],
    said: 'fsync and synchronous_commit on, shared_buffers 256 MB, a pool of 10 connections in each process',
    pid: async ({ folder }) => Number(readFileSync(join(folder, 'data/postmaster.pid'), 'utf8').split('\n')[0]),
  },
}

export const names = Object.keys(DATABASES)

const OPTIONS = { full: { owner: 'userId', idleTimeout: '30m' }, plain: {} }

const settingOf = (setting, title, options, percent, isWrite) => ({ setting, title, options, share: percent / 100, isWrite })
const SETTINGS = [
  settingOf('plain-read', 'plain: read', 'plain', 0, false),
  settingOf('plain-write', 'plain: write, 0 % shared', 'plain', 0, true),
  settingOf('read', 'read', 'full', 0, false),
  ...[0, 1, 10, 50, 100].map((percent) => settingOf(`write-${percent}`, `write, ${percent} % shared`, 'full', percent, true)),
]

/** One run of a setting, with sessions of its own, whose counters are checked at the end. */
async function measure({ share, isWrite }, fleet, pid, { seconds, connections }) {
  const asked = (question) => Promise.all(fleet.map((server) => server.ask(question)))
  const ports = fleet.map(({ port }) => port)
  const { lanes, shared } = await openLanes(ports, connections, isWrite)
  const [client, database] = [cpuTime(), treeTime(pid)]
  const before = await asked({ shared: hashToken(shared) })
  await drive(lanes, share, seconds)
  const after = await asked({})
  const cpu = { database: database === undefined ? undefined : treeTime(pid) - database, client: cpuTime() - client }
  await checkCounters(lanes)
  closeLanes(lanes)
  return sampleOf({ lanes, nodes: NODES, seconds, isWrite, before, after, cpu })
}

async function measureDatabase(name, { rounds, seconds, connections }) {
  const { engine, settings, pid } = DATABASES[name]
  return onServer(engine, settings, async ({ mine, server, port }) => {
    const fleets = {}
    for (const [kind, options] of Object.entries(OPTIONS)) {
      const starting = Array.from({ length: NODES }, () => serve('bench/nodes/server.mjs', 'serveNode', { engine, port, options }))
      fleets[kind] = await Promise.all(starting)
      // None should see the database go before.
      mine.teardown(() => Promise.all(fleets[kind].map((node) => node.stop())))
    }
    const id = await pid(server)
    const told = (text) => console.error(`${name}: ${text}`)
    const take = (setting, warmsUp) =>
      measure(setting, fleets[setting.options], id, { seconds: warmsUp ? Math.min(2, seconds) : seconds, connections })
    const measured = await interleave([SETTINGS.map((setting) => ({ name, engine, ...setting }))], { rounds, told }, take)
    return measured.map(({ samples, ...setting }) => ({ ...setting, ...middle(samples) }))
  })
}

export async function run({ chosen, command, rounds = 3, seconds = 4, connections }) {
  const picked = chosen.length > 0 ? chosen : names
  const settings = []
  for (const name of picked) settings.push(...(await measureDatabase(name, { rounds, seconds, connections })))
  const databases = picked.map((name) => ({ name, engine: DATABASES[name].engine, said: DATABASES[name].said }))
  const made = { command, packages: ['fastify', 'fastify-scs'], nodes: NODES, connections, rounds, seconds }
  await report('nodes', made, { databases, settings }, chosen.length === 0)
}
