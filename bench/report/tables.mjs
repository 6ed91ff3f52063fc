import { table, wrap } from '../../test/support/markdown.mjs'
import { median, spread, sum } from '../runner.mjs'
import { cases } from '../throughput/cases.mjs'
import { variants } from '../throughput/variants.mjs'
import { behaviourLists } from './behaviour.mjs'

export const whole = (number) => Math.round(number).toLocaleString('en-US')
const [ones, tenths, hundredths] = [0, 1, 2].map((digits) => (number) => number.toFixed(digits))
const unless = (format, other) => (number) => (number === undefined || number === null ? other : format(number))

/** Those values of a key that there are, in their order. */
const distinct = (records, key) => [...new Set(records.map((record) => record[key]))]
const where = (records, wanted) => records.filter((record) => Object.entries(wanted).every(([key, value]) => record[key] === value))

// Throughput

const figuresOf = (samples, name, variant, key) => where(samples, { case: name, variant }).map((sample) => sample[key])

/** The spread of the ratios of two variants, each taken within a round. */
export function against(samples, name, own, base) {
  const bases = figuresOf(samples, name, base, 'rate')
  return spread(figuresOf(samples, name, own, 'rate').map((rate, round) => rate / bases[round]))
}

/** Shares as per cent, multiples as such. */
const ratioText = (ratio, least) => (least < 1 ? `${(ratio * 100).toFixed(1)} %` : `${ratio.toFixed(2)} ×`)

function aimTable(samples) {
  const rows = distinct(samples, 'case').flatMap((name) =>
    cases[name].aims.map(({ of, to, least }) => {
      const { median, min, max } = against(samples, name, of, to)
      return [name, variants[of].title, variants[to].title, ...[least, median, min, max].map((ratio) => ratioText(ratio, least))]
    }),
  )
  return table(['case', 'what', 'to what', 'aim', 'measured', 'min', 'max'], rows)
}

const CASE = ['', 'requests/s, median', 'min', 'max', 'of Fastify alone', 'CPU µs a request', 'p50 ms', 'p99 ms']

function caseText(samples, name) {
  const rows = distinct(where(samples, { case: name }), 'variant').map((variant) => {
    const [rate, cpu, p50, p99] = ['rate', 'cpu', 'p50', 'p99'].map((key) => spread(figuresOf(samples, name, variant, key)))
    const share = against(samples, name, variant, 'bare').median
    return [
      ...[variants[variant].title, whole(rate.median), whole(rate.min), whole(rate.max), `${ones(share * 100)} %`],
      ...[tenths(cpu.median), hundredths(p50.median / 1000), hundredths(p99.median / 1000)],
    ]
  })
  return `## ${cases[name].title}\n\n${table(CASE, rows)}`
}

/** This checkout to another. */
export function checkTable(pairs) {
  const cells = (pair, key) => {
    const { median, min, max } = spread(pair[0].samples.map((sample, round) => sample[key] / pair[1].samples[round][key]))
    return [median, min, max].map((ratio) => ratio.toFixed(3))
  }
  const rows = pairs.map((pair) => [pair[0].name, ...cells(pair, 'rate'), ...cells(pair, 'cpu')])
  return table(['this checkout to the base', 'requests/s', 'min', 'max', 'CPU µs a request', 'min', 'max'], rows)
}

// Micro

function wholeTable({ results }) {
  const baseOf = (name) => where(results, { case: name, variant: 'with @fastify/cookie' })[0].ns
  const rows = results.map((each) => [each.case, each.variant, ones(each.ns), ones(each.ns - baseOf(each.case))])
  return table(['case', 'variant', 'ns', 'beyond @fastify/cookie'], rows)
}

function httpTable(http) {
  const head = ['', 'request', 'of that the cookie', 'reply', 'of that headers beyond bare']
  const title = ({ kind, name }) => `${kind}: ${name === 'bare' ? 'Fastify alone' : name}`
  const rows = distinct(http, 'kind').flatMap((kind) => where(http, { kind }))
  return table(
    head,
    rows.map((row) => [title(row), ...[row.sent, row.cookie, row.received, row.beyond].map(whole)]),
  )
}

const lineList = (http) =>
  http
    .filter(({ lines }) => lines !== '')
    .map(({ name, kind, lines }) =>
      wrap(
        `${name}, ${kind}: ${lines
          .split('\n')
          .map((line) => `\`${line}\``)
          .join(' ')}`,
        '- ',
      ),
    )
    .join('\n')

const PAYLOADS = ['JSON.stringify', 'JsonCodec', '@fastify/session']

function trafficTable(traffic) {
  const kinds = distinct(traffic, 'kind')
  const heads = traffic.filter(({ kind }) => kind === kinds[0])
  const rows = heads.map(({ store, options }) => [
    `${store}, ${options}`,
    ...where(traffic, { store, options }).map(({ sent, received }) => `${whole(sent)} + ${whole(received)}`),
  ])
  return table(['', ...kinds], rows)
}

const bytesOf = (packages) => sum(packages.map(({ bytes }) => bytes))

function installTable(installs) {
  const known = new Set(where(installs, { for: 'fastify' }).map(({ name, version }) => `${name}@${version}`))
  const rows = distinct(installs, 'for').map((name) => {
    const packages = where(installs, { for: name })
    const beyond = packages.filter((each) => !known.has(`${each.name}@${each.version}`))
    return [name, whole(packages.length), whole(bytesOf(packages)), name === 'fastify' ? '' : whole(bytesOf(beyond))]
  })
  return table(['', 'packages', 'bytes', 'bytes that Fastify does not bring'], rows)
}

function installList(installs) {
  const names = distinct(installs, 'for').filter((name) => name !== 'fastify')
  const list = (name) => where(installs, { for: name }).map((each) => `${each.name} ${whole(each.bytes)}`)
  return names.map((name) => wrap(`${name}: ${list(name).join(', ')}`, '- ')).join('\n')
}

function importTable(imports) {
  const rows = imports.map(({ name, median, min, max, modules, packages }) => [
    ...[name, ...[median, min, max].map(tenths), whole(modules)],
    String(packages.split(', ').filter(Boolean).length),
  ])
  return table(['', 'ms, median', 'min', 'max', 'files', 'packages'], rows)
}

const CLEANUP = { calm: 'reads without clean-up', busy: 'reads during clean-up', batches: 'batches of 1,000' }

function cleanupTable({ results }) {
  const title = ({ name, what, seconds }) => `${name}: ${CLEANUP[what]}${seconds === undefined ? '' : `, ${tenths(seconds)} s in all`}`
  const rows = ['PostgreSQL', 'MariaDB'].flatMap((name) => Object.keys(CLEANUP).flatMap((what) => where(results, { name, what })))
  return table(
    ['', 'count', 'p50 ms', 'p99 ms', 'max ms', 'over 100 ms'],
    rows.map((row) => [title(row), String(row.count), ...[row.p50, row.p99, row.max].map(tenths), String(row.over100)]),
  )
}

// Scale

const READS = {
  find: 'Reading a session',
  touch: 'Prolonging one',
  update: 'Replacing one',
  load: 'The load of a request: token hashed, session found and its record read',
}
const KINDS = { store: 'MemoryStore', full: 'MemoryStore at its limit', map: 'a plain Map' }
const labelOf = (label) => (label === 'hot' ? '1,000 of them in use' : whole(label))

const readTables = (reads) =>
  Object.entries(READS)
    .map(([verb, title]) => {
      const head = [title, 'ns, median', 'min', 'max', 'to the fewest']
      const cells = ({ kind, label, median, min, max, ratio }) => [
        `${KINDS[kind]}, ${labelOf(label)}`,
        ...[median, min, max].map(whole),
        hundredths(ratio),
      ]
      return table(head, where(reads, { verb }).map(cells))
    })
    .join('\n\n')

const bytesTable = (bytes) =>
  table(
    ['bytes a session', 'payload, key and owner', 'heap above them', 'memory of the process above them'],
    bytes.map(({ kind, owned, payload, above, rssAbove }) => [
      `${kind === 'Map' ? 'a plain Map' : kind}${owned ? ', each with an owner' : ''}`,
      ...[payload, above, rssAbove].map(whole),
    ]),
  )

const pluginTable = (plugins) =>
  table(
    ['bytes that a request leaves behind', 'sessions', 'heap', 'memory of the process'],
    plugins.map(({ kind, loggedIn, sessions, heap, rss }) => [
      `${kind}: ${loggedIn ? 'a user logs in' : 'a stranger looks at a page'}`,
      ...[sessions, heap, rss].map(whole),
    ]),
  )

const PAUSES = ['', 'call p50 µs', 'p99 µs', 'max ms', 'collector max ms', 'loop p99 ms', 'loop max ms', 'a call’s own max ms']
const PHASES = { fill: 'filling', evict: 'evicting: 30 % more', expire: 'expiry: all of it' }

/** The medians of the runs; a call's own time is from those with the collector in one piece. */
function pauseTable(pauses) {
  const phases = Object.entries(PHASES)
  const lives = [false, true].flatMap((owned) =>
    phases.map(([phase, label]) => [`${label}${owned ? ', with owners' : ''}`, { kind: 'MemoryStore', owned, phase }]),
  )
  const rows = [...lives, ['filling a plain Map', { kind: 'Map' }]].map(([label, wanted]) => {
    const middle = (key, apart = false) => median(where(pauses, { ...wanted, apart }).map((run) => run[key]))
    const figures = [1000 * middle('p50'), 1000 * middle('p99'), ...['max', 'gcMax', 'loopP99', 'loopMax'].map((key) => middle(key))]
    return [label, ...[...figures, middle('ownMax', true)].map(tenths)]
  })
  return table(PAUSES, rows)
}

function startText(pauses) {
  const { startMs, stopMs } = pauses[0]
  return `Making a store takes ${hundredths(startMs)} ms, closing a manager with a full one ${hundredths(stopMs)} ms.`
}

const findTable = (finds) =>
  table(
    ['sessions', 'ns a find, median', 'min', 'max', 'to the fewest', 'bytes of the file a session'],
    finds.map(({ size, bytes, median, min, max, ratio }) => [
      ...[whole(size), ...[median, min, max].map(whole)],
      ...[hundredths(ratio), whole(bytes)],
    ]),
  )

const openingText = ([{ size, closeMs, openMs }]) =>
  `Closing takes ${tenths(closeMs)} ms with ${whole(size)} sessions, opening with a first find ${tenths(openMs)} ms.`

function cleaningTable([batches, reads]) {
  const loop = { count: reads.loopCount, p50: reads.loopP50, p99: reads.loopP99, max: reads.loopMax }
  const rows = Object.entries({ 'batches, on the disk': batches, 'reads meanwhile': reads, 'event loop meanwhile': loop })
  return table(
    [`removing ${whole(batches.removed)} expired, ms`, 'count', 'p50', 'p99', 'max'],
    rows.map(([label, { count, p50, p99, max }]) => [label, whole(count), hundredths(p50), hundredths(p99), tenths(max)]),
  )
}

const sqlTable = (sql) =>
  table(
    ['', 'find p50 ms', 'p99 ms', 'reads/s, median', 'min', 'max', 'to the fewest', 'first find ms'],
    sql.map(({ name, size, p50, p99, rate, rateMin, rateMax, ratio, first }) => [
      ...[`${name}, ${whole(size)}`, hundredths(p50), hundredths(p99)],
      ...[...[rate, rateMin, rateMax].map(whole), hundredths(ratio), tenths(first)],
    ]),
  )

/** Of the tables those whose records there are: a part of scale may be measured alone. */
const present = (results, makers) =>
  Object.fromEntries(Object.entries(makers).flatMap(([mark, [name, make]]) => (results[name] ? [[mark, make(results[name])]] : [])))

// Nodes

const ofShares = (names) => ['own', 'shared'].flatMap((share) => names.map((name) => `${share} ${name}`))
const ofProcesses = (record, name) =>
  Object.keys(record)
    .filter((key) => key.startsWith(`${name} of `))
    .map((key) => whole(record[key]))
    .join(' ')

const RATES = ['', 'requests/s', 'min', 'max', '200', '409', '503', 'servers, µs', 'database, µs', 'client, µs']
const rateRow = (each) => [
  ...[each.title, ...['rate', 'rate min', 'rate max', 200, 409, 503].map((key) => whole(each[key] ?? 0))],
  ...['servers', 'database', 'client'].map((key) => unless(tenths, '')(each[key])),
]

const TIMES = ['', 'own: p50 ms', 'p99', 'max', 'shared: p50 ms', 'p99', 'max', 'requests of each process', 'Jain']
const timeRow = (each) => [
  ...[each.title, ...ofShares(['p50', 'p99', 'max']).map((key) => unless(tenths, '')(each[key]))],
  ...[ofProcesses(each, 'requests'), each.jain.toFixed(4)],
]

const CALLS = ['', 'writes', 'lookups', 'saves', 'refused', 'retries', 'lookups a write', 'saves a write', 'shared writes of each process']
function callRow(each) {
  const [requests, ...rest] = ['requests', 'finds', 'updates', 'conflicts', 'retries'].map((name) => each[`shared ${name}`])
  const ratios = rest.slice(0, 2).map((count) => hundredths(count / requests))
  return [each.title, ...[requests, ...rest].map(whole), ...ratios, ofProcesses(each, 'shared requests')]
}

const nodesText = ({ databases, settings }) =>
  databases
    .map(({ name, engine, said }) => {
      const all = where(settings, { name })
      const shared = all.filter((each) => each['shared requests'] > 0)
      return `## ${engine}

${said}.

${table(RATES, all.map(rateRow))}

${table(TIMES, all.map(timeRow))}

Calls of the store for the session that all share, counted in the servers, all rounds together:

${table(CALLS, shared.map(callRow))}`
    })
    .join('\n\n')

/** Of each result the tables, by the marks of their places on its page. */
export const TABLES = {
  latest: ({ samples }) => ({
    aims: aimTable(samples),
    cases: distinct(samples, 'case')
      .map((name) => caseText(samples, name))
      .join('\n\n'),
  }),
  whole: (results) => ({ results: wholeTable(results) }),
  cost: ({ costs }) => ({
    costs: table(
      ['part', 'ns, median', 'ns, best'],
      costs.map(({ name, median, min }) => [name, ones(median), ones(min)]),
    ),
  }),
  timing: ({ rows }) => ({
    rows: table(
      ['', 'look-ups', 'near, ns', 'random, ns', 't'],
      rows.map(({ hashToken, kept, near, random, t }) => [
        hashToken ? 'hashed tokens (the default)' : 'hashToken: false',
        ...[`${kept * 100} %`, ones(near), ones(random), hundredths(t)],
      ]),
    ),
  }),
  footprint: ({ http, payloads, traffic, packed: [packed], installs, imports }) => ({
    http: httpTable(http),
    lines: lineList(http),
    payloads: table(
      ['', ...PAYLOADS],
      payloads.map((row) => [row.session, ...PAYLOADS.map((name) => unless(whole, 'not possible')(row[name]))]),
    ),
    traffic: trafficTable(traffic),
    packed: `Packed ${whole(packed.size)} bytes, unpacked ${whole(packed.unpackedSize)} in ${packed.files} files (with type declarations).`,
    installs: installTable(installs),
    installed: installList(installs),
    imports: importTable(imports),
    loaded: wrap(`The entry of fastify-scs loads ${where(imports, { name: 'fastify-scs' })[0].packages}: no driver, no typebox.`),
  }),
  sizes: ({ rows }) => ({
    rows: table(
      ['', 'without an owner', 'with one'],
      rows.map(({ name, without, owned }) => [name, String(without), String(owned)]),
    ),
  }),
  cleanup: (results) => ({ results: cleanupTable(results) }),
  layouts: ({ rows }) => ({
    rows: table(
      ['MariaDB, µs of the server', 'plain', 'SCS’s'],
      rows.map(({ name, plain, scs }) => [name, tenths(plain), tenths(scs)]),
    ),
  }),
  scale: (results) =>
    present(results, {
      reads: ['reads', readTables],
      bytes: ['bytes', bytesTable],
      plugins: ['plugins', pluginTable],
      pauses: ['pauses', pauseTable],
      starts: ['pauses', startText],
      finds: ['finds', findTable],
      openings: ['openings', openingText],
      cleaning: ['cleaning', cleaningTable],
      sql: ['sql', sqlTable],
    }),
  nodes: (results) => ({ engines: nodesText(results) }),
  behaviour: (results) => ({ rows: behaviourLists(results) }),
}
