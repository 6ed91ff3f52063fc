import { table } from '../../test/support/markdown.mjs'

/** What was chosen and not measured. */
const CHOSEN = {
  sessions: [1e9, 'living sessions'],
  requests: [1e6, 'requests a second with a session'],
  writes: [0.2, 'share of requests that save, the others read; half are changes, half touches, which cost no more'],
  lifetime: [86_400, 'seconds that a session lives: the default `lifetime` of 24 hours'],
  busy: [0.5, 'share of a core that is planned for; the rest is for peaks, and for what a failed neighbour leaves'],
  fragmentation: [1.3, 'memory of the process to bytes of data in Redis'],
  copies: [2, 'a master and one replica'],
  fork: [1.25, 'room for what is written while a snapshot or a rewrite of the log is made'],
  master: [25, 'GB of data in one Redis master, so that a replica can be filled in minutes'],
  bloat: [2, 'PostgreSQL: a busy table to a fresh one'],
  header: [66, 'bytes of Ethernet, IP and TCP with each packet'],
}

const STORES = { redis: ['Redis', 'RedisStore: memory'], postgres: ['PostgreSQL', 'PostgresStore: table and indexes'] }
const stores = Object.entries(STORES).map(([name, [engine, place]]) => ({ name, engine, place }))

const find = (records, wanted) => records.find((record) => Object.entries(wanted).every(([key, value]) => record[key] === value))

/** All that was measured and that the sums use: `[name, value, meaning, file]`. */
function figuresOf(read) {
  const [nodes, sizes, footprint, cleanup] = ['nodes', 'sizes', 'footprint', 'cleanup'].map(read)
  const times = stores.flatMap(({ name, engine }) =>
    ['plain-read', 'plain-write', 'read', 'write-0'].flatMap((setting) => {
      const { servers, database, title } = find(nodes.settings, { name, setting })
      const node = [`${name}.${setting}.node`, servers, `µs of Node for a request, ${engine}, ${title}`, 'nodes']
      const ofDatabase = [`${name}.${setting}.database`, database, `µs of ${engine} for a request, ${title}`, 'nodes']
      return setting.startsWith('plain') ? [ofDatabase] : [node, ofDatabase]
    }),
  )
  const bytes = stores.flatMap(({ name, place }) => {
    const { without, owned } = find(sizes.rows, { name: place })
    return [
      [`${name}.bytes.plain`, without, `bytes of a session, ${place}, no owner`, 'sizes'],
      [`${name}.bytes`, owned, 'the same with an owner who has this one session', 'sizes'],
    ]
  })
  const traffic = stores.flatMap(({ name, engine }) =>
    ['read', 'write', 'login'].map((kind) => {
      const { sent, received } = find(footprint.traffic, { store: engine, options: 'owner and idleTimeout', kind })
      return [`${name}.wire.${kind}`, sent + received, `bytes between application and ${engine} for a ${kind}`, 'footprint']
    }),
  )
  const { cookie, beyond } = find(footprint.http, { name: 'fastify-scs', kind: 'read' })
  const { count, seconds } = find(cleanup.results, { name: 'PostgreSQL', what: 'batches' })
  return [
    ...[...times, ...bytes, ...traffic],
    ['http', cookie + beyond, 'bytes that a session adds to a request and its reply', 'footprint'],
    ['postgres.cleanup', (count * 1000) / seconds, 'expired rows a second that one process removes', 'cleanup'],
  ]
}

/** Of reads and writes, as planned. */
const mixed = (read, write) => `{reads} × {${read}} + {writes} × {${write}}`
const mixedOf = (store, part) => mixed(`${store}.read.${part}`, `${store}.write-0.${part}`)

const PARTS = [
  ['redis', 'node', 'a core of Node, sessions in Redis'],
  ['redis', 'database', 'a Redis master, one core for its commands'],
  ['postgres', 'node', 'a core of Node, sessions in PostgreSQL'],
  ['postgres', 'database', 'a core of PostgreSQL'],
]

/**
 * Sums, as they are shown: names in braces are figures or earlier results. `as` names the result, `per` divides it, `up` rounds it up, `shown`
 * takes the place of the sum; what has no title is not shown.
 */
const SUMS = {
  /** What a core does that does nothing else. */
  core: [
    ...PARTS.flatMap(([store, part, title]) => [
      [`${title}: reads/s`, `1,000,000 / {${store}.read.${part}}`],
      [`${title}: writes/s`, `1,000,000 / {${store}.write-0.${part}}`],
      [`${title}: mixed, as planned`, `{busy} × 1,000,000 / (${mixedOf(store, part)})`],
    ]),
    ['sessions in a GB of Redis data', '1,000,000,000 / {redis.bytes}'],
    ['sessions in a GB of a fresh PostgreSQL table', '1,000,000,000 / {postgres.bytes}'],
    ['`owner` and `idleTimeout` in a read, µs of Redis', '{redis.read.database} - {redis.plain-read.database}'],
    ['`owner` and `idleTimeout` in a write, µs of Redis', '{redis.write-0.database} - {redis.plain-write.database}'],
    ['sessions in a Redis master', '{master} GB / {redis.bytes}'],
  ],
  /** What a thousand million sessions and a million requests a second need. A login has four round trips where a write has two. */
  paper: [
    ['data, GB', '{sessions} × {redis.bytes}', { as: 'data', per: 1e9 }],
    ['of that owners and their index, GB', '{sessions} × ({redis.bytes} - {redis.bytes.plain})', { per: 1e9 }],
    ['memory of all machines, GB', '{data} × {fragmentation} × {fork} × {copies}'],
    ['masters by memory', '{data} / {master}', { as: 'by memory', up: true }],
    ['logins a second', '{sessions} / {lifetime}', { as: 'logins' }],
    ['cores of Redis for the requests', `{requests} × (${mixedOf('redis', 'database')}) / 1,000,000`, { as: 'cores' }],
    ['cores of Redis for the logins', '{logins} × 2 × {redis.write-0.database} / 1,000,000', { as: 'login cores' }],
    ['masters by work', '({cores} + {login cores}) / {busy}', { as: 'by work', up: true }],
    [
      '**masters**, the larger of both',
      'max({by memory}, {by work})',
      { as: 'masters', result: (text) => `**${text}**, and as many replicas` },
    ],
    ['memory of each machine, GB', '{data} × {fragmentation} × {fork} / {masters}'],
    ['sessions of a master', '{sessions} / {masters}'],
    ['sessions of a master that expire in a second', '{logins} / {masters}'],
    ['slots of a master', '16,384 / {masters}'],
    [undefined, '{masters} + 1', { as: 'one more' }],
    ['GB that move when a master is added', '{sessions} × {redis.bytes} / {one more}', { per: 1e9 }],
    [
      'Node processes, for Fastify and sessions alone',
      `{requests} × (${mixedOf('redis', 'node')}) / 1,000,000 / {busy}`,
      { as: 'processes', up: true },
    ],
    ['connections of a master', '{processes}', { shown: 'one of each process' }],
    ['connections of a process', '{masters}', { shown: 'one to each master' }],
    ['connections in all', '{processes} × {masters}'],
    ['between Node and Redis, MB/s', `{requests} × (${mixed('redis.wire.read', 'redis.wire.write')})`, { as: 'payload', per: 1e6 }],
    ['the same for the logins, MB/s', '{logins} × {redis.wire.login}', { as: 'for logins', per: 1e6 }],
    [undefined, '{reads} × 1 + {writes} × 2', { as: 'trips' }],
    ['their packets’ headers at least, MB/s', '{requests} × {trips} round trips × 2 × {header}', { as: 'packets', per: 1e6 }],
    ['of a master, Mbit/s', '({payload} + {for logins} + {packets}) × 8 / {masters}'],
    ['what sessions add to HTTP, MB/s', '{requests} × {http}', { per: 1e6 }],
  ],
  /** The same on PostgreSQL, to see where it ends. */
  postgres: [
    ['table and indexes, GB', '{sessions} × {postgres.bytes} × {bloat}', { per: 1e9 }],
    ['cores of PostgreSQL', `{requests} × (${mixedOf('postgres', 'database')}) / 1,000,000 / {busy}`],
    ['share of its time that one process cleans up', '{logins} / {postgres.cleanup}'],
    [
      'between Node and PostgreSQL, MB/s',
      `{requests} × (${mixed('postgres.wire.read', 'postgres.wire.write')}) + {logins} × {postgres.wire.login}`,
      { per: 1e6 },
    ],
    ['commits a second', '{requests} × {writes} + {logins}'],
  ],
}

/** Three figures that count, more where there are more before the point; nothing of what was not measured. */
function short(number) {
  if (number === undefined) return ''
  return number >= 100 ? Math.round(number).toLocaleString('en-US') : String(Number(number.toPrecision(3)))
}

/** The value of a sum, read as it is shown. */
function resultOf(sum, values) {
  const code = sum
    .replace(/\{([^}]+)\}/g, (_, name) => `(${values[name]})`)
    .replace(/(\d),(?=\d{3})/g, '$1')
    .replaceAll(' round trips', '')
    .replaceAll(' GB', ' * 1e9')
    .replaceAll('×', '*')
  return new Function('max', `return ${code}`)(Math.max)
}

function sumTable(sums, values) {
  const rows = []
  for (const [title, sum, { as, per = 1, up = false, shown = sum, result = (text) => text } = {}] of sums) {
    const value = resultOf(sum, values) / per
    const rounded = up ? Math.ceil(value) : value
    if (as !== undefined) values[as] = rounded
    const text = shown.replace(/\{([^}]+)\}/g, (_, name) => short(values[name]))
    if (title !== undefined) rows.push([title, text, result(short(rounded))])
  }
  return table(['what', 'sum', 'result'], rows)
}

const CONFLICTS = ['', 'writes/s', '503', 'lookups', 'saves', 'p50 ms', 'p99 ms', 'own p99 ms', 'Node', 'database']

/** What requests that meet at one session cost: each setting of each database. What the page says of the columns is written below the table. */
function conflictTable({ made: [{ rounds, seconds }], settings }) {
  const rows = settings
    .filter((each) => each['shared requests'] > 0)
    .map((each) => {
      const alone = find(settings, { name: each.name, setting: 'write-0' })
      const shared = (name) => each[`shared ${name}`]
      const figures = [
        shared('requests') / (rounds * seconds),
        each[503],
        shared('finds') / shared('requests'),
        shared('updates') / shared('requests'),
      ]
      const times = [shared('p50'), shared('p99'), each['own p99'], each.servers / alone.servers, each.database / alone.database]
      return [`${each.engine}, ${each.title}`, ...[...figures, ...times].map(short)]
    })
  return table(CONFLICTS, rows)
}

/** The tables of docs/scaling.md. `read` reads the results of a name. */
export function scalingTables(read) {
  const figures = figuresOf(read)
  const missing = figures.find(([, value]) => value === undefined)
  if (missing !== undefined) throw new Error(`bench/results/ has no ${missing[0]}: measure it with all databases, where there is a /proc`)
  const values = Object.fromEntries([...figures, ...Object.entries(CHOSEN).map(([name, [value]]) => [name, value])])
  values.reads = 1 - values.writes
  return {
    figures: table(
      ['measured', 'value', 'from'],
      figures.map(([, value, meaning, file]) => [meaning, short(value), `[${file}](../bench/results/${file}.md)`]),
    ),
    chosen: table(
      ['chosen', 'value'],
      Object.values(CHOSEN).map(([value, meaning]) => [meaning, short(value)]),
    ),
    core: sumTable(SUMS.core, values),
    conflicts: conflictTable(read('nodes')),
    paper: sumTable(SUMS.paper, values),
    postgres: sumTable(SUMS.postgres, values),
  }
}
