import { table } from '../../test/support/markdown.mjs'
import { median } from '../report.mjs'
import { alone } from './alone.mjs'
import { format } from './figures.mjs'

const { whole, tenths, hundredths } = format
const REQUESTS = 20_000
const RUNS = 2
/** Steps of a collection that V8 takes within an allocation are told to nobody; in one piece each is. */
const IN_ONE_PIECE = ['--no-incremental-marking']

const BYTES = [
  { kind: 'MemoryStore', owned: false },
  { kind: 'MemoryStore', owned: true },
  { kind: 'Map', owned: false },
]
const PLUGINS = ['fastify-scs', '@fastify/session'].flatMap((kind) => [false, true].map((loggedIn) => ({ kind, loggedIn })))

/** A job again and again, each time in a process of its own. */
async function several(times, work) {
  const results = []
  for (const input of times) results.push(await work(input))
  return results
}

export async function measureMemory({ sizes, share }) {
  const size = sizes.at(-1)
  const runs = Array.from({ length: RUNS }, () => size)
  const lives = (owned, flags) => several(runs, () => alone('life', 'life', { size, owned }, flags))
  const requests = Math.max(1000, Math.round(REQUESTS * share))
  return {
    reads: await alone('reads', 'reads', { sizes }),
    bytes: await several(BYTES, (input) => alone('bytes', 'ofStore', { ...input, size })),
    plugins: await several(PLUGINS, (input) => alone('bytes', 'ofPlugin', { ...input, requests })),
    lives: { plain: await lives(false), owned: await lives(true) },
    apart: { plain: await lives(false, IN_ONE_PIECE), owned: await lives(true, IN_ONE_PIECE) },
    map: {
      plain: await several(runs, () => alone('life', 'lifeOfMap', { size })),
      apart: await several(runs, () => alone('life', 'lifeOfMap', { size }, IN_ONE_PIECE)),
    },
  }
}

const KINDS = { store: 'MemoryStore', full: 'MemoryStore at its limit', map: 'a plain Map' }
const LABELS = { hot: '1,000 of them in use' }

function readRows(reads, verb) {
  return reads
    .filter((read) => read.verb === verb)
    .map(({ kind, label, median, min, max, ratio }) => [
      `${KINDS[kind]}, ${LABELS[label] ?? whole(label)}`,
      whole(median),
      whole(min),
      whole(max),
      hundredths(ratio),
    ])
}

const READ_TITLES = {
  find: 'Reading a session',
  touch: 'Prolonging one',
  update: 'Replacing one',
  load: 'The load of a request: token hashed, session found and its record read',
}

function readText(reads) {
  const tables = Object.entries(READ_TITLES).map(([verb, title]) => {
    const head = [title, 'ns, median', 'min', 'max', 'to the fewest']
    return table(head, readRows(reads, verb))
  })
  return `Sessions drawn at random, each by a new string of its key, as after a token was hashed. What a plain Map costs more with its size are misses
of the processor’s caches, which nobody avoids. The last rows of a table are for traffic that is busy with a thousand sessions, spread evenly among the
most.

${tables.join('\n\n')}`
}

function bytesText({ bytes, plugins }) {
  const stores = bytes.map(({ kind, owned, payload, above, rssAbove }) => [
    `${kind === 'Map' ? 'a plain Map' : kind}${owned ? ', each with an owner' : ''}`,
    ...[payload, above, rssAbove].map(whole),
  ])
  const requests = plugins.map(({ kind, loggedIn, sessions, heap, rss }) => [
    `${kind}: ${loggedIn ? 'a user logs in' : 'a stranger looks at a page'}`,
    ...[sessions, heap, rss].map(whole),
  ])
  return `${table(['bytes a session', 'payload, key and owner', 'heap above them', 'memory of the process above them'], stores)}

${table(['bytes that a request leaves behind', 'sessions', 'heap', 'memory of the process'], requests)}

By HTTP, ${whole(plugins[0].requests)} requests; @fastify/session with its defaults, fastify-scs too.`
}

const PHASES = { fill: 'filling', evict: 'evicting: 30 % more', expire: 'expiry: all of it' }

/** The medians of the runs. */
function pauseRow(label, seen, apart) {
  const of = (runs, get) => median(runs.map(get))
  return [
    label,
    tenths(1000 * of(seen, ({ calls }) => calls.p50)),
    tenths(1000 * of(seen, ({ calls }) => calls.p99)),
    tenths(of(seen, ({ calls }) => calls.max)),
    tenths(of(seen, ({ gc }) => gc.max)),
    tenths(of(seen, ({ loop }) => loop.p99)),
    tenths(of(seen, ({ loop }) => loop.max)),
    tenths(of(apart, ({ ownMax }) => ownMax)),
  ]
}

function pauseText({ lives, apart, map }) {
  const rows = ['plain', 'owned'].flatMap((kind) =>
    Object.entries(PHASES).map(([phase, label]) => {
      const of = (runs) => runs[kind].map((run) => run[phase])
      return pauseRow(`${label}${kind === 'owned' ? ', with owners' : ''}`, of(lives), of(apart))
    }),
  )
  const fillOf = (runs) => runs.map(({ fill }) => fill)
  rows.push(pauseRow('filling a plain Map', fillOf(map.plain), fillOf(map.apart)))
  const head = ['', 'call p50 µs', 'p99 µs', 'max ms', 'collector max ms', 'loop p99 ms', 'loop max ms', 'a call’s own max ms']
  const { startMs, stopMs } = lives.plain[0]
  return `${table(head, rows)}

Calls are single \`create\`s, and in expiry the batches of the manager’s own clean-up. Medians of ${RUNS} runs. The last column is without the garbage
collector and without what else the machine did: the least of processor time and of time outside the collector, in processes of their own in which
V8 marks in one piece (\`${IN_ONE_PIECE}\`), for the steps that it takes otherwise are reported nowhere.

Making a store takes ${hundredths(startMs)} ms, closing a manager with a full one ${hundredths(stopMs)} ms.`
}

export function memoryText(result) {
  return `## MemoryStore\n\n${readText(result.reads)}\n\n${bytesText(result)}\n\n${pauseText(result)}`
}
