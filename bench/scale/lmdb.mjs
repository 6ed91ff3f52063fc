import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { LmdbStore } from '../../dist/stores/lmdb.js'
import { median } from '../report.mjs'
import { draw, FIRST_END, keyOf, NOW, recordOf } from './data.mjs'
import { compare, Times } from './figures.mjs'
import { Watch } from './watch.mjs'

const ROUNDS = 7
const BATCHES = 12
const BATCH = 1000
// With fewer a commit, the filling of random keys takes minutes.
const AT_ONCE = 50_000
/** How many reads come between two turns of the event loop. */
const READS = 10

/** One in ten ends before all others, so that a clock can be set between them. */
const isEarly = (i) => i % 10 === 0
const early = (i, record) => (isEarly(i) ? { ...record, expiresAt: FIRST_END - 1 } : record)

async function fill(store, size) {
  for (let first = 0; first < size; first += AT_ONCE) {
    const entries = Array.from({ length: Math.min(AT_ONCE, size - first) }, (_, i) => first + i)
    await Promise.all(entries.map((i) => store.create(keyOf(i), early(i, recordOf(i, false)))))
  }
}

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

function find(places) {
  const samples = places.map(() => [])
  for (let round = 0; round <= ROUNDS; round++) {
    places.forEach(({ store, size }, place) => {
      const nanoseconds = time(store, size)
      if (round > 0) samples[place].push(nanoseconds)
    })
  }
  return places.map(({ size, bytes }, place) => ({ size, bytes, find: compare(samples[place], samples[0]) }))
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
  const [batches, watch] = [new Times(), new Watch()]
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
    batches.add(performance.now() - start)
    await nextTurn()
  }
  going = false
  await reading
  return { removed, batches: batches.shape, ...(await watch.end()) }
}

export async function lmdb({ sizes }) {
  const folder = mkdtempSync(join(tmpdir(), 'scs-scale-'))
  let now = NOW
  const clock = () => now
  try {
    const places = []
    for (const size of sizes) {
      const place = { size, folder: join(folder, String(size)) }
      place.store = new LmdbStore(place.folder, { clock })
      await fill(place.store, size)
      place.bytes = statSync(join(place.folder, 'data.mdb')).size / size
      places.push(place)
      process.stderr.write(`  ${size} sessions written\n`)
    }
    const finds = find(places)
    const { store, closeMs, openMs } = await reopen(places.at(-1), { clock })
    now = FIRST_END
    const expiry = await expire(store, sizes.at(-1))
    await Promise.all([store, ...places.slice(0, -1).map((place) => place.store)].map((open) => open.close()))
    return { finds, closeMs, openMs, expiry }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
