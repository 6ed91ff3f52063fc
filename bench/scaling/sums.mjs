import { CHOSEN } from './figures.mjs'

/** Three figures that count, more where there are more before the point. */
export function short(number) {
  if (number >= 100) return Math.round(number).toLocaleString('en-US')
  return String(Number(number.toPrecision(3)))
}

const MILLION = 1e6

/** Sums that say how they were made. */
export function sumsOf(figures) {
  const chosen = Object.fromEntries(Object.entries(CHOSEN).map(([name, { value }]) => [name, value]))
  const get = (name) => {
    const value = figures[name]?.value
    if (value === undefined) throw new Error(`bench/results/ has no ${name}: measure it with all engines, where there is a /proc`)
    return value
  }
  const mix = (read, write) => (1 - chosen.writes) * read + chosen.writes * write
  const mixText = (read, write) => `${short(1 - chosen.writes)} × ${short(read)} + ${short(chosen.writes)} × ${short(write)}`
  return { chosen, get, mix, mixText }
}

/** What a core does that does nothing else. */
export function coreRows(figures) {
  const { get, chosen, mix, mixText } = sumsOf(figures)
  const rows = []
  for (const [name, engine] of [
    ['redis', 'Redis'],
    ['postgres', 'PostgreSQL'],
  ]) {
    for (const [part, title] of [
      ['node', `a core of Node, sessions in ${engine}`],
      ['database', name === 'redis' ? 'a Redis master, one core for its commands' : 'a core of PostgreSQL'],
    ]) {
      const [read, write] = [get(`${name}.read.${part}`), get(`${name}.write-0.${part}`)]
      rows.push([`${title}: reads/s`, `1,000,000 / ${short(read)}`, short(MILLION / read)])
      rows.push([`${title}: writes/s`, `1,000,000 / ${short(write)}`, short(MILLION / write)])
      const mixed = mix(read, write)
      rows.push([
        `${title}: mixed, as planned`,
        `${short(chosen.busy)} × 1,000,000 / (${mixText(read, write)})`,
        short((chosen.busy * MILLION) / mixed),
      ])
    }
  }
  for (const [name, title] of [
    ['redis', 'sessions in a GB of Redis data'],
    ['postgres', 'sessions in a GB of a fresh PostgreSQL table'],
  ])
    rows.push([title, `1,000,000,000 / ${short(get(`${name}.bytes`))}`, short(1e9 / get(`${name}.bytes`))])
  for (const [kind, title] of [
    ['read', 'read'],
    ['write', 'write-0'],
  ]) {
    const [full, plain] = [get(`redis.${title}.database`), get(`redis.plain-${kind}.database`)]
    rows.push([`\`owner\` and \`idleTimeout\` in a ${kind}, µs of Redis`, `${short(full)} - ${short(plain)}`, short(full - plain)])
  }
  const perMaster = (chosen.master * 1e9) / get('redis.bytes')
  rows.push(['sessions in a Redis master', `${chosen.master} GB / ${short(get('redis.bytes'))}`, short(perMaster)])
  return rows
}

function memoryRows({ chosen, get }) {
  const bytes = get('redis.bytes')
  const data = (chosen.sessions * bytes) / 1e9
  const masters = Math.ceil(data / chosen.master)
  const machines = data * chosen.fragmentation * chosen.fork * chosen.copies
  const index = ((bytes - get('redis.bytes.plain')) * chosen.sessions) / 1e9
  return {
    masters,
    rows: [
      ['data, GB', `1,000,000,000 × ${short(bytes)}`, short(data)],
      ['of that owners and their index, GB', `1,000,000,000 × (${short(bytes)} - ${short(get('redis.bytes.plain'))})`, short(index)],
      ['memory of all machines, GB', `${short(data)} × ${chosen.fragmentation} × ${chosen.fork} × ${chosen.copies}`, short(machines)],
      ['masters by memory', `${short(data)} / ${chosen.master}`, String(masters)],
    ],
  }
}

function workRows({ chosen, get, mix, mixText }) {
  const [read, write] = [get('redis.read.database'), get('redis.write-0.database')]
  const logins = chosen.sessions / chosen.lifetime
  const cores = (chosen.requests * mix(read, write)) / MILLION
  // Four round trips where a write has two.
  const loginCores = (logins * 2 * write) / MILLION
  const masters = Math.ceil((cores + loginCores) / chosen.busy)
  return {
    ...{ masters, logins },
    rows: [
      ['log-ins a second', `1,000,000,000 / ${short(chosen.lifetime)}`, short(logins)],
      ['cores of Redis for the requests', `1,000,000 × (${mixText(read, write)}) / 1,000,000`, short(cores)],
      ['cores of Redis for the log-ins', `${short(logins)} × 2 × ${short(write)} / 1,000,000`, short(loginCores)],
      ['masters by work', `(${short(cores)} + ${short(loginCores)}) / ${chosen.busy}`, String(masters)],
    ],
  }
}

function nodeRows({ chosen, get, mix, mixText }, masters) {
  const [read, write] = [get('redis.read.node'), get('redis.write-0.node')]
  const processes = Math.ceil((chosen.requests * mix(read, write)) / MILLION / chosen.busy)
  return [
    [
      'Node processes, for Fastify and sessions alone',
      `1,000,000 × (${mixText(read, write)}) / 1,000,000 / ${chosen.busy}`,
      short(processes),
    ],
    ['connections of a master', 'one of each process', short(processes)],
    ['connections of a process', 'one to each master', short(masters)],
    ['connections in all', `${short(processes)} × ${masters}`, short(processes * masters)],
  ]
}

function networkRows({ chosen, get, mix, mixText }, masters, logins) {
  const [read, write] = [get('redis.wire.read'), get('redis.wire.write')]
  const payload = (chosen.requests * mix(read, write)) / 1e6
  const trips = mix(1, 2)
  const packets = (chosen.requests * trips * 2 * chosen.header) / 1e6
  const forLogins = (logins * get('redis.wire.log-in')) / 1e6
  const all = payload + forLogins + packets
  const http = (chosen.requests * get('http')) / 1e6
  return [
    ['between Node and Redis, MB/s', `1,000,000 × (${mixText(read, write)})`, short(payload)],
    ['the same for the log-ins, MB/s', `${short(logins)} × ${short(get('redis.wire.log-in'))}`, short(forLogins)],
    ['their packets’ headers at least, MB/s', `1,000,000 × ${short(trips)} round trips × 2 × ${chosen.header}`, short(packets)],
    ['of a master, Mbit/s', `(${short(payload)} + ${short(forLogins)} + ${short(packets)}) × 8 / ${masters}`, short((all * 8) / masters)],
    ['what sessions add to HTTP, MB/s', `1,000,000 × ${short(get('http'))}`, short(http)],
  ]
}

/** What a thousand million sessions and a million requests a second need. */
export function paperRows(figures) {
  const sums = sumsOf(figures)
  const [memory, work] = [memoryRows(sums), workRows(sums)]
  const masters = Math.max(memory.masters, work.masters)
  const { chosen } = sums
  return [
    ...[...memory.rows, ...work.rows],
    ['**masters**, the larger of both', `max(${memory.masters}, ${work.masters})`, `**${masters}**, and as many replicas`],
    [
      'memory of each machine, GB',
      `${short((chosen.sessions * sums.get('redis.bytes')) / 1e9)} × ${chosen.fragmentation} × ${chosen.fork} / ${masters}`,
      short(((chosen.sessions * sums.get('redis.bytes')) / 1e9 / masters) * chosen.fragmentation * chosen.fork),
    ],
    ['sessions of a master', `1,000,000,000 / ${masters}`, short(chosen.sessions / masters)],
    ['sessions of a master that expire in a second', `${short(work.logins)} / ${masters}`, short(work.logins / masters)],
    ['slots of a master', `16,384 / ${masters}`, short(16_384 / masters)],
    [
      'GB that move when a master is added',
      `1,000,000,000 × ${short(sums.get('redis.bytes'))} / ${masters + 1}`,
      short((chosen.sessions * sums.get('redis.bytes')) / 1e9 / (masters + 1)),
    ],
    ...[...nodeRows(sums, masters), ...networkRows(sums, masters, work.logins)],
  ]
}

/** The same on PostgreSQL, to see where it ends. */
export function postgresRows(figures) {
  const { chosen, get, mix, mixText } = sumsOf(figures)
  const [read, write] = [get('postgres.read.database'), get('postgres.write-0.database')]
  const [fresh, logins] = [(chosen.sessions * get('postgres.bytes')) / 1e9, chosen.sessions / chosen.lifetime]
  const cores = (chosen.requests * mix(read, write)) / MILLION / chosen.busy
  return [
    ['table and indexes, GB', `1,000,000,000 × ${short(get('postgres.bytes'))} × ${chosen.bloat}`, short(fresh * chosen.bloat)],
    ['cores of PostgreSQL', `1,000,000 × (${mixText(read, write)}) / 1,000,000 / ${chosen.busy}`, short(cores)],
    [
      'share of its time that one process cleans up',
      `${short(logins)} / ${short(get('postgres.cleanup'))}`,
      short(logins / get('postgres.cleanup')),
    ],
    [
      'between Node and PostgreSQL, MB/s',
      `1,000,000 × (${mixText(get('postgres.wire.read'), get('postgres.wire.write'))}) + ${short(logins)} × ${short(get('postgres.wire.log-in'))}`,
      short((chosen.requests * mix(get('postgres.wire.read'), get('postgres.wire.write')) + logins * get('postgres.wire.log-in')) / 1e6),
    ],
    ['commits a second', `1,000,000 × ${chosen.writes} + ${short(logins)}`, short(chosen.requests * chosen.writes + logins)],
  ]
}
