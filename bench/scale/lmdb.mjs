import { statSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { LmdbStore } from '../../dist/stores/lmdb.js'
import { inTemporaryFolder } from '../../test/support/processes.mjs'
import { compare, inLanes, interleave, median, shape } from '../runner.mjs'
import { draw, FIRST_END, keyOf, NOW, recordOf } from './data.mjs'
import { Watch } from './watch.mjs'

const [ROUNDS, BATCHES, BATCH] = [7, 12, 1000]
// With fewer a commit, the filling of random keys takes minutes.
const AT_ONCE = 50_000
/** How many reads come between two turns of the event loop. */
const READS = 10

/** One in ten ends before all others, so that a clock can be set between them. */
const isEarly = (i) => i % 10 === 0
const early = (i, record) => (isEarly(i) ? { ...record, expiresAt: FIRST_END - 1 } : record)

const fill = (store, size) => inLanes(AT_ONCE, size, (i) => store.create(keyOf(i), early(i, recordOf(i, false))))

function time(store, size) {
  const took = []
  for (let batch = 0; batch < BATCHES; batch++) {
    const keys = Array.from({ length: BATCH }, () => keyOf(draw(size)))
    const start = process.hrtime.bigint()
    for (const key of keys) if (store.find(key) === undefined) throw new Error('a session is gone')
    took.push(Number(process.hrtime.bigint() - start) / BATCH)
  }
  return median(took)
}

async function find(places) {
  await interleave([places], { rounds: ROUNDS }, ({ store, size }) => time(store, size))
  return places.map(({ size, bytes, samples }) => ({ size, bytes, ...compare(samples, places[0].samples) }))
}

/** Closes and opens it again, with everything in it. */
async function reopen(place, options) {
  const begin = performance.now()
  await place.store.close()
  const closed = performance.now()
  const store = new LmdbStore(place.folder, options)
  store.find(keyOf(1))
  return { store, closeMs: closed - begin, openMs: performance.now() - closed }
}

/** As the manager cleans, while sessions are read: how long batches, reads and the event loop took. */
async function expire(store, size) {
  const [took, watch] = [[], new Watch()]
  let going = true
  const reading = (async () => {
    for (; going; await nextTurn()) {
      const keys = Array.from({ length: READS }, () => keyOf(1 + 10 * draw(Math.floor(size / 10))))
      for (const key of keys) if (watch.call(() => store.find(key)) === undefined) throw new Error('a living session is gone')
    }
  })()
  let removed = 0
  for (let last = store.cleanupBatch; last === store.cleanupBatch; removed += last) {
    const start = performance.now()
    last = await store.deleteExpired(store.cleanupBatch)
    took.push(performance.now() - start)
    await nextTurn()
  }
  going = false
  await reading
  return [
    { what: 'batches', removed, ...shape(took) },
    { what: 'reads', ...(await watch.end()) },
  ]
}

async function filled(folder, size, clock) {
  const place = { size, folder: join(folder, String(size)) }
  place.store = new LmdbStore(place.folder, { clock })
  await fill(place.store, size)
  place.bytes = statSync(join(place.folder, 'data.mdb')).size / size
  console.error(`  ${size} sessions written`)
  return place
}

export const lmdb = ({ sizes }) =>
  inTemporaryFolder(async (folder) => {
    let now = NOW
    const clock = () => now
    const places = []
    for (const size of sizes) places.push(await filled(folder, size, clock))
    const finds = await find(places)
    const { store, closeMs, openMs } = await reopen(places.at(-1), { clock })
    now = FIRST_END
    const cleaning = await expire(store, sizes.at(-1))
    await Promise.all([store, ...places.slice(0, -1).map((place) => place.store)].map((open) => open.close()))
    return { finds, openings: [{ size: sizes.at(-1), closeMs, openMs }], cleaning }
  })
