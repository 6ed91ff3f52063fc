import { createHash } from 'node:crypto'
import mysql from 'mysql2/promise'
import pg from 'pg'
import { median } from '../report.mjs'
import { draw } from './data.mjs'
import { compare, Times } from './figures.mjs'

const READERS = 8
const ROUNDS = 7
const ROUND_MS = 1000

const md5 = (text) => createHash('md5').update(text).digest('hex')
/** 43 characters without an order, which every engine can make by itself. */
const keyOf = (i) => `${md5(`${i}`)}${md5(`more ${i}`)}`.slice(0, 43)
const tableOf = (size) => `sessions_${size}`

/** Memory for the tables, as a database of this size would have it. */
const SETTINGS = { PostgreSQL: ['-c', 'shared_buffers=1GB'], MariaDB: ['--innodb-buffer-pool-size=1G'] }

const POOLS = {
  PostgreSQL: (port) => new pg.Pool({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres', max: READERS }),
  MariaDB: (port) => mysql.createPool({ host: '127.0.0.1', port, user: 'root', database: 'test', connectionLimit: READERS }),
}

const FILL = {
  async PostgreSQL(pool, size) {
    await pool.query(
      `INSERT INTO ${tableOf(size)} (token, data, expiry)
       SELECT left(md5(i::text) || md5('more ' || i), 43), decode(repeat(md5(i::text), 12), 'hex'), now() + (1 + random()) * interval '1 day'
       FROM generate_series(0, ${size - 1}) AS i`,
    )
    await pool.query(`VACUUM ANALYZE ${tableOf(size)}`)
  },
  // In the order of the keys, by which InnoDB keeps its rows: in any other this takes minutes.
  async MariaDB(pool, size) {
    await pool.query(
      `INSERT INTO ${tableOf(size)} (token, data, expiry)
       SELECT LEFT(CONCAT(MD5(seq), MD5(CONCAT('more ', seq))), 43) AS token, UNHEX(REPEAT(MD5(seq), 12)),
         TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(3)) DIV 1000 + FLOOR(86400000 * (1 + RAND()))
       FROM seq_0_to_${size - 1} ORDER BY token`,
    )
    await pool.query(`ANALYZE TABLE ${tableOf(size)}`)
  },
}

/** Some reads at a time for a second: reads a second, and milliseconds of each. */
async function readFor(store, size, times) {
  const end = performance.now() + ROUND_MS
  const read = async () => {
    let count = 0
    for (; performance.now() < end; count++) {
      const start = performance.now()
      const found = await store.find(keyOf(draw(size)), { expiry: true })
      times.add(performance.now() - start)
      if (found === undefined) throw new Error('a session is gone')
    }
    return count
  }
  const counts = await Promise.all(Array.from({ length: READERS }, read))
  return counts.reduce((sum, count) => sum + count, 0) / (ROUND_MS / 1000)
}

/** Milliseconds of the first read of a new pool. */
async function firstFind(makePool, Store, size) {
  const took = []
  for (let round = 0; round < ROUNDS; round++) {
    const pool = makePool()
    const store = new Store(pool, { table: tableOf(size) })
    const start = performance.now()
    await store.find(keyOf(draw(size)), { expiry: true })
    took.push(performance.now() - start)
    await pool.end()
  }
  return median(took)
}

async function filled(name, pool, Store, size) {
  const store = new Store(pool, { table: tableOf(size) })
  await store.migrate()
  await FILL[name](pool, size)
  process.stderr.write(`  ${name}: ${size} sessions written\n`)
  return { size, store, times: new Times(), rates: [] }
}

async function measure(name, makePool, pool, Store, sizes) {
  const places = []
  for (const size of sizes) places.push(await filled(name, pool, Store, size))
  // Rounds go over all sizes, so that what disturbs the machine disturbs them alike. Round 0 warms up.
  for (let round = 0; round <= ROUNDS; round++) {
    for (const { store, size, times, rates } of places) {
      const rate = await readFor(store, size, round === 0 ? new Times() : times)
      if (round > 0) rates.push(rate)
    }
  }
  const results = []
  for (const { size, times, rates } of places) {
    const first = await firstFind(makePool, Store, size)
    results.push({ name, size, ...times.shape, rate: compare(rates, places[0].rates), first })
  }
  return results
}

/** PostgreSQL and MariaDB on servers of their own: a table for each size, all of them in memory. */
export async function sql({ sizes }, { startDatabase, databaseOf }, owner, stores) {
  const results = []
  for (const name of Object.keys(FILL)) {
    const mine = owner()
    try {
      const server = await startDatabase(mine, databaseOf(name), SETTINGS[name])
      const makePool = () => POOLS[name](server.port)
      const pool = makePool()
      mine.teardown(() => pool.end())
      results.push(...(await measure(name, makePool, pool, stores[name], sizes)))
    } finally {
      await mine.end()
    }
  }
  return results
}
