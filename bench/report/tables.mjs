import { table, wrap } from '../../test/support/markdown.mjs'
import { median, sum } from '../runner.mjs'
import { behaviourLists } from './behaviour.mjs'
import { aimTable, caseTables } from './throughput.mjs'

const whole = (number) => Math.round(number).toLocaleString('en-US')
const [ones, tenths, hundredths] = [0, 1, 2].map((digits) => (number) => number.toFixed(digits))

/** A table with a row for each record. */
const listing = (head, records, cells) => table(head, records.map(cells))

/** Some figures of a record as cells, `other` where there is none. */
const figures = (record, format, keys, other) => keys.split(' ').map((key) => (record[key] === undefined ? other : format(record[key])))

/** Those values of a key that there are, in their order. */
const distinct = (records, key) => [...new Set(records.map((record) => record[key]))]
const where = (records, wanted) => records.filter((record) => Object.entries(wanted).every(([key, value]) => record[key] === value))

// Micro

function wholeTable(results) {
  const baseOf = (name) => where(results, { case: name, variant: 'with @fastify/cookie' })[0].ns
  const cells = ({ case: name, variant, ns }) => [name, variant, ones(ns), ones(ns - baseOf(name))]
  return listing(['case', 'variant', 'ns', 'beyond @fastify/cookie'], results, cells)
}

const costTable = (costs) => listing(['part', 'ns, median', 'ns, best'], costs, (row) => [row.name, ...figures(row, ones, 'median min')])

const timingTable = (rows) =>
  listing(['', 'look-ups', 'near, ns', 'random, ns', 't'], rows, (row) => [
    row.hashToken ? 'hashed tokens (the default)' : 'hashToken: false',
    ...[`${row.kept * 100} %`, ...figures(row, ones, 'near random'), hundredths(row.t)],
  ])

function httpTable(http) {
  const title = ({ kind, name }) => `${kind}: ${name === 'bare' ? 'Fastify alone' : name}`
  const rows = distinct(http, 'kind').flatMap((kind) => where(http, { kind }))
  const head = ['', 'request', 'of that the cookie', 'reply', 'of that headers beyond bare']
  return listing(head, rows, (row) => [title(row), ...figures(row, whole, 'sent cookie received beyond')])
}

function lineList(http) {
  const code = (lines) =>
    lines
      .split('\n')
      .map((line) => `\`${line}\``)
      .join(' ')
  const rows = http.filter(({ lines }) => lines !== '')
  return rows.map(({ name, kind, lines }) => wrap(`${name}, ${kind}: ${code(lines)}`, '- ')).join('\n')
}

const PAYLOADS = ['JSON.stringify', 'JsonCodec', '@fastify/session']
const payloadTable = (rows) =>
  listing(['', ...PAYLOADS], rows, (row) => [row.session, ...figures(row, whole, PAYLOADS.join(' '), 'not possible')])

function trafficTable(traffic) {
  const kinds = distinct(traffic, 'kind')
  return listing(['', ...kinds], where(traffic, { kind: kinds[0] }), ({ store, options }) => {
    const rows = where(traffic, { store, options })
    return [`${store}, ${options}`, ...rows.map(({ sent, received }) => `${whole(sent)} + ${whole(received)}`)]
  })
}

const bytesOf = (packages) => whole(sum(packages.map(({ bytes }) => bytes)))

function installTable(installs) {
  const known = new Set(where(installs, { for: 'fastify' }).map(({ name, version }) => `${name}@${version}`))
  return listing(['', 'packages', 'bytes', 'bytes that Fastify does not bring'], distinct(installs, 'for'), (name) => {
    const packages = where(installs, { for: name })
    const beyond = packages.filter((each) => !known.has(`${each.name}@${each.version}`))
    return [name, whole(packages.length), bytesOf(packages), name === 'fastify' ? '' : bytesOf(beyond)]
  })
}

function installList(installs) {
  const names = distinct(installs, 'for').filter((name) => name !== 'fastify')
  const list = (name) =>
    where(installs, { for: name })
      .map((each) => `${each.name} ${whole(each.bytes)}`)
      .join(', ')
  return names.map((name) => wrap(`${name}: ${list(name)}`, '- ')).join('\n')
}

const importTable = (imports) =>
  listing(['', 'ms, median', 'min', 'max', 'files', 'packages'], imports, (row) => {
    const packages = row.packages.split(', ').filter(Boolean).length
    return [row.name, ...figures(row, tenths, 'median min max'), whole(row.modules), String(packages)]
  })

const CLEANUP = { calm: 'reads without clean-up', busy: 'reads during clean-up', batches: 'batches of 1,000' }

function cleanupTable(results) {
  const title = ({ name, what, seconds }) => `${name}: ${CLEANUP[what]}${seconds === undefined ? '' : `, ${tenths(seconds)} s in all`}`
  return listing(['', 'count', 'p50 ms', 'p99 ms', 'max ms', 'over 100 ms'], results, (row) => [
    ...[title(row), ...figures(row, String, 'count'), ...figures(row, tenths, 'p50 p99 max'), ...figures(row, String, 'over100')],
  ])
}

const sizeTable = (rows) =>
  listing(['', 'without an owner', 'with one'], rows, (row) => [row.name, ...figures(row, String, 'without owned')])
const layoutTable = (rows) =>
  listing(['MariaDB, µs of the server', 'plain', 'SCS’s'], rows, (row) => [row.name, ...figures(row, tenths, 'plain scs')])

// Scale

const READS = {
  find: 'Reading a session',
  touch: 'Prolonging one',
  update: 'Replacing one',
  load: 'The load of a request: token hashed, session found and its record read',
}
const KINDS = { store: 'MemoryStore', full: 'MemoryStore at its limit', map: 'a plain Map' }

function readTables(reads) {
  const labelOf = (label) => (label === 'hot' ? '1,000 of them in use' : whole(label))
  const cells = (row) => [`${KINDS[row.kind]}, ${labelOf(row.label)}`, ...figures(row, whole, 'median min max'), hundredths(row.ratio)]
  const tableOf = ([verb, title]) => listing([title, 'ns, median', 'min', 'max', 'to the fewest'], where(reads, { verb }), cells)
  return Object.entries(READS).map(tableOf).join('\n\n')
}

const BYTES = ['bytes a session', 'payload, key and owner', 'heap above them', 'memory of the process above them']
const bytesTable = (bytes) =>
  listing(BYTES, bytes, (row) => [
    `${row.kind === 'Map' ? 'a plain Map' : row.kind}${row.owned ? ', each with an owner' : ''}`,
    ...figures(row, whole, 'payload above rssAbove'),
  ])

const PLUGINS = ['bytes that a request leaves behind', 'sessions', 'heap', 'memory of the process']
const pluginTable = (plugins) =>
  listing(PLUGINS, plugins, (row) => [
    `${row.kind}: ${row.loggedIn ? 'a user logs in' : 'a stranger looks at a page'}`,
    ...figures(row, whole, 'sessions heap rss'),
  ])

const PAUSES = ['', 'call p50 µs', 'p99 µs', 'max ms', 'collector max ms', 'loop p99 ms', 'loop max ms', 'a call’s own max ms']
const PHASES = Object.entries({ fill: 'filling', evict: 'evicting: 30 % more', expire: 'expiry: all of it' })

/** The medians of the runs; a call's own time is from those with the collector in one piece. */
function pauseTable(pauses) {
  const lives = ['', ', with owners'].flatMap((owners) =>
    PHASES.map(([phase, label]) => [`${label}${owners}`, { kind: 'MemoryStore', owned: owners !== '', phase }]),
  )
  return listing(PAUSES, [...lives, ['filling a plain Map', { kind: 'Map' }]], ([label, wanted]) => {
    const middle = (key, apart = false) => median(where(pauses, { ...wanted, apart }).map((run) => run[key]))
    const calls = ['p50', 'p99'].map((key) => 1000 * middle(key))
    const longest = ['max', 'gcMax', 'loopP99', 'loopMax'].map((key) => middle(key))
    return [label, ...[...calls, ...longest, middle('ownMax', true)].map(tenths)]
  })
}

const startText = ([{ startMs, stopMs }]) =>
  `Making a store takes ${hundredths(startMs)} ms, closing a manager with a full one ${hundredths(stopMs)} ms.`

const FINDS = ['sessions', 'ns a find, median', 'min', 'max', 'to the fewest', 'bytes of the file a session']
const findTable = (finds) =>
  listing(FINDS, finds, (row) => [...figures(row, whole, 'size median min max'), hundredths(row.ratio), whole(row.bytes)])

const openingText = ([{ size, closeMs, openMs }]) =>
  `Closing takes ${tenths(closeMs)} ms with ${whole(size)} sessions, opening with a first find ${tenths(openMs)} ms.`

function cleaningTable([batches, reads]) {
  const loop = { count: reads.loopCount, p50: reads.loopP50, p99: reads.loopP99, max: reads.loopMax }
  const rows = Object.entries({ 'batches, on the disk': batches, 'reads meanwhile': reads, 'event loop meanwhile': loop })
  const head = [`removing ${whole(batches.removed)} expired, ms`, 'count', 'p50', 'p99', 'max']
  return listing(head, rows, ([label, row]) => [label, whole(row.count), ...figures(row, hundredths, 'p50 p99'), tenths(row.max)])
}

const SQL = ['', 'find p50 ms', 'p99 ms', 'reads/s, median', 'min', 'max', 'to the fewest', 'first find ms']
const sqlTable = (sql) =>
  listing(SQL, sql, (row) => [
    ...[`${row.name}, ${whole(row.size)}`, ...figures(row, hundredths, 'p50 p99'), ...figures(row, whole, 'rate rateMin rateMax')],
    ...[hundredths(row.ratio), tenths(row.first)],
  ])

// Nodes

const PROCESSES = [0, 1, 2, 3]
const ofProcesses = (row, name) => PROCESSES.map((process) => whole(row[`${name} of ${process}`])).join(' ')
const ofShare = (row, format, share, names) =>
  names.map((name) => row[`${share} ${name}`]).map((value) => (value === undefined ? '' : format(value)))

const RATES = ['', 'requests/s', 'min', 'max', '200', '409', '503', 'servers, µs', 'database, µs', 'client, µs']
const rateRow = (row) => [
  ...[row.title, ...figures(row, whole, 'rate rateMin rateMax 200 409 503')],
  ...figures(row, tenths, 'servers database client', ''),
]

const TIMES = ['', 'own: p50 ms', 'p99', 'max', 'shared: p50 ms', 'p99', 'max', 'requests of each process', 'Jain']
const timeRow = (row) => [
  ...[row.title, ...['own', 'shared'].flatMap((share) => ofShare(row, tenths, share, ['p50', 'p99', 'max']))],
  ...[ofProcesses(row, 'requests'), row.jain.toFixed(4)],
]

const CALLS = ['', 'writes', 'lookups', 'saves', 'refused', 'retries', 'lookups a write', 'saves a write', 'shared writes of each process']
const COUNTED = ['requests', 'finds', 'updates', 'conflicts', 'retries']
const callRow = (row) => [
  ...[row.title, ...ofShare(row, whole, 'shared', COUNTED)],
  ...ofShare(row, (count) => hundredths(count / row['shared requests']), 'shared', ['finds', 'updates']),
  ofProcesses(row, 'shared requests'),
]

function nodesText(databases, settings) {
  const texts = databases.map(({ name, engine, said }) => {
    const rows = where(settings, { name })
    const shared = rows.filter((row) => row['shared requests'] > 0)
    return `## ${engine}

${said}.

${listing(RATES, rows, rateRow)}

${listing(TIMES, rows, timeRow)}

Calls of the store for the session that all share, counted in the servers, all rounds together:

${listing(CALLS, shared, callRow)}`
  })
  return texts.join('\n\n')
}

const packedText = ([{ files, size, unpackedSize }]) =>
  `Packed ${whole(size)} bytes, unpacked ${whole(unpackedSize)} in ${files} files (with type declarations).`

const loadedText = (imports) => {
  const [{ packages }] = where(imports, { name: 'fastify-scs' })
  return wrap(`The entry of fastify-scs loads ${packages}: no driver, no typebox.`)
}

/** Of each result, by the mark of its place on the page, how a table is made of some records. What was not measured is left out. */
const TABLES = {
  latest: { aims: ['samples', aimTable], cases: ['samples', caseTables] },
  whole: { results: ['results', wholeTable] },
  cost: { costs: ['costs', costTable] },
  timing: { rows: ['rows', timingTable] },
  footprint: {
    ...{ http: ['http', httpTable], lines: ['http', lineList], payloads: ['payloads', payloadTable], traffic: ['traffic', trafficTable] },
    ...{ packed: ['packed', packedText], installs: ['installs', installTable], installed: ['installs', installList] },
    ...{ imports: ['imports', importTable], loaded: ['imports', loadedText] },
  },
  sizes: { rows: ['rows', sizeTable] },
  cleanup: { results: ['results', cleanupTable] },
  layouts: { rows: ['rows', layoutTable] },
  scale: {
    ...{ reads: ['reads', readTables], bytes: ['bytes', bytesTable], plugins: ['plugins', pluginTable], pauses: ['pauses', pauseTable] },
    ...{ starts: ['pauses', startText], finds: ['finds', findTable], openings: ['openings', openingText] },
    ...{ cleaning: ['cleaning', cleaningTable], sql: ['sql', sqlTable] },
  },
  nodes: { engines: ['settings', (settings, { databases }) => nodesText(databases, settings)] },
  behaviour: { rows: ['rows', behaviourLists] },
}

export const tableNames = Object.keys(TABLES)

/** The tables of some results, by the marks of their places. */
export function tablesOf(name, results) {
  const measured = Object.entries(TABLES[name]).filter(([, [records]]) => results[records] !== undefined)
  return Object.fromEntries(measured.map(([mark, [records, make]]) => [mark, make(results[records], results)]))
}
