import { setTimeout as sleep } from 'node:timers/promises'
import { clients, fillTable, LARGE, madeKey, onServer, storeOn } from '../../test/support/databases.mjs'
import { compare, inLanes, interleave, median, shape, startReads } from '../runner.mjs'
import { draw } from './data.mjs'

const [READERS, ROUNDS, ROUND_MS] = [8, 7, 1000]

const tableOf = (size) => `sessions_${size}`
const POOL = { PostgreSQL: { max: READERS }, MariaDB: { connectionLimit: READERS } }
const poolOf = (name, port) => clients[name](port, POOL[name])
const findAny = (store, size) => store.find(madeKey('', draw(size)), { expiry: true })

/** Some reads at a time for a second: how long each took. */
async function readFor({ store, size }) {
  const stop = startReads(READERS, () => findAny(store, size))
  await sleep(ROUND_MS)
  return stop()
}

/** Milliseconds of the first read of a new pool: connecting, preparing and reading. */
async function firstFind(name, port, size) {
  const took = []
  await inLanes(1, ROUNDS, async () => {
    const pool = poolOf(name, port)
    const store = await storeOn(name, pool, { table: tableOf(size) })
    const start = performance.now()
    await findAny(store, size)
    took.push(performance.now() - start)
    await pool.end()
  })
  return median(took)
}

async function filled(name, pool, size) {
  const store = await storeOn(name, pool, { table: tableOf(size) })
  await store.migrate()
  await fillTable(name, pool, { table: tableOf(size), prefix: '', count: size, from: 1, days: 1 })
  console.error(`  ${name}: ${size} sessions written`)
  return { size, store }
}

async function measure(name, port, pool, sizes) {
  const places = []
  for (const size of sizes) places.push(await filled(name, pool, size))
  await interleave([places], { rounds: ROUNDS }, readFor)
  const ratesOf = ({ samples }) => samples.map((took) => (took.length / ROUND_MS) * 1000)
  const results = []
  for (const place of places) {
    const first = await firstFind(name, port, place.size)
    const rates = compare(ratesOf(place), ratesOf(places[0]))
    const { median: rate, min: rateMin, max: rateMax, ratio } = rates
    results.push({ name, size: place.size, ...shape(place.samples.flat()), rate, rateMin, rateMax, ratio, first })
  }
  return results
}

/** PostgreSQL and MariaDB on servers of their own: a table for each size, all of them in memory. */
export async function sql({ sizes }) {
  const results = []
  for (const name of Object.keys(LARGE)) {
    const measured = await onServer(name, LARGE[name], async ({ mine, port }) => {
      const pool = poolOf(name, port)
      mine.teardown(() => pool.end())
      return measure(name, port, pool, sizes)
    })
    results.push(...measured)
  }
  return results
}
