// `node bench/cleanup.mjs`: removes 1,000,000 expired rows among 100,000 living ones, in batches of 1,000, while sessions are read; prints how
// long the batches and the reads took, with the clean-up and without it.
import mysql from 'mysql2/promise'
import pg from 'pg'
import { circumstances } from '../test/support/circumstances.mjs'
import { loadEngines, owner } from '../test/support/engines.mjs'
import { table } from '../test/support/markdown.mjs'
import { save } from './report.mjs'

const EXPIRED = Number(process.env.EXPIRED ?? 1_000_000)
const LIVING = Number(process.env.LIVING ?? 100_000)
const READERS = 8
const CALM_MS = 10_000

const { startEngine, engineOf } = await loadEngines()

/** Memory for the table, as a database of this size would have it, and commits that are on the disk. */
const SETTINGS = {
  PostgreSQL: ['-c', 'shared_buffers=1GB', '-c', 'fsync=on'],
  MariaDB: ['--innodb-buffer-pool-size=1G'],
}

/** Fills the table as a year of sessions would have, faster than one by one. The living keys are `living0`, `living1` and so on. */
/** The present, as MysqlStore's plain table keeps it. */
const NOW = "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(3)) DIV 1000"

const FILL = {
  async PostgreSQL(port) {
    const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' })
    await client.connect()
    const rows = (prefix, count, expiry) =>
      client.query(
        `INSERT INTO sessions (token, data, expiry, owner)
         SELECT '${prefix}' || i, decode(repeat(md5(i::text), 12), 'hex'), ${expiry}, 'user' || i % 50000 FROM generate_series(0, ${count - 1}) AS i`,
      )
    await rows('living', LIVING, "now() + interval '1 day'")
    await rows('expired', EXPIRED, "now() - random() * interval '1 day'")
    await client.query('VACUUM ANALYZE sessions')
    await client.end()
  },
  async MariaDB(port) {
    const connection = await mysql.createConnection({ host: '127.0.0.1', port, user: 'root', database: 'test' })
    const rows = (prefix, count, expiry) =>
      connection.query(
        `INSERT INTO sessions (token, data, expiry, owner)
         SELECT CONCAT('${prefix}', seq), UNHEX(REPEAT(MD5(seq), 12)), ${expiry}, CONCAT('user', seq % 50000) FROM seq_0_to_${count - 1}`,
      )
    await rows('living', LIVING, `${NOW} + 86400000`)
    await rows('expired', EXPIRED, `${NOW} - FLOOR(1 + RAND() * 86400) * 1000`)
    await connection.query('ANALYZE TABLE sessions')
    await connection.end()
  },
}

/** Reads living sessions, some at a time, until it is told to stop; gives how long each took, in milliseconds. */
function startReads(store) {
  const took = []
  let going = true
  const read = async () => {
    while (going) {
      const key = `living${Math.floor(Math.random() * LIVING)}`
      const start = performance.now()
      const found = await store.find(key, { expiry: true })
      took.push(performance.now() - start)
      if (found === undefined) throw new Error(`${key} is gone`)
    }
  }
  const readers = Array.from({ length: READERS }, read)
  return async () => {
    going = false
    await Promise.all(readers)
    return took
  }
}

async function clean(store) {
  const took = []
  for (let removed = 1000; removed === 1000; ) {
    const start = performance.now()
    removed = await store.deleteExpired(1000)
    took.push(performance.now() - start)
  }
  return took
}

function shape(times) {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))].toFixed(1)
  return { count: times.length, p50: at(0.5), p99: at(0.99), max: at(1), over100: times.filter((time) => time > 100).length }
}

async function measure(name) {
  const mine = owner()
  try {
    const engine = engineOf(name)
    const server = await startEngine(mine, engine, SETTINGS[name])
    await FILL[name](server.port)
    const store = await engine.connect(mine, server.port, READERS + 2)
    const stopCalm = startReads(store)
    await new Promise((resolve) => setTimeout(resolve, CALM_MS))
    const calm = shape(await stopCalm())
    const stopBusy = startReads(store)
    const start = performance.now()
    const batches = shape(await clean(store))
    const seconds = ((performance.now() - start) / 1000).toFixed(1)
    const busy = shape(await stopBusy())
    const left = await store.count()
    if (left !== LIVING) throw new Error(`${left} living sessions are left of ${LIVING}`)
    return { name, calm, busy, batches, seconds }
  } finally {
    await mine.end()
  }
}

const results = []
for (const name of Object.keys(FILL)) results.push(await measure(name))
const head = ['', 'count', 'p50 ms', 'p99 ms', 'max ms', 'over 100 ms']
const row = (label, { count, p50, p99, max, over100 }) => [label, String(count), p50, p99, max, String(over100)]
const rows = results.flatMap(({ name, calm, busy, batches, seconds }) => [
  row(`${name}: reads without clean-up`, calm),
  row(`${name}: reads during clean-up`, busy),
  row(`${name}: batches of 1,000, ${seconds} s in all`, batches),
])
const made = circumstances('node bench/cleanup.mjs', ['fastify-scs'])
const text = `# Clean-up under load

${EXPIRED.toLocaleString('en-US')} expired and ${LIVING.toLocaleString('en-US')} living rows of 192 bytes, 1 GB of memory for the table; ${READERS} readers, each one read after the other;
server and client share the machine.

${table(head, rows)}

Node ${made.node}, ${made.cpu}, ${made.date.slice(0, 10)}. \`${made.command}\`
`
console.log(text)
save('cleanup', { ...made, results }, text)
