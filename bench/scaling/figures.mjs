import { readFileSync } from 'node:fs'

const read = (name) => JSON.parse(readFileSync(new URL(`../results/${name}.json`, import.meta.url), 'utf8'))

/** What was chosen and not measured. */
export const CHOSEN = {
  sessions: { value: 1e9, meaning: 'living sessions' },
  requests: { value: 1e6, meaning: 'requests a second with a session' },
  writes: {
    value: 0.2,
    meaning: 'share of requests that save, the others read; half are changes, half touches, which cost no more',
  },
  lifetime: { value: 86_400, meaning: 'seconds that a session lives: the default `lifetime` of 24 hours' },
  busy: { value: 0.5, meaning: 'share of a core that is planned for; the rest is for peaks, and for what a failed neighbour leaves' },
  fragmentation: { value: 1.3, meaning: 'memory of the process to bytes of data in Redis' },
  copies: { value: 2, meaning: 'a master and one replica' },
  fork: { value: 1.25, meaning: 'room for what is written while a snapshot or a rewrite of the log is made' },
  master: { value: 25, meaning: 'GB of data in one Redis master, so that a replica can be filled in minutes' },
  bloat: { value: 2, meaning: 'PostgreSQL: a busy table to a fresh one' },
  header: { value: 66, meaning: 'bytes of Ethernet, IP and TCP with each packet' },
}

function ofNodes(figures, { engines }, file) {
  for (const { name, engine, settings } of engines) {
    for (const kind of ['plain-read', 'plain-write', 'read', 'write-0']) {
      const { cpu, title } = settings.find((setting) => setting.name === kind)
      if (!kind.startsWith('plain'))
        figures[`${name}.${kind}.node`] = { value: cpu.servers, meaning: `µs of Node for a request, ${engine}, ${title}`, file }
      figures[`${name}.${kind}.database`] = { value: cpu.database, meaning: `µs of ${engine} for a request, ${title}`, file }
    }
  }
}

function ofSizes(figures, { rows }, file) {
  for (const [name, row] of [
    ['redis', 'RedisStore: memory'],
    ['postgres', 'PostgresStore: table and indexes'],
  ]) {
    const [, without, owned] = rows.find(([title]) => title === row)
    figures[`${name}.bytes.plain`] = { value: Number(without), meaning: `bytes of a session, ${row}, no owner`, file }
    figures[`${name}.bytes`] = { value: Number(owned), meaning: `the same with an owner who has this one session`, file }
  }
}

function ofFootprint(figures, { traffic, http }, file) {
  for (const [name, store] of [
    ['redis', 'Redis'],
    ['postgres', 'PostgreSQL'],
  ]) {
    const { kinds } = traffic.find((row) => row.store === store && row.options !== 'plain')
    for (const kind of ['read', 'write', 'log-in']) {
      const { sent, received } = kinds.find((each) => each.kind === kind)
      figures[`${name}.wire.${kind}`] = { value: sent + received, meaning: `bytes between application and ${store} for a ${kind}`, file }
    }
  }
  const { kinds } = http.find(({ name }) => name === 'fastify-scs')
  const { cookie, beyond } = kinds.find(({ kind }) => kind === 'read')
  figures['http'] = { value: cookie + beyond, meaning: 'bytes that a session adds to a request and its reply', file }
}

function ofCleanup(figures, { results }, file) {
  const { batches, seconds } = results.find(({ name }) => name === 'PostgreSQL')
  figures['postgres.cleanup'] = {
    value: (batches.count * 1000) / Number(seconds),
    meaning: 'expired rows a second that one process removes',
    file,
  }
}

/** All that was measured and that the sums use, by name. */
export function readFigures() {
  const figures = {}
  ofNodes(figures, read('nodes'), 'nodes')
  ofSizes(figures, read('sizes'), 'sizes')
  ofFootprint(figures, read('footprint'), 'footprint')
  ofCleanup(figures, read('cleanup'), 'cleanup')
  return figures
}

/** What requests that meet at one session cost: each setting of each engine. */
export function readConflicts() {
  const { engines, rounds, seconds } = read('nodes')
  return engines.flatMap(({ engine, settings }) => {
    const alone = settings.find(({ name }) => name === 'write-0')
    return settings
      .filter(({ calls }) => calls.shared)
      .map(({ title, calls: { shared }, cpu, took, statuses }) => ({
        ...{ engine, title, refused: statuses[503] ?? 0, finds: shared.finds / shared.requests, updates: shared.updates / shared.requests },
        rate: shared.requests / (rounds * seconds),
        ...{ own: took.own.p99, p50: took.shared.p50, p99: took.shared.p99 },
        ...{ node: cpu.servers / alone.cpu.servers, database: cpu.database / alone.cpu.database },
      }))
  })
}
